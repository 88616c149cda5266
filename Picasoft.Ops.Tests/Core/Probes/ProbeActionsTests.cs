using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class ProbeActionsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Everything_wrong_is_told_at_once_and_nothing_is_kept()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        Assert.Null((await node.Actions.CreateAsync(Read("""{"name": "ping", "type": "tcp", "tcp": {"host": "alice", "port": 25}}""").Value, ProbingNode.Camille, default)).Refusal);

        var input = Read("""{"name": "ping", "service": "nothing", "type": "http", "htp": {}, "tcp": {}, "http": {"url": "ftp://x", "expect": {"status": [99]}}}""");
        var refused = await node.Actions.CreateAsync(input.Value, ProbingNode.Camille, default);
        Assert.Equal(["htp", "http.expect.status[0]", "http.url", "name", "service", "tcp"], refused.Refusal!.Errors.Select(e => e.Field).Order(StringComparer.Ordinal));
        Assert.Equal(["type"], (await node.Actions.CreateAsync(Read("""{"name": "x", "type": "carrier-pigeon"}""").Value, ProbingNode.Camille, default)).Refusal!.Errors.Select(e => e.Field));
        Assert.Equal(["timeout"], Read("""{"name": "x", "type": "tcp", "interval": "10s", "timeout": "11s"}""").Refusal!.Errors.Select(e => e.Field));
        Assert.Equal(1, await node.AskAsync<long>("select count(*) from probes"));
    }

    [Fact]
    public async Task A_short_interval_shortens_what_was_not_said()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        var made = await node.Actions.CreateAsync(Read("""{"name": "ping", "type": "tcp", "interval": "1s", "tcp": {"host": "alice", "port": 25}}""").Value, ProbingNode.Camille, default);
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), (made.Value.Timeout, made.Value.RetryInterval));
    }

    [Fact]
    public async Task Secrets_are_sealed_masked_in_the_audit_log_and_kept_when_the_mask_comes_back()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        var input = Read("""{"name": "ping", "type": "http", "http": {"url": "https://example.org", "headers": {"Authorization": "Bearer s3cret"}}}""").Value;
        var made = (await node.Actions.CreateAsync(input, ProbingNode.Camille, default)).Value;

        var shown = node.Get<ProbeKinds>().InputOf(made);
        Assert.Null((await node.Actions.UpdateAsync("ping", shown with { Name = "pong" }, ProbingNode.Camille, made.Version, default)).Refusal);
        var kept = (await node.Queries.FindAsync("pong", default))!.Probe;
        Assert.Equal("Bearer s3cret", ((Picasoft.Ops.Core.Probes.Kinds.HttpSettings)node.Get<ProbeKinds>().Open(kept)!).Headers["Authorization"].Reveal());
        Assert.Equal(0, await node.AskAsync<long>("select count(*) from probes where settings::text like '%s3cret%'"));
        Assert.Equal(2, await node.AskAsync<long>("select count(*) from audit_entries where after::text like '%•••%' and after::text not like '%s3cret%'"));

        Assert.Equal(RefusalKind.Conflict, (await node.Actions.UpdateAsync("pong", shown, ProbingNode.Camille, made.Version, default)).Refusal!.Kind);
        Assert.Equal(RefusalKind.NotFound, (await node.Actions.DeleteAsync("ping", ProbingNode.Camille, default)).Refusal!.Kind);
    }

    [Fact]
    public async Task Its_slots_follow_its_places_and_whether_it_is_on_and_go_with_it()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        var input = Read("""{"name": "ping", "type": "tcp", "locations": ["toulouse", "compiegne"], "tcp": {"host": "alice", "port": 25}}""").Value;
        async Task<string> SlotsAsync() => await node.AskAsync<string>("select coalesce(string_agg(location, ',' order by location), 'none') from probe_slots") ?? "";
        Assert.Null((await node.Actions.CreateAsync(input, ProbingNode.Camille, default)).Refusal);
        Assert.Equal("compiegne,toulouse", await SlotsAsync());
        Assert.Null((await node.Actions.UpdateAsync("ping", input with { Locations = ["toulouse", "lyon"] }, ProbingNode.Camille, null, default)).Refusal);
        Assert.Equal("lyon,toulouse", await SlotsAsync());
        Assert.Null((await node.Actions.EnableAsync("ping", false, ProbingNode.Camille, default)).Refusal);
        Assert.Equal("none", await SlotsAsync());
        Assert.Null((await node.Actions.EnableAsync("ping", true, ProbingNode.Camille, default)).Refusal);
        Assert.Equal("lyon,toulouse", await SlotsAsync());
        Assert.Null((await node.Actions.UpdateAsync("ping", input with { Locations = [] }, ProbingNode.Camille, null, default)).Refusal);
        Assert.Equal("", await SlotsAsync()); // one, of anybody
        Assert.Null((await node.Actions.DeleteAsync("ping", ProbingNode.Camille, default)).Refusal);
        Assert.Equal("none", await SlotsAsync());
    }

    [Fact]
    public async Task What_it_measured_goes_with_it_and_one_of_the_same_name_begins_anew()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        var input = Read("""{"name": "disk", "type": "tcp", "tcp": {"host": "alice", "port": 25}}""").Value;
        async Task<Picasoft.Ops.Core.Probes.ProbeDefinition> MakeAsync() => (await node.Actions.CreateAsync(input, ProbingNode.Camille, default)).Value;
        var (first, other) = (await MakeAsync(), (await node.Actions.CreateAsync(input with { Name = "other" }, ProbingNode.Camille, default)).Value);
        foreach (var probe in new[] { first, other })
        {
            await node.AskAsync<object>($"insert into probe_series (probe_id, name, unit) values ({probe.Id}, '/var', '%')");
            await node.AskAsync<object>($"insert into probe_results values ({probe.Id}, now(), 1, true, null, 'alice')");
            await node.AskAsync<object>($"insert into probe_states (probe_id, status, since, failing, succeeding, last_at, last_ok, last_ms) values ({probe.Id}, 'Up', now(), 0, 1, now(), true, 1)");
            await node.AskAsync<object>($"insert into probe_location_states (probe_id, location, status, since, failing, succeeding, last_at, last_ok, last_ms, node) values ({probe.Id}, 'toulouse', 'Up', now(), 0, 1, now(), true, 1, 'alice')");
        }
        await node.AskAsync<object>("insert into measured_values select id, now(), 42 from probe_series");
        foreach (var table in new[] { "measured_hours", "measured_days" }) await node.AskAsync<object>($"insert into {table} select id, date_trunc('day', now()), 1, 42, 42, 42 from probe_series");

        Assert.Null((await node.Actions.DeleteAsync("disk", ProbingNode.Camille, default)).Refusal);
        // What lies in partitions by day goes with its day, and nobody finds it any more.
        foreach (var table in new[] { "probe_series", "measured_hours", "measured_days", "probe_states", "probe_location_states" })
            Assert.Equal((table, 1), (table, await node.AskAsync<long>($"select count(*) from {table}")));
        var again = await MakeAsync();
        Assert.NotEqual(first.Id, again.Id);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var grain in Enum.GetValues<Grain>())
        {
            Assert.Empty(await node.Get<MeasurementQueries>().OfProbeAsync(again.Id, now.AddDays(-2), now.AddDays(1), grain, 100, default));
            Assert.Single(Assert.Single(await node.Get<MeasurementQueries>().OfProbeAsync(other.Id, now.AddDays(-2), now.AddDays(1), grain, 100, default)).Points);
        }
        Assert.Empty(await node.Queries.ResultsAsync(again.Id, now.AddDays(-2), now.AddDays(1), 10, default));
    }

    [Fact]
    public async Task What_the_file_manages_is_not_changed_by_hand()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        var input = Read("""{"name": "ping", "type": "tcp", "tcp": {"host": "alice", "port": 25}}""").Value;
        Assert.Null((await node.Actions.CreateAsync(input, new(ActorKind.File, 0, "ops.yaml"), default)).Refusal);
        Assert.Equal(RefusalKind.Conflict, (await node.Actions.DeleteAsync("ping", ProbingNode.Camille, default)).Refusal!.Kind);
    }

    private static Outcome<ProbeInput> Read(string json) => InputReader.Read<ProbeInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value);
}
