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
    public async Task What_the_file_manages_is_not_changed_by_hand()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        var input = Read("""{"name": "ping", "type": "tcp", "tcp": {"host": "alice", "port": 25}}""").Value;
        Assert.Null((await node.Actions.CreateAsync(input, new(ActorKind.File, 0, "ops.yaml"), default)).Refusal);
        Assert.Equal(RefusalKind.Conflict, (await node.Actions.DeleteAsync("ping", ProbingNode.Camille, default)).Refusal!.Kind);
    }

    private static Outcome<ProbeInput> Read(string json) => InputReader.Read<ProbeInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value);
}
