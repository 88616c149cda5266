using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quartz;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Makes the partitions of the results ahead of time and drops those that nobody needs any more: dropping a day costs nothing, deleting it would.</summary>
[DisallowConcurrentExecution]
public sealed class PartitionJob(NpgsqlDataSource source, TimeProvider time, ILogger<PartitionJob> log) : IJob
{
    /// <summary>Partitions are made for today and as many days after it.</summary>
    public const int DaysAhead = 7;

    /// <summary>Results are kept this long; their hourly sums for years.</summary>
    public const int DaysKept = 14;

    private const string Prefix = "probe_results_d";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        await using var connection = await source.OpenConnectionAsync(cancel);
        var there = await ExistingAsync(connection, cancel);
        var (made, dropped) = (0, 0);
        for (var day = today; day <= today.AddDays(DaysAhead); day = day.AddDays(1))
            if (!there.ContainsKey(day) && await MakeAsync(connection, day, cancel)) made++;
        foreach (var (_, name) in there.Where(p => p.Key < today.AddDays(-DaysKept)))
        {
            await ExecuteAsync(connection, $"drop table if exists {name}", cancel);
            dropped++;
        }
        // What was kept outside any day's partition goes with its day as well.
        await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"delete from probe_results_default where at < '{today.AddDays(-DaysKept):yyyy-MM-dd}+00'"), cancel);
        if (made + dropped > 0) ProbeLog.Partitions(log, made, dropped);
    }

    private static async Task<Dictionary<DateOnly, string>> ExistingAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'probe_results'::regclass", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var there = new Dictionary<DateOnly, string>();
        while (await reader.ReadAsync(cancel))
            if (reader.GetString(0) is var name && name.StartsWith(Prefix, StringComparison.Ordinal) && DateOnly.TryParseExact(name.AsSpan(Prefix.Length), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                there[day] = name;
        return there;
    }

    /// <summary>Rows of that day that lie in the default partition move over: PostgreSQL refuses to make a partition for them otherwise.</summary>
    private static async Task<bool> MakeAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancel)
    {
        var (name, from, to) = (Prefix + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), Bound(day), Bound(day.AddDays(1)));
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await ExecuteAsync(connection, $"""
                create table {name} (like probe_results including defaults including constraints);
                lock table probe_results_default in exclusive mode;
                with moved as (delete from probe_results_default where at >= {from} and at < {to} returning *)
                insert into {name} (probe_id, at, ms, ok, reason, node) select probe_id, at, ms, ok, reason, node from moved;
                alter table probe_results attach partition {name} for values from ({from}) to ({to});
                """, cancel);
            await transaction.CommitAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation)
        {
            return false; // another node did it in the same second
        }
    }

    private static string Bound(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"'{day:yyyy-MM-dd} 00:00:00+00'");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
