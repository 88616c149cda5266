using Microsoft.AspNetCore.Http;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>Probes on a real database, against real listeners that stop and come back.</summary>
public sealed class ProbingStoryTests(PostgresFixture postgres)
{
    private const string ActiveAlerts = "select count(*) from alerts where resolved_at is null";

    [Fact]
    public async Task A_service_that_stops_becomes_an_alert_in_time_and_its_return_ends_it()
    {
        await using var web = await WebTarget.StartAsync();
        await using var node = await ProbingNode.StartAsync(await postgres.CreateDatabaseAsync());
        await node.AddServiceAsync(new() { Name = "mattermost", Title = "Mattermost", Host = "alice" });
        var made = await node.Actions.CreateAsync(Ping(web, "5s") with { Service = "mattermost", Severity = Severity.Critical }, ProbingNode.Camille, default);
        Assert.Null(made.Refusal);
        await Eventually.TrueAsync(() => IsAsync(node, ProbeStatus.Up), "the probe is up");

        await web.StopAsync();
        await Eventually.TrueAsync(async () => await node.AskAsync<long>(ActiveAlerts) == 1, "an alert is open");
        Assert.Equal("probe_down/ping/mattermost/alice/critical", await node.AskAsync<string>("select concat_ws('/', labels->>'alertname', labels->>'probe', labels->>'service', labels->>'host', labels->>'severity') from alerts"));
        var summary = Picasoft.Ops.Core.Storage.Json.Parse<Phrase>((await node.AskAsync<string>("select summary::text from alerts"))!);
        Assert.Equal($"Mattermost: connection refused by 127.0.0.1:{web.Port}", summary.In(new("en")));
        Assert.Equal($"Mattermost\u202f: connexion refusée par 127.0.0.1:{web.Port}", summary.In(new("fr")));

        await web.StartAsync();
        await Eventually.TrueAsync(async () => await node.AskAsync<long>(ActiveAlerts) == 0, "the alert has ended");
        Assert.True(await IsAsync(node, ProbeStatus.Up));
        // Every request that arrived is a stored result; one may still be on its way.
        await Eventually.TrueAsync(async () => await node.AskAsync<long>("select count(*) from probe_results where ok") is var stored && Math.Abs(stored - web.Hits) <= 1, "every result is stored");
    }

    [Fact]
    public async Task A_restart_keeps_the_alert_and_every_probe_is_checked_within_one_interval()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var web = await WebTarget.StartAsync();
        await using (var first = await ProbingNode.StartAsync(database))
        {
            await first.AddAsync(Enumerable.Range(0, 200).Select(i => Plain($"p{i}", web.Url($"/{i}"), 6)));
            await first.AddAsync([Plain("dead", $"http://127.0.0.1:{RealProgram.FreePort()}/", 6)]);
            await Eventually.TrueAsync(async () => await first.AskAsync<long>(ActiveAlerts) == 1, "an alert is open");
        }

        await using var second = ProbingNode.Create(database);
        await second.AskAsync<object>("update probe_slots set next_due_at = next_due_at - interval '1 hour'"); // it was away for an hour
        var start = TimeProvider.System.GetUtcNow();
        await second.StartAsync();
        await Eventually.TrueAsync(async () => await second.AskAsync<long>($"select count(distinct probe_id) from probe_results where at >= '{start:O}'") == 201, "all were checked");
        // By order, not by the clock: when the last one had its first check, hardly any other can have had its third.
        Assert.InRange(await second.AskAsync<long>($"""
            with checks as (select probe_id, at, row_number() over (partition by probe_id order by at) n from probe_results where at >= '{start:O}')
            select max(n) from checks where at <= (select max(at) from checks where n = 1)
            """), 1, 3);
        Assert.Equal(1, await second.AskAsync<long>("select count(*) from alerts"));
        Assert.Equal(1, await second.AskAsync<long>(ActiveAlerts));
    }

    [Fact]
    public async Task Targets_that_hang_until_the_timeout_delay_nobody_else()
    {
        var (hanging, most) = (0, 0);
        await using var web = await WebTarget.StartAsync(async context =>
        {
            if (!context.Request.Path.StartsWithSegments("/hang")) { await context.Response.WriteAsync("OK"); return; }
            var now = Interlocked.Increment(ref hanging);
            for (var seen = most; now > seen; seen = most) Interlocked.CompareExchange(ref most, now, seen);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { });
            Interlocked.Decrement(ref hanging);
        });
        await using var node = await ProbingNode.StartAsync(await postgres.CreateDatabaseAsync());
        await node.AddAsync(Enumerable.Range(0, 200).Select(i => Plain($"p{i}", web.Url(i % 2 == 0 ? $"/hang/{i}" : $"/{i}"), 4)));

        await Eventually.TrueAsync(async () => await node.AskAsync<long>(ActiveAlerts + " and substr(labels->>'probe', 2)::int % 2 = 0") == 100, "the hanging half is down");
        Assert.Equal("no answer within 4 s", (await node.Queries.FindAsync("p0", default))!.State!.LastReason!.In(new("en")));
        await Eventually.TrueAsync(async () => await node.AskAsync<long>("select min(n) from (select count(*) n from probe_results where ok group by probe_id) r") >= 2, "the rest were checked some times");
        // Not by the clock: most of them hang at the same time, so nobody waits for the end of one.
        await Eventually.TrueAsync(() => Task.FromResult(most > 64), () => $"most hang at once, not {most}");
    }

    [Fact]
    public async Task Two_nodes_never_make_the_same_check()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var web = await WebTarget.StartAsync();
        await using var keeper = ProbingNode.Create(database);
        await keeper.AddAsync(Enumerable.Range(0, 300).Select(i => Plain($"p{i}", web.Url($"/{i}"), 1)));
        await keeper.AskAsync<object>("create table first_slots as table probe_slots");
        await using (var alice = await ProbingNode.StartAsync(database))
        await using (var bob = await ProbingNode.StartAsync(database, "bob"))
            await Eventually.TrueAsync(async () => await keeper.AskAsync<long>("select min(n) from (select count(*) n from probe_results group by probe_id) r") >= 10, "each was checked ten times");

        // A slot is claimed by moving it. What was claimed ahead when the nodes stopped was not made, so there are fewer checks than slots, never more.
        Assert.Equal(0, await keeper.AskAsync<long>("""
            select count(*) from probe_slots s join first_slots f using (probe_id)
            where (select count(*) from probe_results r where r.probe_id = s.probe_id) > extract(epoch from s.next_due_at - f.next_due_at)
            """));
    }

    [Fact]
    public async Task A_probe_that_is_disabled_or_deleted_leaves_no_alert_behind()
    {
        await using var node = await ProbingNode.StartAsync(await postgres.CreateDatabaseAsync());
        foreach (var name in new[] { "one", "two" })
            Assert.Null((await node.Actions.CreateAsync(Input(name, $"http://127.0.0.1:{RealProgram.FreePort()}/", "1s"), ProbingNode.Camille, default)).Refusal);
        await Eventually.TrueAsync(async () => await node.AskAsync<long>(ActiveAlerts) == 2, "both are down");

        Assert.Null((await node.Actions.EnableAsync("one", false, ProbingNode.Camille, default)).Refusal);
        Assert.Null((await node.Actions.DeleteAsync("two", ProbingNode.Camille, default)).Refusal);
        Assert.Equal(0, await node.AskAsync<long>(ActiveAlerts));
        Assert.Equal(["one"], (await node.Queries.ListAsync(null, default)).Select(r => r.Probe.Name));
    }

    [Fact]
    public async Task A_certificate_that_ends_soon_is_warned_of_with_when_why_and_a_picture()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = Certificates.For("127.0.0.1", now.AddDays(-80), now.AddDays(10.02));
        await using var web = await WebTarget.StartAsync(certificate: certificate);
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AddAsync([new() { Name = "certificate", Type = "tls", Interval = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromSeconds(1), Failures = 2, Settings = $$"""{"host": "127.0.0.1", "port": {{web.Port}}, "verify": false}""" }]);
        await node.AskAsync<object>("insert into probe_series (probe_id, name, unit) select id, 'days_left', 'd' from probes");
        await node.AskAsync<object>("insert into measured_days select s.id, date_trunc('day', now(), 'UTC') - d * interval '1 day', 24, 10 + d, 10 + d, 10 + d from probe_series s, generate_series(1, 20) d");
        await node.StartAsync();
        await Eventually.TrueAsync(async () => await node.AskAsync<long>(ActiveAlerts) == 1, "it is warned of");
        Assert.Equal("probe_warning", await node.AskAsync<string>("select labels->>'alertname' from alerts"));
        Assert.Contains("TLS certificate expires in 10", await node.AskAsync<string>("select annotations->>'summary' from alerts"), StringComparison.Ordinal);
        var picture = TrendPicture.Parse((await node.AskAsync<string>("select annotations->>'ops_chart' from alerts"))!)!;
        Assert.Equal((21, 30, 0.0, "d"), (picture.Values.Count, picture.Values[0], picture.Limit, picture.Unit));
        Assert.Equal(now.AddDays(10.02), picture.Reached!.Value, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_check_asked_for_is_made_now_and_stored()
    {
        await using var web = await WebTarget.StartAsync(c => { c.Response.StatusCode = 503; return Task.CompletedTask; });
        await using var node = await ProbingNode.StartAsync(await postgres.CreateDatabaseAsync());
        var probe = (await node.Actions.CreateAsync(Ping(web, "1d"), ProbingNode.Camille, default)).Value;

        var seen = await node.Runner.RunNowAsync(probe.Id, default);
        Assert.Equal("answered 503 instead of 200–299", seen!.Reason!.In(new("en")));
        Assert.NotEmpty(await node.Queries.ResultsAsync(probe.Id, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, 10, default));
        Assert.Null(await node.Runner.RunNowAsync(4711, default));
    }

    private static async Task<bool> IsAsync(ProbingNode node, ProbeStatus status) => (await node.Queries.FindAsync("ping", default))!.Status == status;

    private static ProbeInput Ping(WebTarget web, string interval) => Input("ping", web.Url("/ping"), interval);

    internal static ProbeInput Input(string name, string url, string interval) => new()
    {
        Name = name,
        Type = "http",
        Interval = DurationText.TryParse(interval, out var length) ? length : default,
        RetryInterval = TimeSpan.FromMilliseconds(500),
        Settings = new Dictionary<string, InputNode> { ["http"] = new InputMap([new("url", new InputScalar(url, true, null), null)], null) },
    };

    internal static ProbeDefinition Plain(string name, string url, int seconds) => new()
    {
        Name = name,
        Type = "http",
        Interval = TimeSpan.FromSeconds(seconds),
        Timeout = TimeSpan.FromSeconds(seconds),
        Settings = $$"""{"url": "{{url}}"}""",
    };
}
