using System.Diagnostics;
using Npgsql;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>The whole store in one file, by pg_dump, and back. Nothing is ever half written or half restored.</summary>
public static class Backup
{
    public static async Task WriteAsync(string connectionString, string file, CancellationToken cancel)
    {
        file = Path.GetFullPath(file);
        var part = file + ".part";
        try
        {
            // Made here first: the mode must be right before the first byte is in it.
            DataFolder.WriteSecret(part, "");
            await OutsideProgram.CheckAsync(Tool(connectionString, "pg_dump", "--format=custom", "--no-owner", "--no-acl", $"--file={part}"), cancel);
            File.Move(part, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PlainError($"The backup cannot be written to {file} ({e.Message}): name a file in a folder that exists and is ours.", e);
        }
        finally
        {
            if (File.Exists(part)) File.Delete(part);
        }
    }

    /// <param name="force">Also over a store that holds something.</param>
    public static async Task RestoreAsync(string connectionString, string file, bool force, CancellationToken cancel)
    {
        file = Path.GetFullPath(file);
        if (!File.Exists(file)) throw new PlainError($"There is no file {file}: name a backup that ./ops backup wrote.");
        await using (var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString))
        {
            await connection.OpenAsync(cancel);
            if (await OthersAsync(connection, cancel) is > 0 and var others)
                throw new PlainError($"{others} other connections use this database: stop every node (./ops run) first.");
            if (!force && await FilledAsync(connection, cancel) is { Count: > 0 } filled)
                throw new PlainError($"The store is not empty ({string.Join(", ", filled.Take(5))}): restore into a new --data directory, or say --force to replace all of it.");
        }
        await ReplaceAsync(connectionString, file, cancel);
    }

    /// <summary>pg_restore writes SQL, psql runs it in one transaction; its commit is sent only when pg_restore has read its file to the end.</summary>
    private static async Task ReplaceAsync(string connectionString, string file, CancellationToken cancel)
    {
        using var reader = OutsideProgram.Start(OutsideProgram.Info(PostgresBinaries.Program("pg_restore"), ["--no-owner", "--no-acl", "--file=-", file]));
        using var psql = OutsideProgram.Start(Tool(connectionString, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-"));
        var readerSaid = reader.StandardError.ReadToEndAsync(cancel);
        var psqlSaid = psql.StandardError.ReadToEndAsync(cancel);
        try
        {
            await psql.StandardInput.WriteLineAsync("begin; set local client_min_messages = error; drop schema public cascade; create schema public;".AsMemory(), cancel);
            await psql.StandardInput.FlushAsync(cancel);
            await reader.StandardOutput.BaseStream.CopyToAsync(psql.StandardInput.BaseStream, cancel);
            await reader.WaitForExitAsync(cancel);
            if (reader.ExitCode == 0) await psql.StandardInput.WriteLineAsync("commit;".AsMemory(), cancel);
            psql.StandardInput.Close();
        }
        catch (IOException)
        {
            // psql stopped at an error and closed its ear; what it said is below.
        }
        catch (OperationCanceledException)
        {
            psql.Kill();
            reader.Kill();
            throw;
        }
        await psql.WaitForExitAsync(cancel);
        if (psql.ExitCode != 0) throw new PlainError($"Nothing was restored, the store is as it was: {(await psqlSaid).Trim()}");
        await reader.WaitForExitAsync(cancel);
        if (reader.ExitCode != 0) throw new PlainError($"Nothing was restored, the store is as it was: {file} is not a whole backup ({(await readerSaid).Trim()})");
    }

    /// <summary>Sessions besides ours; one that was just closed has two seconds to be gone.</summary>
    private static async Task<long> OthersAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        for (var left = 20; left > 0 && await CountOthersAsync(connection, cancel) > 0; left--) await Task.Delay(100, cancel);
        return await CountOthersAsync(connection, cancel);
    }

    private static async Task<long> CountOthersAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'", connection);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Tables with rows, besides those that a first start fills by itself.</summary>
    private static async Task<IReadOnlyList<string>> FilledAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var tables = await ColumnAsync(connection, """
            select quote_ident(relname) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
            and relname not like 'qrtz\_%' and relname not in ('__EFMigrationsHistory', '__ef_migrations_history', 'data_protection_keys') order by 1
            """, cancel);
        return tables.Count == 0 ? [] : await ColumnAsync(connection, string.Join(" union all ", tables.Select(t => $"(select '{t.Replace("'", "''", StringComparison.Ordinal)}' from public.{t} limit 1)")), cancel);
    }

    private static async Task<IReadOnlyList<string>> ColumnAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var values = new List<string>();
        while (await reader.ReadAsync(cancel)) values.Add(reader.GetString(0));
        return values;
    }

    /// <summary>A client program of PostgreSQL, told by its environment where to connect: a password on a command line is seen by everybody.</summary>
    private static ProcessStartInfo Tool(string connectionString, string program, params string[] args)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        var info = OutsideProgram.Info(PostgresBinaries.Program(program), args);
        var hosts = (to.Host ?? "").Split(',').Select(h => h.Trim()).ToList();
        var ports = hosts.Select(h => !h.StartsWith('/') && h.LastIndexOf(':') is > 0 and var colon ? h[(colon + 1)..] : to.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        info.Environment["PGPORT"] = string.Join(',', ports);
        info.Environment["PGHOST"] = string.Join(',', hosts.Select(h => !h.StartsWith('/') && h.LastIndexOf(':') is > 0 and var colon ? h[..colon] : h));
        info.Environment["PGUSER"] = to.Username;
        info.Environment["PGPASSWORD"] = to.Password;
        info.Environment["PGDATABASE"] = to.Database ?? to.Username;
        info.Environment["PGAPPNAME"] = "picasoft-ops backup";
        if (hosts.Count > 1) info.Environment["PGTARGETSESSIONATTRS"] = "read-write";
        info.Environment["PGSSLMODE"] = to.SslMode switch { SslMode.VerifyCA => "verify-ca", SslMode.VerifyFull => "verify-full", var mode => Words.Of(mode) };
        if (to.RootCertificate is { } root) info.Environment["PGSSLROOTCERT"] = root;
        return info;
    }
}
