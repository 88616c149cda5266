using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Windows;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>Whatever says that something is wrong, it goes the same way: what holds one source back holds every source back, and none is forgotten.</summary>
public sealed class SourcesStory(PostgresFixture postgres)
{
    private static readonly string[] _sources = ["probe", "heartbeat", "log", "api", "ops"];

    [Fact]
    public async Task A_probe_a_heartbeat_a_log_rule_and_the_API_go_the_same_way()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        var now = team.World.Clock.GetUtcNow();
        await team.DecideAsync(PolicyKind.LabelRule, "1", new LabelRuleInput { Match = ["service=\"\""], Set = new Dictionary<string, string> { ["service"] = "nobody's" } });
        await team.DecideAsync(PolicyKind.Route, "1", new RouteInput { Match = ["service=~\".+\""], GroupWait = TimeSpan.FromSeconds(10) });
        await team.DecideAsync(PolicyKind.Maintenance, "move", new MaintenanceInput { Name = "move", Match = ["service=~\"of-.*\""], StartsAt = now.AddMinutes(-1), Duration = TimeSpan.FromMinutes(31) });

        foreach (var (source, service) in _sources.Select(s => (s, $"of-{s}")).Append(("probe", null!)))
        {
            await team.World.SendAsync(Signal(source, service, now));
            await team.RoundAsync();
        }
        Assert.Equal(_sources.Length + 1, (await team.World.AlertsAsync()).Select(a => a.IncidentId).Distinct().Count());
        for (var number = 1; number <= _sources.Length; number++)
        {
            var incident = await team.World.IncidentAsync(number);
            Assert.Equal(("1", true), (incident.Route, incident.Held));
            Assert.Contains(await team.World.TimelineAsync(number), t => t.Phrase?.Key == "notice.held");
        }
        Assert.Equal("nobody's", (await team.World.IncidentAsync(_sources.Length + 1)).Service); // the label rules see it too

        // What ends meanwhile is told to nobody; the window ends, and what still fails is told, one source like the other.
        await team.World.SendAsync(Signal("log", "of-log", now) with { EndsAt = team.World.Clock.GetUtcNow() });
        await team.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["opened tech@example.org"], await team.SentAsync());
        await team.PassAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(_sources.Length, (await team.SentAsync()).Count);
        var states = new List<IncidentState>();
        for (var number = 1; number <= _sources.Length; number++) states.Add((await team.World.IncidentAsync(number)).State);
        Assert.Equal([IncidentState.Open, IncidentState.Open, IncidentState.Resolved, IncidentState.Open, IncidentState.Open], states);
    }

    /// <summary>As its source begins it.</summary>
    private static AlertSignal Signal(string source, string? service, DateTimeOffset now) => source switch
    {
        "probe" => ProbeAlerts.Begin(new() { Name = $"probe of {service}", Service = service, Severity = Severity.High }, null, service ?? "it", new(false, Phrase.Of("probe.failed", "")), null, now),
        "heartbeat" => HeartbeatAlerts.Begin(new() { Name = "beat", Service = service, Severity = Severity.High }, null, Phrase.Of("heartbeat.missing", now), null, now),
        "log" => LogAlerts.Begin(new() { Name = "rule", Service = service, Severity = Severity.High, Match = "x" }, null, "", new(RuleState.New, RuleTurn.Begin, now, 1), null, "a line"),
        _ => new(LabelSet.Of(("alertname", "Down"), ("service", service ?? ""), ("severity", "high")), LabelSet.Empty, now, null, source),
    };
}
