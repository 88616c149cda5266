using Npgsql;
using Quartz;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Sums the results of each hour and each day, from the last hour that was summed on; an hour summed again comes out the same, so it may run anywhere at any time.</summary>
[DisallowConcurrentExecution]
public sealed class RollUpJob(NpgsqlDataSource source, TimeProvider time) : IJob
{
    // The last hour there is may be half a one, and the one before it may have got late results.
    private const string Sum = $"""
        with checked as (
            select probe_id, date_trunc('hour', at, 'UTC') as hour, ms, ok from probe_results
            where at >= (select coalesce(max(hour) - interval '1 hour', $1 - interval '14 days') from probe_hours) and at < $1 + interval '1 hour'),
        shape as (
            select probe_id, hour, array_agg(bucket order by bucket) as buckets, array_agg(n order by bucket) as counts
            from (select probe_id, hour, {Latencies.BucketSql} as bucket, count(*)::int as n from checked where ok group by 1, 2, 3) b group by 1, 2)
        insert into probe_hours (probe_id, hour, checks, failed, ms_average, ms_p50, ms_p95, ms_max, buckets, counts)
        select s.*, coalesce(h.buckets, array[]::smallint[]), coalesce(h.counts, array[]::int[]) from (
            select probe_id, hour, count(*), count(*) filter (where not ok), avg(ms),
                percentile_cont(0.5) within group (order by ms), percentile_cont(0.95) within group (order by ms), max(ms)
            from checked group by 1, 2) s left join shape h using (probe_id, hour)
        on conflict (probe_id, hour) do update set checks = excluded.checks, failed = excluded.failed, ms_average = excluded.ms_average,
            ms_p50 = excluded.ms_p50, ms_p95 = excluded.ms_p95, ms_max = excluded.ms_max, buckets = excluded.buckets, counts = excluded.counts
        """;

    // A day's percentiles are those of all its checks, so the hours' buckets are added up.
    private const string SumProbeDays = """
        with hours as (
            select *, date_trunc('day', hour, 'UTC') as day from probe_hours
            where hour >= (select coalesce(date_trunc('day', max(day) - interval '1 day', 'UTC'), '-infinity') from probe_days)),
        shape as (
            select probe_id, day, array_agg(bucket order by bucket) as buckets, array_agg(n order by bucket) as counts
            from (select probe_id, day, u.bucket, sum(u.n)::int as n from hours, unnest(buckets, counts) u (bucket, n) group by 1, 2, 3) b group by 1, 2)
        insert into probe_days (probe_id, day, checks, failed, ms_average, ms_max, buckets, counts)
        select s.*, coalesce(d.buckets, '{}'), coalesce(d.counts, '{}') from (
            select probe_id, day, sum(checks), sum(failed), sum(ms_average * checks) / sum(checks), max(ms_max) from hours where checks > 0 group by 1, 2) s
        left join shape d using (probe_id, day) where $1 is not null
        on conflict (probe_id, day) do update set checks = excluded.checks, failed = excluded.failed, ms_average = excluded.ms_average,
            ms_max = excluded.ms_max, buckets = excluded.buckets, counts = excluded.counts
        """;

    // In a store that never had them, all days there are. A probe that moves to another service leaves its past with the one it checked.
    private const string SumServiceDays = """
        insert into service_days (service, day, availability)
        select p.service, d.day, min(1 - d.failed::float8 / d.checks) from probe_days d join probes p on p.id = d.probe_id
        where d.day >= (select coalesce(max(day) - interval '1 day', '-infinity') from service_days) and d.day <= $1 and d.checks > 0 and p.service is not null group by 1, 2
        on conflict (service, day) do update set availability = excluded.availability
        """;

    private const string SumMeasured = """
        insert into measured_hours (series_id, at, count, least, average, most)
        select v.series_id, date_trunc('hour', v.at, 'UTC'), count(*), min(v.value), avg(v.value), max(v.value)
        from measured_values v join probe_series s on s.id = v.series_id
        where v.at >= (select coalesce(max(at) - interval '1 hour', $1 - interval '14 days') from measured_hours) and v.at < $1 + interval '1 hour'
        group by 1, 2
        on conflict (series_id, at) do update set count = excluded.count, least = excluded.least, average = excluded.average, most = excluded.most
        """;

    private const string SumDays = """
        insert into measured_days (series_id, at, count, least, average, most)
        select series_id, date_trunc('day', at, 'UTC'), sum(count), min(least), sum(average * count) / sum(count), max(most)
        from measured_hours
        where at >= (select coalesce(max(at) - interval '1 day', 'epoch') from measured_days) and at >= $1 - interval '400 days'
        group by 1, 2
        on conflict (series_id, at) do update set count = excluded.count, least = excluded.least, average = excluded.average, most = excluded.most
        """;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        foreach (var sql in new[] { Sum, SumProbeDays, SumServiceDays, SumMeasured, SumDays })
        {
            await using var command = source.CreateCommand(sql);
            command.Parameters.Add(new() { Value = time.GetUtcNow() });
            command.CommandTimeout = 600;
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
