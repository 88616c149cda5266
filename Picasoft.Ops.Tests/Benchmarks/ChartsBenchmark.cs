using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>A chart of 90 days out of a year's sums of 10,000 probes: days of all of them, and the hours of the last sixty days of a hundred, stored as they came, hour after hour.</summary>
public sealed class ChartsBenchmark : IBenchmark
{
    private const int Probes = 10_000, Charted = 100;

    public string Name => "charts";

    public async Task RunAsync(BenchContext context)
    {
        var postgres = new PostgresFixture();
        await postgres.InitializeAsync();
        await using var _ = postgres;
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AddAsync(Enumerable.Range(0, Probes).Select(n => new ProbeDefinition { Name = $"probe-{n}", Type = "tcp", Service = $"service-{n % 100}", Enabled = false }));
        await FillAsync(node);
        var now = TimeProvider.System.GetUtcNow();
        var charts = new ChartQueries(node.Get<IDbContextFactory<OpsDbContext>>(), node.Queries);
        await MeasureAsync("90 days of a probe", n => charts.OfProbeAsync(Probe(n), now.AddDays(-90), now, default), c => c.Points.Count >= 89);
        await MeasureAsync("a year of a probe", n => charts.OfProbeAsync(Probe(n), now.AddDays(-365), now, default), c => c.Points.Count >= 360);
        await MeasureAsync("60 days of a probe by hour", n => charts.OfProbeAsync(Probe(n), now.AddDays(-59), now, default), c => c.Points.Count > 1300);
        await MeasureAsync("90 days of every service", _ => node.Queries.DaysAsync(90, now, default), d => d.Count == 100 && d.Values.All(s => s.Count(b => b.Availability is not null) >= 89));
        context.Report("rows", await node.AskAsync<long>("select (select count(*) from probe_days) + (select count(*) from probe_hours)"), "rows");

        ProbeDefinition Probe(int n) => new() { Id = 1 + (n * 97 % Charted), Name = "probe", Type = "tcp", Service = $"service-{n % 100}" };

        async Task MeasureAsync<T>(string @case, Func<int, Task<T>> ask, Func<T, bool> isWhole, int times = 50)
        {
            await ask(0);
            var took = new List<double>();
            for (var n = 1; n <= times; n++)
            {
                var start = Stopwatch.GetTimestamp();
                var answer = await ask(n);
                took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (!isWhole(answer)) throw new InvalidOperationException($"{@case}: the answer is not whole.");
            }
            context.ReportMedian(@case, took, "ms");
        }
    }

    // Directly, day by day: a year of checks every minute would be five thousand million results.
    private static async Task FillAsync(ProbingNode node)
    {
        await node.AskAsync<object>("update probes set id = nr from (select id as was, row_number() over (order by id) as nr from probes) n where probes.id = n.was");
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        await using (var connection = await node.Source.OpenConnectionAsync())
            for (var month = today.AddDays(-366); month <= today; month = month.AddDays(27))
                foreach (var table in new[] { new PartitionedTable("probe_days", "day", ByMonth: true), new PartitionedTable("probe_hours", "hour", ByMonth: true) })
                    await TimePartitions.KeepAsync(connection, table, month, 3650, default);
        await node.AskAsync<object>($"""
            insert into probe_days (probe_id, day, checks, failed, ms_average, ms_max, buckets, counts)
            select p, d, 1440, (p % 50 = 0)::int * 7, 20, 900, array[50,52,53,54,55,56,57,58,60,63,70,95]::smallint[], array[10,60,200,400,300,200,100,80,50,25,12,3]
            from generate_series(date_trunc('day', now(), 'UTC') - interval '365 days', date_trunc('day', now(), 'UTC'), interval '1 day') d, generate_series(1, {Probes}) p
            """);
        await node.AskAsync<object>($"""
            insert into probe_hours (probe_id, hour, checks, failed, ms_average, ms_p50, ms_p95, ms_max, buckets, counts)
            select p, h, 60, 0, 20, 18, 40, 300, array[52,53,54,55,56,57,58,63]::smallint[], array[3,9,16,12,9,6,4,1]
            from generate_series(date_trunc('hour', now(), 'UTC') - interval '60 days', date_trunc('hour', now(), 'UTC'), interval '1 hour') h, generate_series(1, {Charted}) p
            """);
        await new RollUpJob(node.Source, TimeProvider.System).RunAsync(default); // the days of services
        await node.AskAsync<object>("analyze");
    }
}
