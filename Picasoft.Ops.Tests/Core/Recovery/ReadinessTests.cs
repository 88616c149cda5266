using System.Globalization;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;

namespace Picasoft.Ops.Tests.Core.Recovery;

public sealed class ReadinessTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly Service _database = new() { Name = "postgres", Criticality = Criticality.High };
    private static readonly Service _chat = new() { Name = "chat", Title = "Chat", Criticality = Criticality.Critical, DependsOn = ["postgres"], Rto = TimeSpan.FromMinutes(15), Rpo = TimeSpan.FromMinutes(5) };
    private static readonly RecoveryPlanInput _plan = new()
    {
        Name = "chat-back",
        Title = "Bring the chat back",
        Service = "chat",
        Owner = "camille",
        Drill = new(),
        Steps = [new() { Title = "Look there", Manual = "Go to the cellar." }, new() { Title = "Start it", Ssh = new() { Host = "alice", Command = "start" } }, new() { Title = "Drain", Destructive = true, Haproxy = new() { Socket = "/run/a.sock", Backend = "web", Server = "one", Action = HaproxyAction.Drain } }],
    };

    [Fact]
    public void What_is_missing_is_named()
    {
        var row = Assert.Single(Readiness.Of([_chat, _database], [], [], _now));
        Assert.Equal(["gap.no_plan", "gap.no_backup"], row.Gaps.Select(g => g.Key));

        row = Readiness.Of([_chat, _database], [Proven(null)], [Backup("postgres", null)], _now).Single();
        Assert.Equal(["gap.unproven", "gap.backup_rpo", "gap.no_restore"], row.Gaps.Select(g => g.Key));
    }

    [Fact]
    public void What_was_proven_stands_beside_what_was_promised()
    {
        var run = new RecoveryRun { Id = 3, State = RunState.Done, StartedAt = _now.AddDays(-3), EndedAt = _now.AddDays(-3).AddMinutes(12), MeasuredRpo = TimeSpan.FromMinutes(1) };
        var row = Readiness.Of([_chat, _database], [Proven(run)], [Backup("postgres", new(_now.AddDays(-9), TimeSpan.FromMinutes(4), new Dictionary<string, string> { ["rows"] = "7" }))], _now).Single();
        Assert.Empty(row.Gaps);
        Assert.Equal(TimeSpan.FromMinutes(12), row.LastProven!.Took);
        Assert.Equal(_now.AddDays(-9), row.LastRestore!.At);
        run.EndedAt = _now.AddDays(-3).AddMinutes(20);
        Assert.Equal("drill.too_slow", Readiness.Of([_chat, _database], [Proven(run)], [], _now).Single().Gaps[0].Key);
    }

    [Fact]
    public void The_printed_plan_can_be_followed_by_hand_in_both_languages()
    {
        var plans = new[] { Proven(null) };
        var facts = new PlanFacts(_now, [_chat, _database], [new() { Name = "alice", Address = "10.0.0.1" }], [("camille", "camille@example.org")], Readiness.Of([_chat, _database], plans, [], _now), plans, [],
            [new() { Name = "alice", Host = "10.0.0.1", User = "ops", KeyFile = "/run/secrets/key", Commands = new Dictionary<string, string> { ["start"] = "systemctl start chat" } }], "/opt/recovery");
        var english = PlanDocument.Write(facts, CultureInfo.GetCultureInfo("en"), TimeZoneInfo.Utc);
        foreach (var expected in new[] { "1. **postgres**\n", "2. **Chat** (after postgres)\n", "Go to the cellar.", "`ssh -p 22 ops@10.0.0.1 'systemctl start chat'` (key: /run/secrets/key)", "`echo 'set server web/one state drain' | socat - /run/a.sock`", "camille@example.org", "⚠ No backup is known." }) Assert.Contains(expected, english, StringComparison.Ordinal);
        Assert.DoesNotContain("–, at most", english, StringComparison.Ordinal);
        Assert.Contains("Démarrer dans cet ordre", PlanDocument.Write(facts, CultureInfo.GetCultureInfo("fr"), TimeZoneInfo.Utc), StringComparison.Ordinal);
    }

    /// <summary>On paper stands what one types when nothing of ours runs: each word as one word for the shell, and no secret.</summary>
    [Fact]
    public void A_step_that_acts_is_a_command_to_paste()
    {
        ClusterInput database = new() { Name = "database", Engine = EngineKind.Patroni, Members = new Dictionary<string, string> { ["alice"] = "http://10.0.0.1:8008", ["bob"] = "http://10.0.0.2:8008/" } };
        ClusterView view = new(_now, [new("alice", "leader", "running", 1, 0, true, true)], [], []);
        string Typed(RecoveryStepInput step)
        {
            var plan = _plan with { Preflight = [new() { Title = "Look", Check = new() { Url = "http://10.0.0.9/?a=1&b=2" } }], Steps = [.. Enumerable.Repeat(_plan.Steps[0], 8), step with { Title = "It" }] };
            var text = PlanDocument.Write(new(_now, [_chat], [], [], [], [new(plan, new(null, null), _now)], [new(database, view, [], true, 0)], [new() { Name = "alice", Host = "10.0.0.1", User = "ops", KeyFile = "/key", Commands = new Dictionary<string, string> { ["say"] = "echo 'it is' `date`" } }], "/opt/recovery"), CultureInfo.GetCultureInfo("en"), TimeZoneInfo.Utc);
            Assert.Contains("\n1. **Look**: `curl -f 'http://10.0.0.9/?a=1&b=2'`\n", text, StringComparison.Ordinal);
            return text.Split("\n10. **It**: ")[1].Split("\n## ")[0].TrimEnd();
        }

        Assert.Equal("""`curl -i -u patroni -H 'Content-Type: application/json' -d '{"leader":"alice","candidate":"bob"}' http://10.0.0.1:8008/switchover` (password: first line of /run/pw). If alice does not lead, write in its place the name of whoever does, as `curl http://10.0.0.1:8008/cluster` says.""",
            Typed(new() { Patroni = new() { Cluster = "database", Action = PatroniAction.Switchover, Member = "bob", PasswordFile = "/run/pw" } }));
        Assert.Equal("""`curl -i -H 'Content-Type: application/json' -d '{"candidate":"bob"}' http://10.0.0.2:8008/failover`""", Typed(new() { Patroni = new() { Cluster = "database", Action = PatroniAction.Failover, Member = "bob" } }));
        Assert.Equal("`curl -i -H 'Content-Type: application/json' -d '{}' http://10.0.0.2:8008/restart`", Typed(new() { Patroni = new() { Cluster = "database", Action = PatroniAction.Restart, Member = "bob" } }));
        Assert.Equal("`docker restart wekan` (on the machine of Picasoft.Ops)", Typed(new() { Docker = new() { Container = "wekan", Action = DockerAction.Restart } }));
        Assert.Equal("`docker -H tcp://10.0.0.1:2375 stop wekan`", Typed(new() { Docker = new() { Engine = "http://10.0.0.1:2375", Container = "wekan", Action = DockerAction.Stop } }));
        Assert.Equal("`echo 'set server web/one state ready' | socat - TCP:10.0.0.1:9999`", Typed(new() { Haproxy = new() { Socket = "10.0.0.1:9999", Backend = "web", Server = "one", Action = HaproxyAction.Ready } }));
        Assert.Equal("""``ssh -p 22 ops@10.0.0.1 'echo '\''it is'\'' `date`'`` (key: /key)""", Typed(new() { Ssh = new() { Host = "alice", Command = "say" } }));
        Assert.Equal("gone is not in the list of what may be run on alice.", Typed(new() { Ssh = new() { Host = "alice", Command = "gone" } }));
        Assert.Equal("`PATH=/opt/recovery:$PATH restore 'a b' ''` (on the machine of Picasoft.Ops)", Typed(new() { Plugin = new() { Command = "restore", Arguments = ["a b", ""] } }));
        // A body of several lines stands as it is, as far in as its item.
        var lines = Typed(new() { Http = new() { Url = "http://10.0.0.9/", TokenFile = "/run/token", Body = "{\n\"a\": 1}" } }).Trim().Split('\n');
        Assert.Equal(["```", """curl -i -X POST -H "Authorization: Bearer $(head -n 1 /run/token)" -H 'Content-Type: application/json' --data-binary '{""", "\"a\": 1}' http://10.0.0.9/", "```", "(token: first line of /run/token)"], lines.Where(l => l.Trim().Length > 0).Select(l => l.Trim()));
        Assert.All(lines.Skip(1).Where(l => l.Trim().Length > 0), l => Assert.StartsWith("    ", l, StringComparison.Ordinal));
    }

    [Fact]
    public void A_runbook_stands_below_the_title_of_its_service()
    {
        var wiki = new Service { Name = "wiki", Criticality = Criticality.Critical, Runbook = "# Down\n```\n# a comment\n```\n#hashtag" };
        var pads = new Service { Name = "pads", Runbook = "Restart them." };
        var text = PlanDocument.Write(new(_now, [wiki, pads], [], [], Readiness.Of([wiki, pads], [], [], _now), [], [], [], ""), CultureInfo.GetCultureInfo("en"), TimeZoneInfo.Utc);
        Assert.Contains("### wiki\n", text, StringComparison.Ordinal);
        // One of which nothing is promised is started too.
        Assert.Contains("### pads\n\nRestart them.\n", text, StringComparison.Ordinal);
        Assert.Contains("\n#### Down\n```\n# a comment\n```\n#hashtag\n", text, StringComparison.Ordinal);
    }

    private static ProvenPlan Proven(RecoveryRun? run) => new(_plan, new(run, run), _now.AddDays(-1));

    private static BackupTruth Backup(string service, RestoreProven? restore) =>
        BackupTruth.Of(new(new() { Name = "borg", Service = service }, new(), null), null, [new(_now.AddHours(-1), null)], restore, _now);
}
