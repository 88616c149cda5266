using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Recovery.Engines;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>Real answers of Patroni 3.0.2, and what they mean.</summary>
public sealed class PatroniEngineTests
{
    private const string Members = """
        {"members": [{"name": "pg1", "role": "sync_standby", "state": "running", "api_url": "http://10.77.0.11:8008/patroni", "host": "10.77.0.11", "port": 5432, "timeline": 1, "lag": 0},
         {"name": "pg2", "role": "replica", "state": "running", "api_url": "http://10.77.0.12:8008/patroni", "host": "10.77.0.12", "port": 5432, "timeline": 1, "lag": 0},
         {"name": "pg3", "role": "leader", "state": "running", "api_url": "http://10.77.0.13:8008/patroni", "host": "10.77.0.13", "port": 5432, "timeline": 1}]}
        """;

    private const string History = """[[1, 67264864, "no recovery target specified", "2026-11-22T18:09:20.470310+00:00", "pg3"]]""";

    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1795373456);

    [Fact]
    public void A_whole_cluster_has_a_leader_and_says_why_it_leads()
    {
        var view = Read(Replica("pg1"), Replica("pg2"), Leader("pg3"));
        Assert.Equal("pg3", view.Leader);
        Assert.Equal(FindingLevel.Note, view.Worst);
        Assert.Equal(["sync_standby", "replica", "leader"], view.Members.Select(m => m.Role));
        Assert.Equal("cluster.why.leads", Assert.Single(view.Findings).Words.Key);
        Assert.Equal((2, "pg3"), (view.History[0].Timeline, view.History[0].Leader));
    }

    [Fact]
    public void The_old_view_of_a_member_that_is_cut_off_is_not_believed()
    {
        // pg1 still shows pg1 as leader, as it was long ago; pg3 answers that it leads.
        var old = Members.Replace("\"role\": \"leader\"", "\"role\": \"replica\"", StringComparison.Ordinal).Replace("\"role\": \"sync_standby\"", "\"role\": \"leader\"", StringComparison.Ordinal);
        var view = Read(Replica("pg1", cluster: old, lastSeen: _now.ToUnixTimeSeconds() - 60), Replica("pg2"), Leader("pg3"));
        Assert.Equal("pg3", view.Leader);
        Assert.Contains(view.Findings, f => f.Words.Key == "cluster.member_blind");
    }

    [Fact]
    public void Without_a_leader_it_says_why_nobody_took_over()
    {
        var dead = new MemberAnswer("pg1", new Dictionary<string, (int, string)> { ["/primary"] = (0, "") });
        var view = Read(dead, Replica("pg2"), Replica("pg3"));
        Assert.Null(view.Leader);
        Assert.Equal(["cluster.no_leader", "cluster.why.only_standby"], view.Findings.Take(2).Select(f => f.Words.Key));

        var blind = _now.ToUnixTimeSeconds() - 60;
        Assert.Contains("cluster.why.no_majority", Read(dead, Replica("pg2", lastSeen: blind), Replica("pg3", lastSeen: blind)).Findings.Select(f => f.Words.Key));
        var paused = Members.Replace("{\"members\"", "{\"pause\": true, \"members\"", StringComparison.Ordinal);
        Assert.Contains("cluster.why.paused", Read(Replica("pg1", cluster: paused), Replica("pg2", cluster: paused), Replica("pg3", cluster: paused)).Findings.Select(f => f.Words.Key));
    }

    [Fact]
    public void A_move_that_is_planned_is_said_with_its_instant()
    {
        var planned = Members.Replace("{\"members\"", "{\"scheduled_switchover\": {\"at\": \"2026-11-27T04:00:00+01:00\", \"from\": \"pg3\"}, \"members\"", StringComparison.Ordinal);
        var words = Read(Replica("pg1", cluster: planned), Replica("pg2", cluster: planned), Leader("pg3", planned)).Findings.Single(f => f.Words.Key == "cluster.switchover_planned").Words;
        Assert.Equal("A move away from pg3 is planned for 27 Nov 2026 03:00\u00a0UTC.", words.In(System.Globalization.CultureInfo.GetCultureInfo("en")));
    }

    [Fact]
    public void Who_may_not_lead_or_is_too_far_behind_is_named()
    {
        var dead = new MemberAnswer("pg3", new Dictionary<string, (int, string)> { ["/primary"] = (0, "") });
        MemberAnswer Asynchronous(string name, string cluster) => new(name, new Dictionary<string, (int Status, string Body)>(Replica(name, cluster).Said) { ["/config"] = (200, """{"ttl": 10, "loop_wait": 1, "retry_timeout": 3, "maximum_lag_on_failover": 1048576}""") });
        var unwilling = Members.Replace("\"lag\": 0}", "\"lag\": 0, \"tags\": {\"nofailover\": true}}", StringComparison.Ordinal);
        Assert.Equal(["cluster.no_leader", "cluster.why.nofailover"], Read(Asynchronous("pg1", unwilling), Asynchronous("pg2", unwilling), dead).Findings.Take(2).Select(f => f.Words.Key));
        var late = Members.Replace("\"lag\": 0}", "\"lag\": 1048577}", StringComparison.Ordinal);
        Assert.Equal("cluster.why.behind", Read(Asynchronous("pg1", late), Asynchronous("pg2", late), dead).Findings[1].Words.Key);
        Assert.Equal("cluster.why.wait", Read(Asynchronous("pg1", Members), Asynchronous("pg2", late), dead).Findings[1].Words.Key);
    }

    [Fact]
    public void Two_leaders_a_lost_timeline_and_a_missing_standby_are_told()
    {
        Assert.Contains(Read(Leader("pg1"), Replica("pg2"), Leader("pg3")).Findings, f => f is { Level: FindingLevel.Bad, Words.Key: "cluster.two_leaders" });
        var behind = Members.Replace("\"port\": 5432, \"timeline\": 1, \"lag\": 0},\n {\"name\": \"pg2\"", "\"port\": 5432, \"timeline\": 7, \"lag\": 0},\n {\"name\": \"pg2\"", StringComparison.Ordinal);
        Assert.Contains(Read(Replica("pg1"), Replica("pg2"), Leader("pg3", behind)).Findings, f => f.Words.Key == "cluster.other_timeline");
        var alone = Members.Replace("sync_standby", "replica", StringComparison.Ordinal);
        Assert.Contains(Read(Replica("pg1"), Replica("pg2"), Leader("pg3", alone)).Findings, f => f is { Level: FindingLevel.Warning, Words.Key: "cluster.no_standby" });
    }

    [Fact]
    public void What_is_not_an_answer_of_Patroni_breaks_nothing()
    {
        var odd = new MemberAnswer("pg1", new Dictionary<string, (int, string)> { ["/primary"] = (200, "<html>"), ["/cluster"] = (200, "[1]"), ["/history"] = (200, "{}"), ["/patroni"] = (200, "nonsense") });
        Assert.Equal("pg1", Read(odd).Leader);
    }

    [Fact]
    public void Haproxy_is_read_by_the_names_of_its_columns()
    {
        const string Csv = """
            # pxname,svname,scur,status,lastchg,downtime,check_status,check_code,check_duration,last_chk
            pg_rw,FRONTEND,4,OPEN,,,,,,
            pg_rw,pg1,0,DOWN,397,397,L7STS,503,101,Service Unavailable
            pg_rw,pg2,4,UP,160,221,L7OK,200,233,
            pg_rw,pg3,0,DOWN,169,199,* L7TOUT,,2001,
            pg_rw,BACKEND,4,UP,160,221,,,,
            ldap,alice,0,DOWN,1,1,L4CON,,0,
            """;
        var view = new HaproxyEngine().Read([new("alice", new Dictionary<string, (int, string)> { ["/;csv"] = (200, Csv) })], _now);
        Assert.Equal("pg_rw → pg2", view.Members[0].State);
        Assert.Equal("cluster.nothing_behind", Assert.Single(view.Findings).Words.Key);
    }

    [Fact]
    public void A_failover_is_not_told_and_what_stays_is()
    {
        var since = _now.AddSeconds(-10);
        Assert.Equal(FindingLevel.Note, ClusterTrouble.ToTell(FindingLevel.Bad, since, FindingLevel.Note, _now));
        Assert.Equal(FindingLevel.Bad, ClusterTrouble.ToTell(FindingLevel.Bad, since.AddSeconds(-10), FindingLevel.Note, _now));
        Assert.Equal(FindingLevel.Warning, ClusterTrouble.ToTell(FindingLevel.Warning, since, FindingLevel.Bad, _now));
        Assert.Equal(FindingLevel.Note, ClusterTrouble.ToTell(FindingLevel.Note, _now, FindingLevel.Bad, _now));
    }

    private static ClusterView Read(params MemberAnswer[] answers) => new PatroniEngine().Read(answers, _now);

    private static MemberAnswer Leader(string name, string cluster = Members) => Member(name, 200, cluster, _now.ToUnixTimeSeconds() - 1);

    private static MemberAnswer Replica(string name, string cluster = Members, long? lastSeen = null) => Member(name, 503, cluster, lastSeen ?? _now.ToUnixTimeSeconds() - 1);

    private static MemberAnswer Member(string name, int primary, string cluster, long lastSeen) => new(name, new Dictionary<string, (int, string)>
    {
        ["/primary"] = (primary, ""),
        ["/patroni"] = (200, $$"""{"state": "running", "role": "replica", "server_version": 150020, "timeline": 1, "dcs_last_seen": {{lastSeen}}, "patroni": {"version": "3.0.2", "scope": "picasoft"} }"""),
        ["/cluster"] = (200, cluster),
        ["/history"] = (200, History),
        ["/config"] = (200, """{"ttl": 10, "loop_wait": 1, "retry_timeout": 3, "synchronous_mode": true}"""),
    });
}
