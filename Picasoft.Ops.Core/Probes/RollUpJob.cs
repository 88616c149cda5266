using Npgsql;
using Quartz;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Sums the results of each hour, from the last hour that was summed on; an hour summed again comes out the same, so it may run anywhere at any time.</summary>
[DisallowConcurrentExecution]
public sealed class RollUpJob(NpgsqlDataSource source, TimeProvider time) : IJob
{
    // The last hour there is may be half a one, and the one before it may have got late results.
    private const string Sum = """
        insert into probe_hours (probe_id, hour, checks, failed, ms_average, ms_p50, ms_p95, ms_max)
        select probe_id, date_trunc('hour', at, 'UTC'), count(*), count(*) filter (where not ok), avg(ms),
            percentile_cont(0.5) within group (order by ms), percentile_cont(0.95) within group (order by ms), max(ms)
        from probe_results
        where at >= (select coalesce(max(hour) - interval '1 hour', $1 - interval '14 days') from probe_hours) and at < $1 + interval '1 hour'
        group by 1, 2
        on conflict (probe_id, hour) do update set checks = excluded.checks, failed = excluded.failed, ms_average = excluded.ms_average,
            ms_p50 = excluded.ms_p50, ms_p95 = excluded.ms_p95, ms_max = excluded.ms_max
        """;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        await using var command = source.CreateCommand(Sum);
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync(cancel);
    }
}
