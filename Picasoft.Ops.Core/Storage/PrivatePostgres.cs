using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// A real PostgreSQL of our own, as a child process: data checksums, passwords by SCRAM, a Unix socket in a closed folder and no TCP at all.
/// A server that outlived its application (kill -9) is adopted; one that died is started again.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private readonly string _bin;
    private readonly string? _account;
    private readonly string _root;
    private readonly string _sockets;
    private readonly TimeProvider _time;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly CancellationTokenSource _stop = new();
    private Task _watch = Task.CompletedTask;

    private PrivatePostgres(string bin, PostgresPlace place, IReadOnlyDictionary<string, string>? settings, TimeProvider time)
    {
        (_bin, _account, _root, _sockets, _time) = (bin, place.Account, place.Folder, place.Sockets, time);
        _settings = settings ?? new Dictionary<string, string>(StringComparer.Ordinal);
    }

    /// <summary>Reaches the database <c>ops</c>.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Something worth telling happened: adopted, died, started again.</summary>
    public event Action<string>? Said;

    /// <summary>The server process; null when it is down.</summary>
    public int? ProcessId => ServerProcess.Of(Data);

    private string Data => Path.Combine(_root, "data");

    private string Log => Path.Combine(_root, "postgresql.log");

    /// <summary>Starts or adopts the server of a state directory, and keeps it running until disposed. The caller holds the directory's <see cref="DataLock"/>.</summary>
    /// <param name="settings">PostgreSQL settings over ours.</param>
    public static async Task<PrivatePostgres> StartAsync(string dataFolder, TimeProvider time, CancellationToken cancel, Action<string>? said = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        var bin = PostgresBinaries.Folder();
        var place = await PostgresPlace.PrepareAsync(dataFolder, cancel);
        var postgres = new PrivatePostgres(bin, place, settings, time);
        if (place.Note is { } note) said?.Invoke(note);
        postgres.Said += said;
        await postgres.CreateAsync(cancel);
        postgres.ConnectionString = postgres.To("ops");
        await postgres.EnsureRunningAsync(cancel);
        await postgres.CreateDatabaseAsync(cancel);
        postgres._watch = postgres.WatchAsync(postgres._stop.Token);
        return postgres;
    }

    /// <summary>The connection string of a directory whose server another process runs.</summary>
    public static async Task<string> ConnectionStringOfAsync(string dataFolder, CancellationToken cancel) =>
        new PrivatePostgres("", await PostgresPlace.PrepareAsync(dataFolder, cancel), null, TimeProvider.System).To("ops");

    /// <summary>Stops the server, as PostgreSQL's "fast" does: sessions are ended, everything is written.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ProcessId is not null) await OutsideProgram.RunAsync(Tool("pg_ctl", "-D", Data, "-m", "fast", "-t", "60", "-w", "stop"), CancellationToken.None);
    }

    private System.Diagnostics.ProcessStartInfo Tool(string program, params string[] args) => OutsideProgram.Info(Path.Combine(_bin, program), args, _account);

    private string To(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _sockets,
        Username = "ops",
        Password = ReadPassword(),
        Database = database,
        MaxPoolSize = 80, // of the server's 100: the rest is for the administration verbs and for psql
        ConnectionIdleLifetime = 60, // each is a process of 5 to 15 MiB: those that a flood took go after a minute
        ApplicationName = "picasoft-ops",
    }.ConnectionString;

    private string ReadPassword()
    {
        var file = Path.Combine(_root, "password");
        return File.Exists(file) ? File.ReadAllText(file)
            : throw new PlainError($"The password of the private PostgreSQL is not in {file}: put that file back, or move {_root} away to start with an empty store.");
    }

    /// <summary>First start: initdb beside, then a rename, so that a start cut short leaves nothing half made.</summary>
    private async Task CreateAsync(CancellationToken cancel)
    {
        if (Directory.Exists(Data)) return;
        var part = Data + ".part";
        if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
        var password = Path.Combine(_root, "password");
        DataFolder.WriteSecret(password, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
        if (_account is not null) await OutsideProgram.CheckAsync(OutsideProgram.Info("chown", [$"{_account}:", password]), cancel);
        await OutsideProgram.CheckAsync(Tool("initdb", "-D", part, "-U", "ops", "--auth=scram-sha-256", $"--pwfile={password}", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"), cancel);
        Directory.Move(part, Data);
    }

    private async Task EnsureRunningAsync(CancellationToken cancel)
    {
        var adopted = false;
        while (true)
        {
            if (await AnswersAsync(cancel))
            {
                if (adopted) Said?.Invoke("Took over the PostgreSQL that a former run left behind.");
                return;
            }
            // It lives but does not answer: it is starting, recovering or stopping.
            adopted = ProcessId is not null;
            if (adopted) await Task.Delay(TimeSpan.FromMilliseconds(100), _time, cancel);
            else await LaunchAsync(cancel);
        }
    }

    private async Task LaunchAsync(CancellationToken cancel)
    {
        ServerProcess.RemoveLeftovers(Data, _sockets);
        await File.WriteAllTextAsync(Path.Combine(Data, "postgresql.conf"), Configuration(), cancel);
        if (new FileInfo(Log) is { Exists: true, Length: > 10_000_000 }) File.Move(Log, Log + ".1", overwrite: true);
        // pg_ctl puts the server in a session of its own: Ctrl-C in our terminal must not stop it before we have finished.
        var (exit, said) = await OutsideProgram.RunAsync(Tool("pg_ctl", "-D", Data, "-l", Log, "-t", "600", "-w", "-s", "start"), cancel);
        if (exit == 0) return;
        var last = File.Exists(Log) ? string.Join(" ", File.ReadLines(Log).TakeLast(3)) : said;
        throw new PlainError($"The private PostgreSQL does not start. Its log {Log} ends: {last}");
    }

    private string Configuration()
    {
        var text = new StringBuilder("# Written at every start. Settings of your own go into local.conf beside this file.\n");
        foreach (var (name, value) in PostgresSettings.Ours(_sockets).Concat(_settings)) text.Append(CultureInfo.InvariantCulture, $"{name} = '{value.Replace("'", "''", StringComparison.Ordinal)}'\n");
        return text.Append("include_if_exists 'local.conf'\n").ToString();
    }

    private async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(To("postgres")) { Pooling = false, Timeout = 5 }.ConnectionString);
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            throw new PlainError($"The private PostgreSQL refuses the password in {Path.Combine(_root, "password")}: put the right file back.", e);
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task CreateDatabaseAsync(CancellationToken cancel)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(To("postgres")) { Pooling = false });
        await using var exists = source.CreateCommand("select 1 from pg_database where datname = 'ops'");
        if (await exists.ExecuteScalarAsync(cancel) is not null) return;
        await using var create = source.CreateCommand("create database ops");
        await create.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Looks every half second whether the process is there (one read of /proc) and starts it again if not.</summary>
    private async Task WatchAsync(CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), _time, cancel);
            if (ProcessId is not null) continue;
            try
            {
                Said?.Invoke("The private PostgreSQL died; starting it again.");
                await EnsureRunningAsync(cancel);
                Said?.Invoke("The private PostgreSQL is back.");
            }
            catch (Exception e) when (e is PlainError or IOException or UnauthorizedAccessException or NpgsqlException)
            {
                Said?.Invoke($"The private PostgreSQL cannot be started: {e.Message}");
                await Task.Delay(TimeSpan.FromSeconds(5), _time, cancel);
            }
        }
    }
}
