using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Quartz;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Makes the partitions of the results and of what they measured ahead of time, and drops those that nobody needs any more.</summary>
[DisallowConcurrentExecution]
public sealed class PartitionJob(NpgsqlDataSource source, TimeProvider time, ILogger<PartitionJob> log) : IJob
{
    /// <summary>Partitions are made for today and as many days after it.</summary>
    public const int DaysAhead = DayPartitions.DaysAhead;

    /// <summary>Results are kept this long; their hourly sums for years.</summary>
    public const int DaysKept = 14;

    private static readonly string[] _tables = ["probe_results", "measured_values"];

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        await using var connection = await source.OpenSoonAsync(cancel);
        foreach (var table in _tables)
            if (await DayPartitions.KeepAsync(connection, table, today, DaysKept, cancel) is (var made, var dropped) && made + dropped > 0) ProbeLog.Partitions(log, made, dropped);
    }
}
