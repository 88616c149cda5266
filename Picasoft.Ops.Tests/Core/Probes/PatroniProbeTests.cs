using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>With two members of Debian's Patroni over an etcd; what only a cut network brings about is in <see cref="ClusterProbesTests"/>.</summary>
public sealed class PatroniProbeTests : IDisposable
{
    private readonly PatroniProbe _probe = new(TimeProvider.System);

    [Fact]
    public async Task A_cluster_is_well_until_it_is_paused_loses_a_member_and_its_leader()
    {
        Assert.SkipUnless(PatroniCluster.CanRun, "Patroni and etcd are started as root here");
        await using var cluster = await PatroniCluster.StartAsync(synchronous: true);
        IProbe probe = _probe;
        var settings = new PatroniSettings { Members = [.. cluster.Members.Values], Synchronous = true, MaxLagBytes = 16_000_000 };
        async Task UntilAsync(Func<string, bool> said, string what)
        {
            var last = "";
            try { await Eventually.TrueAsync(async () => said(last = await probe.ReasonOf(settings)), what, 120); }
            catch (Xunit.Sdk.XunitException e) { Assert.Fail($"{e.Message}; it said: {last}"); }
        }

        await UntilAsync(s => s == "", "both members are well");
        var seen = await probe.CheckAsync(settings);
        Assert.Equal(2, seen.Value("running"));
        Assert.Contains(seen.Measured, m => m.Name.StartsWith("lag pg", StringComparison.Ordinal));
        Assert.Equal("2 members are running, 3 are needed: ", await probe.ReasonOf(settings with { MinRunning = 3 }));

        await cluster.ConfigureAsync(new { pause = true });
        await UntilAsync(s => s.StartsWith("warning: the cluster is paused", StringComparison.Ordinal), "the pause is told");
        await cluster.ConfigureAsync(new { pause = false });
        await UntilAsync(s => s == "", "the pause is over");
        await cluster.ConfigureAsync(new { synchronous_mode = false });
        await UntilAsync(s => s == "no synchronous standby", "nobody is synchronous");
        settings = settings with { Synchronous = false };

        // A replica that is gone is missed; first it is mute, then the leader drops it.
        var leader = await LeaderAsync(cluster);
        var replica = cluster.Members.Keys.Single(m => m != leader);
        await cluster.KillAsync(replica);
        settings = settings with { MinRunning = 1 };
        await UntilAsync(s => s.StartsWith($"warning: member {new Uri(cluster.Members[replica]).Authority} does not answer: ", StringComparison.Ordinal), "the member that is gone is named");
        settings = settings with { MinRunning = 2 };
        await UntilAsync(s => s.StartsWith("1 member is running, 2 are needed", StringComparison.Ordinal), "a member is missing");

        await cluster.KillAsync(leader);
        Assert.StartsWith($"connection refused by {new Uri(settings.Members[0]).Authority}", await probe.ReasonOf(settings));
    }

    private static async Task<string> LeaderAsync(PatroniCluster cluster)
    {
        using var client = new HttpClient();
        foreach (var (name, address) in cluster.Members)
            if ((await client.GetAsync(new Uri(address + "/primary"))).IsSuccessStatusCode) return name;
        throw new InvalidOperationException("nobody leads");
    }

    public void Dispose() => _probe.Dispose();
}
