using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Trends;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>From stored values to alerts that begin, stay and end.</summary>
public sealed class TrendRunnerTests(PostgresFixture postgres)
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_disk_that_fills_is_told_with_when_why_and_a_picture_and_the_warning_ends_with_the_trend()
    {
        await using var node = await NodeAsync();
        await node.AskAsync<object>("insert into probe_series (probe_id, name, unit, max) select id, '/var', 'B', 1000e9 from probes where name = 'disk'");
        await node.AskAsync<object>("insert into measured_days select s.id, '2026-11-25 00:00+00'::timestamptz - d * interval '1 day', 24, 0, 0, 940e9 - d * 20e9 from probe_series s, generate_series(1, 20) d");
        var runner = RunnerOf(node);

        await runner.RunAsync(default);
        Assert.Equal("trend_full/disk//var/alice/alice/medium", await node.AskAsync<string>("select concat_ws('/', labels->>'alertname', labels->>'probe', labels->>'measurement', labels->>'service', labels->>'host', labels->>'severity') from alerts where resolved_at is null"));
        var summary = Json.Parse<Phrase>((await node.AskAsync<string>("select summary::text from alerts"))!);
        Assert.Matches("^Alice: /var will reach 931.GiB in 3 d", summary.In(new("en")));
        Assert.Contains("18.6\u00a0GiB a day", summary.In(new("en")), StringComparison.Ordinal);
        Assert.NotNull(TrendPicture.Parse((await node.AskAsync<string>("select annotations->>'ops_chart' from alerts"))!));
        await runner.RunAsync(default);
        Assert.Equal(1, await node.AskAsync<long>("select count(*) from alerts"));

        // Somebody made room.
        await node.AskAsync<object>("update measured_days set most = 300e9 where at >= '2026-11-24 00:00+00'");
        _time.Advance(TimeSpan.FromMinutes(15));
        await runner.RunAsync(default);
        Assert.Equal(0, await node.AskAsync<long>("select count(*) from alerts where resolved_at is null"));
    }

    [Fact]
    public async Task How_long_ahead_is_said_for_all_and_by_each_probe()
    {
        await using var node = await NodeAsync();
        await node.AskAsync<object>("insert into probe_series (probe_id, name, unit, max) select id, '/var', 'B', 1000e9 from probes where name = 'disk'");
        await node.AskAsync<object>("insert into measured_days select s.id, '2026-11-25 00:00+00'::timestamptz - d * interval '1 day', 24, 0, 0, 840e9 - d * 20e9 from probe_series s, generate_series(1, 20) d"); // full in nine days
        var (runner, prevention) = (RunnerOf(node), node.Get<PreventionActions>());
        await runner.RunAsync(default);
        Assert.Empty(await NamesAsync(node));

        Assert.True((await prevention.UpdateAsync(new() { Forecast = TimeSpan.FromDays(14) }, ProbingNode.Camille, default)).IsDone);
        await runner.RunAsync(default);
        Assert.Equal(["trend_full"], await NamesAsync(node));
        await node.AskAsync<object>("update probes set forecast = '3 days'");
        await runner.RunAsync(default);
        Assert.Empty(await NamesAsync(node));
        await node.AskAsync<object>("update probes set forecast = '30 days'");
        Assert.True((await prevention.UpdateAsync(new(), ProbingNode.Camille, default)).IsDone);
        await runner.RunAsync(default);
        Assert.Equal(["trend_full"], await NamesAsync(node));
    }

    [Fact]
    public async Task Slow_answers_and_slots_that_nobody_reads_are_told_and_end_with_their_probe()
    {
        await using var node = await NodeAsync();
        await node.AskAsync<object>("""
            insert into probe_hours (probe_id, hour, checks, failed, ms_average, ms_p50, ms_p95, ms_max)
            select p.id, '2026-11-25 11:00+00'::timestamptz - h * interval '1 hour', 60, 0, 1, case when h < 6 then 500 else 100 end, 1, 1 from probes p, generate_series(0, 24 * 29) h where p.name = 'disk'
            """);
        await node.AskAsync<object>("insert into probe_series (probe_id, name, unit) select id, 'slot bob', 'B' from probes where name = 'db'");
        await node.AskAsync<object>("insert into measured_hours select s.id, '2026-11-25 12:00+00'::timestamptz - h * interval '1 hour', 60, (20 - h) * 1e9, 0, 0 from probe_series s, generate_series(0, 12) h");
        var runner = RunnerOf(node);

        await runner.RunAsync(default);
        Assert.Equal(["trend_slot", "trend_slow"], await NamesAsync(node));
        var slow = Json.Parse<Phrase>((await node.AskAsync<string>("select summary::text from alerts where labels->>'alertname' = 'trend_slow'"))!);
        Assert.StartsWith("Alice: answers take 500 ms, at the same hours of the last 4 weeks 100 ms", slow.In(new("en")));
        Assert.Contains("18.6", Json.Parse<Phrase>((await node.AskAsync<string>("select summary::text from alerts where labels->>'alertname' = 'trend_slot'"))!).In(new("en")), StringComparison.Ordinal);

        await node.AskAsync<object>("update probes set enabled = false");
        await runner.RunAsync(default);
        Assert.Empty(await NamesAsync(node));
    }

    private static async Task<string[]> NamesAsync(ProbingNode node) => await node.AskAsync<string[]>("select array_agg(labels->>'alertname' order by labels->>'alertname') from alerts where resolved_at is null") ?? [];

    private TrendRunner RunnerOf(ProbingNode node) => new(node.Get<IDbContextFactory<OpsDbContext>>(), _time);

    private async Task<ProbingNode> NodeAsync()
    {
        var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AddServiceAsync(new() { Name = "alice", Title = "Alice", Host = "alice" });
        await node.AddAsync([new() { Name = "disk", Type = "plugin", Service = "alice" }, new() { Name = "db", Type = "postgres", Service = "alice" }]);
        return node;
    }
}
