using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Quartz;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// Brings the tables up to date, one node at a time. EF's own lock lives in each migration's transaction and lets two starters
/// run into each other between two migrations, so ours spans them all, and the scheduler's tables too.
/// </summary>
public static class SchemaUpgrade
{
    private const long LockKey = 0x6F70735F736368; // "ops_sch"

    public static async Task RunAsync(string connectionString, CancellationToken cancel)
    {
        // Without a pool: a pooled connection would keep the lock after it was given back, and every other node would wait for ever.
        var own = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 };
        await using var source = NpgsqlDataSource.Create(own);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", cancel);

        await using var db = StorageModule.NewContext(source);
        await db.Database.MigrateAsync(cancel);
        await UpgradeSchedulerAsync(connection, cancel);
    }

    /// <summary>The migrations that this version brings and the store lacks; empty when it is current.</summary>
    public static async Task<IReadOnlyList<string>> PendingAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. await db.Database.GetPendingMigrationsAsync(cancel)];

    /// <summary>
    /// Only when the script is another than the one run last, of which a table keeps the mark: also where it changes nothing it locks the tables one after the other,
    /// and the scheduler of a running product locks them in an order of its own.
    /// </summary>
    private static async Task UpgradeSchedulerAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var script = await SchedulerTablesAsync(cancel);
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        await using var known = new NpgsqlCommand("select obj_description(to_regclass('qrtz_locks'), 'pg_class')", connection);
        if (await known.ExecuteScalarAsync(cancel) as string != mark) await ExecuteAsync(connection, $"{script};\ncomment on table qrtz_locks is '{mark}'", cancel);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Quartz's own script, which creates what is missing and leaves the rest.</summary>
    private static async Task<string> SchedulerTablesAsync(CancellationToken cancel)
    {
        await using var script = typeof(IScheduler).Assembly.GetManifestResourceStream("Quartz.Impl.AdoJobStore.Schema.create_postgres.sql")
            ?? throw new InvalidOperationException("This version of Quartz no longer carries its PostgreSQL script.");
        using var reader = new StreamReader(script);
        return (await reader.ReadToEndAsync(cancel)).Replace("{0}", "qrtz_", StringComparison.Ordinal).Replace("{1}", "qrtz_", StringComparison.Ordinal);
    }
}
