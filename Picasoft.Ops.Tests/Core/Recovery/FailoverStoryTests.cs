using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>A real Patroni fails over, or does not: what its own reports say of it, and why, stands on the incident of whoever stands on it.</summary>
public sealed class FailoverStoryTests(OpsApi api) : IClassFixture<OpsApi>
{
    private string _said = "";

    [Fact]
    public async Task An_incident_tells_why_nobody_took_over_and_who_did_in_the_end()
    {
        Assert.SkipUnless(PatroniCluster.CanRun, "Patroni and etcd are started as root here");
        await using var cluster = await PatroniCluster.StartAsync(synchronous: true);
        await api.ApplyAsync($$"""
            version: 1
            services: [{name: postgres}, {name: wiki, depends_on: [postgres]}]
            clusters: [{name: database, service: postgres, engine: patroni, members: {{{string.Join(", ", cluster.Members.Select(m => $"{m.Key}: \"{m.Value}\""))}}} }]
            """);
        await Eventually.TrueAsync(async () => await LeaderAsync() == "pg1" && (await ClusterAsync()).Contains("sync_standby", StringComparison.Ordinal), "pg1 leads, and a standby has every write", 120);

        // Somebody paused it, and the leader dies: nobody takes over.
        await cluster.ConfigureAsync(new { pause = true });
        await Eventually.TrueAsync(async () => (await ClusterAsync()).Contains("paused", StringComparison.Ordinal), "it is seen that it is paused", 120);
        await cluster.KillAsync("pg1");
        await api.AlertAsync(LabelSet.Of(("alertname", "wiki_down"), ("service", "wiki"), ("severity", "critical")), TimeProvider.System.GetUtcNow());
        await TellsAsync("database: pg1 no longer answers.");
        await TellsAsync("database: Nobody leads: writes are refused.");
        await TellsAsync("database: Nobody took over because automatic failover is paused.");

        await cluster.ConfigureAsync(new { pause = (bool?)null }, "pg2");
        await TellsAsync("database: the lead moved from pg1 to pg2.");
        await TellsAsync("database: pg2 took the lead at ");
        Assert.Contains("pg2 has led since", await ClusterAsync(), StringComparison.Ordinal);
        Assert.Equal("pg2", await LeaderAsync());
    }

    private async Task TellsAsync(string words) => await Eventually.TrueAsync(async () =>
    {
        var number = (await api.GetAsync("/api/v1/incidents?service=wiki"))["items"].EnumerateArray().Select(i => i.GetProperty("number").GetInt64()).FirstOrDefault();
        if (number == 0) return false;
        var engine = (await api.GetAsync($"/api/v1/incidents/{number}/timeline?limit=200"))["items"].EnumerateArray().Where(e => e.GetProperty("kind").GetString() == "engine").Select(e => e.GetProperty("text").GetString()!);
        _said = string.Join('\n', engine);
        return _said.Contains(words, StringComparison.Ordinal);
    }, () => $"the incident tells: {words}; it tells:\n{_said}", 180);

    private async Task<string?> LeaderAsync() => (await api.GetAsync("/api/v1/recovery/clusters/database"))["leader"].GetString();

    private async Task<string> ClusterAsync() => (await api.GetAsync("/api/v1/recovery/clusters/database")).Text;
}
