using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Quartz;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Makes the partitions of the results, of what they measured and of their sums ahead of time, and drops those that nobody needs any more.</summary>
[DisallowConcurrentExecution]
public sealed class PartitionJob(NpgsqlDataSource source, RetentionActions retention, TimeProvider time, ILogger<PartitionJob> log) : IJob
{
    private static readonly PartitionedTable[] _results = [new("probe_results"), new("measured_values")];
    private static readonly PartitionedTable[] _hours = [new("probe_hours", "hour", ByMonth: true), new("measured_hours", ByMonth: true)];
    private static readonly PartitionedTable[] _days = [new("probe_days", "day", ByMonth: true), new("measured_days", ByMonth: true)];

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        var keep = (await retention.FindAsync(cancel)).Input();
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        await using var connection = await source.OpenConnectionAsync(cancel);
        foreach (var (tables, kept) in new[] { (_results, keep.Results), (_hours, keep.Hours), (_days, keep.Days) })
            foreach (var table in tables)
                if (await TimePartitions.KeepAsync(connection, table, today, (int)Math.Ceiling(kept.TotalDays), cancel) is (var made, var dropped) && made + dropped > 0) ProbeLog.Partitions(log, table.Name, made, dropped);
        await using var old = connection.CreateCommand();
        old.CommandText = "delete from service_days where day < $1";
        old.Parameters.Add(new() { Value = new DateTimeOffset(today.AddDays(-(int)Math.Ceiling(keep.Days.TotalDays)), TimeOnly.MinValue, TimeSpan.Zero) });
        await old.ExecuteNonQueryAsync(cancel);
    }
}
