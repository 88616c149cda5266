using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Recovery.Engines;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>Real values of OpenLDAP 2.5 and HAProxy 2.6, and what happens between two looks.</summary>
public sealed class ClusterEnginesTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 17, 30, 0, TimeSpan.Zero);

    [Fact]
    public void A_directory_that_has_not_seen_the_other_sides_change_is_told()
    {
        const string First = "20261122172826.471254Z#000000#001#000000", Second = "20261122172826.672669Z#000000#002#000000", Newer = "20261122172900.000001Z#000000#001#000000";
        var equal = new LdapEngine().Read([Ldap("alice", First, Second), Ldap("bob", Second, First)], _now);
        Assert.Equal("cluster.ldap_equal", Assert.Single(equal.Findings).Words.Key);
        Assert.Null(equal.Leader);
        Assert.Equal("001: 20261122172826.471254Z; 002: 20261122172826.672669Z", equal.Members[0].State);

        var behind = Assert.Single(new LdapEngine().Read([Ldap("alice", Newer, Second), Ldap("bob", First, Second)], _now).Findings);
        Assert.Equal((FindingLevel.Warning, "cluster.ldap_behind", "bob"), (behind.Level, behind.Words.Key, behind.Words.Args[0]));
        // What was changed a moment ago is on its way.
        Assert.Equal("cluster.ldap_equal", Assert.Single(new LdapEngine().Read([Ldap("alice", Newer, Second), Ldap("bob", First, Second)], _now.AddSeconds(-55)).Findings).Words.Key);
        Assert.Equal("cluster.no_csn", new LdapEngine().Read([Ldap("alice", First), Ldap("bob")], _now).Findings[0].Words.Key);
        Assert.Equal(FindingLevel.Bad, new LdapEngine().Read([Silent("alice"), Silent("bob")], _now).Worst);
    }

    [Fact]
    public void Who_holds_the_address_and_who_may_not_is_said()
    {
        var held = new AddressEngine().Read([Edge("alice"), Edge("bob"), Edge(AddressEngine.Shared, "bob")], _now);
        Assert.Equal("bob", held.Leader);
        Assert.Equal(["backup", "holder"], held.Members.Select(m => m.Role));
        Assert.Equal("cluster.address_held", Assert.Single(held.Findings).Words.Key);

        var alone = new AddressEngine().Read([Edge("alice", mayHold: 503), Edge("bob"), Edge(AddressEngine.Shared, "bob")], _now);
        Assert.Equal((FindingLevel.Note, "cluster.address_may_not"), (alone.Findings[0].Level, alone.Findings[0].Words.Key));
        var lost = new AddressEngine().Read([Edge("alice", mayHold: 503), Silent("bob"), Silent(AddressEngine.Shared)], _now);
        Assert.Equal(["cluster.address_lost", "cluster.address_may_not", "cluster.haproxy_silent"], lost.Findings.Select(f => f.Words.Key));
        Assert.Equal("cluster.address_strange", new AddressEngine().Read([Edge("alice"), Edge(AddressEngine.Shared, "mallory")], _now).Findings[0].Words.Key);
    }

    [Fact]
    public void What_happens_between_two_looks_is_said_once_in_the_engines_words()
    {
        var before = View([Member("alice", leads: true), Member("bob")], [new(_now.AddDays(-1), "alice", 3, "no recovery target specified")], [Server("bob", "alice", "UP"), Server("bob", "bob", "DOWN")]);
        var during = View([Member("alice", answers: false), Member("bob")], before.History, [Server("bob", "alice", "DOWN"), Server("bob", "bob", "DOWN")], new Finding(FindingLevel.Bad, Phrase.Of("cluster.no_leader")), new Finding(FindingLevel.Note, Phrase.Of("cluster.why.wait", TimeSpan.FromSeconds(8))));
        var after = View([Member("alice", answers: false), Member("bob", leads: true)], [.. before.History, new(_now, "bob", 4, "no recovery target specified")], [Server("bob", "alice", "DOWN"), Server("bob", "bob", "UP")]);

        Assert.Empty(ClusterChanges.Between("database", null, null, before));
        Assert.Empty(ClusterChanges.Between("database", "alice", before, before));
        Assert.Equal(["cluster.event_silent", "cluster.event_no_way", "cluster.event_began", "cluster.event_began"], Keys(ClusterChanges.Between("database", "alice", before, during)));
        Assert.Empty(ClusterChanges.Between("database", "alice", during, during));
        // Its first failover ever comes with Patroni's word; what happened long before anybody looked does not.
        Assert.Contains("cluster.event_history", Keys(ClusterChanges.Between("database", "alice", before with { History = [] }, before with { History = [new(before.At, "bob", 2, "no recovery target specified")] })));
        Assert.Empty(ClusterChanges.Between("database", "alice", before with { History = [] }, before with { History = [new(before.At.AddHours(-1), "bob", 2, "no recovery target specified")] }));
        var taken = ClusterChanges.Between("database", "alice", during, after);
        Assert.Equal(["cluster.moved", "cluster.event_history", "cluster.event_way"], Keys(taken));
        Assert.Equal("database: pg_rw goes to bob now (seen on bob).", taken[2].Words.In(System.Globalization.CultureInfo.GetCultureInfo("en")));
    }

    private static IEnumerable<string> Keys(IReadOnlyList<ClusterEvent> events) => events.Select(e => e.Words.Key);

    private static ClusterView View(IReadOnlyList<MemberView> members, IReadOnlyList<EngineEvent> history, IReadOnlyList<BackendView> backends, params Finding[] findings) => new(_now, members, findings, history) { Backends = backends };

    private static MemberView Member(string name, bool answers = true, bool leads = false) => new(name, null, null, null, null, answers, leads);

    private static BackendView Server(string member, string server, string status) => new(member, "pg_rw", server, status, null, null);

    private static MemberAnswer Ldap(string name, params string[] csn) => new(name, new Dictionary<string, (int, string)> { [LdapEngine.Csn] = (200, string.Join('\n', csn)) });

    private static MemberAnswer Edge(string name, string? who = null, int mayHold = 200) => new(name, new Dictionary<string, (int, string)> { ["/who"] = (200, who ?? name), ["/postgres"] = (mayHold, "") });

    private static MemberAnswer Silent(string name) => new(name, new Dictionary<string, (int, string)> { ["/who"] = (0, "") });
}
