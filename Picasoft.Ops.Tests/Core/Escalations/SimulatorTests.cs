using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Escalations;

public sealed class SimulatorTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 4, 30, 0, TimeSpan.Zero);

    private static Policy Row<T>(PolicyKind kind, string name, T input) => new() { Kind = kind, Name = name, Definition = Picasoft.Ops.Core.Storage.Json.Text(input) };

    private static SimulationWorld World(params Policy[] policies)
    {
        var book = new PolicyBook(policies);
        return new(book, [], PlanContext.At(_now, routes: book.Routes), new(new([], _now), book.Maintenances, new(book.Inhibitions, []), _now),
            new([new(1, "tech-mail", "tech@example.org")]), names => Timetable.Of(names, book.Escalations), _now);
    }

    [Fact]
    public void It_says_rule_by_rule_what_would_happen_and_who_would_be_told()
    {
        var world = World(
            Row(PolicyKind.LabelRule, "1", new LabelRuleInput { Match = ["job=\"node\""], Set = new Dictionary<string, string> { ["team"] = "infra" } }),
            Row(PolicyKind.Route, "1", new RouteInput { Match = ["team=\"web\""], Escalation = "web" }),
            Row(PolicyKind.Route, "2", new RouteInput { Match = ["team=\"infra\""], Escalation = "infra", GroupWait = TimeSpan.FromSeconds(10) }),
            Row(PolicyKind.Escalation, "infra", new EscalationInput { Name = "infra", Steps = [new() { Notify = ["channel:tech-mail"] }, new() { After = TimeSpan.FromMinutes(15), Notify = ["channel:gone"] }] }));

        var found = Simulator.Run(LabelSet.Of(("alertname", "DiskFull"), ("job", "node")), world);

        Assert.True(found.Pages);
        Assert.Equal("infra", found.Labels["team"]);
        Assert.Equal(["simulate.label_rule", "simulate.route", "simulate.route_taken", "simulate.grouping", "simulate.opens", "simulate.not_muted", "simulate.waits", "simulate.pages"], found.Steps.Select(s => s.Words.Key));
        Assert.Equal([(10, 1), (910, 0)], found.Told.Select(m => ((int)m.At.TotalSeconds, m.Targets.Count)));
    }

    [Fact]
    public void What_a_window_holds_back_pages_nobody_then_and_somebody_an_hour_later()
    {
        var window = Row(PolicyKind.Maintenance, "updates", new MaintenanceInput { Name = "updates", Match = ["host=\"bob\""], Schedule = "0 5 * * 2", TimeZone = "Europe/Paris", Duration = TimeSpan.FromHours(1) });
        var held = Simulator.Run(LabelSet.Of(("host", "bob")), World(window));
        Assert.False(held.Pages);
        Assert.Equal("notice.held", held.Steps[^1].Words.Key);
        Assert.True(Simulator.Run(LabelSet.Of(("host", "alice")), World(window)).Pages);
    }

    [Fact]
    public void Every_rule_is_named_also_those_that_do_nothing()
    {
        var world = World(
            Row(PolicyKind.LabelRule, "1", new LabelRuleInput { Match = ["job=\"db\""], Set = new Dictionary<string, string> { ["team"] = "db" } }),
            Row(PolicyKind.InhibitRule, "1", new InhibitInput { SourceMatch = ["alertname=\"HostDown\""], TargetMatch = ["alertname=\"Slow\""] }),
            Row(PolicyKind.InhibitRule, "2", new InhibitInput { SourceMatch = ["alertname=\"HostDown\""], TargetMatch = ["alertname=\"Other\""] }),
            Row(PolicyKind.Maintenance, "nights", new MaintenanceInput { Name = "nights", Match = ["alertname=\"Slow\""], Schedule = "0 22 * * *", TimeZone = "Europe/Paris", Duration = TimeSpan.FromHours(1) }),
            Row(PolicyKind.Maintenance, "past", new MaintenanceInput { Name = "past", Match = ["alertname=\"Slow\""], StartsAt = _now.AddDays(-2), EndsAt = _now.AddDays(-1) }),
            Row(PolicyKind.Maintenance, "wiki", new MaintenanceInput { Name = "wiki", Match = ["service=\"wiki\""], Schedule = "0 22 * * *", TimeZone = "Europe/Paris", Duration = TimeSpan.FromHours(1) }));
        var found = Simulator.Run(LabelSet.Of(("alertname", "Slow")), world);
        Assert.True(found.Pages);
        Assert.Equal(["simulate.inhibit_idle", "simulate.inhibit_not", "simulate.label_rule_not", "simulate.not_muted", "simulate.window_closed", "simulate.window_not", "simulate.window_over"],
            found.Steps.Where(s => !s.Applies).Select(s => s.Words.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("high", IncidentState.Open, true, false)]
    [InlineData("critical", IncidentState.Open, true, true)] // it makes it worse
    [InlineData("low", IncidentState.Mitigated, true, true)] // users suffer again
    [InlineData("low", IncidentState.Open, false, true)] // the first of it that nothing holds
    public void What_joins_an_incident_pages_when_people_do_not_know_of_it_yet(string severity, IncidentState state, bool isTold, bool pages)
    {
        var world = World() with
        {
            Open = [new(7, "service:chat", "chat", [], state, Severity.High, false, true, [70], [], new Dictionary<long, string>(), _now)],
            Incidents = [new() { Number = 7, GroupKey = "service:chat", Service = "chat", State = state, Severity = Severity.High, OpenedAt = _now, ToldAt = isTold ? _now : null }],
        };
        var found = Simulator.Run(LabelSet.Of(("alertname", "Slow"), ("service", "chat"), ("severity", severity)), world);
        Assert.Equal((pages, pages ? "simulate.pages" : "simulate.known"), (found.Pages, found.Steps[^1].Words.Key));
    }

    [Fact]
    public void Who_sleeps_hears_of_it_later()
    {
        var asleep = new QuietInput { From = "00:00", To = "07:00", TimeZone = "Europe/Paris", Below = Severity.High };
        var world = World() with { Book = new([new(1, "tech-mail", "camille@example.org") { Person = "camille", Quiet = asleep }]) };
        var later = Simulator.Run(LabelSet.Of(("service", "chat"), ("severity", "low")), world);
        Assert.Equal("simulate.later", later.Steps[^1].Words.Key);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 6, 0, 0, TimeSpan.Zero), Assert.Single(later.Told[0].Targets).WaitsUntil);
        Assert.Null(Assert.Single(Simulator.Run(LabelSet.Of(("service", "chat"), ("severity", "critical")), world).Told[0].Targets).WaitsUntil);
    }

    [Theory]
    [InlineData("alertname=HostDown\nhost=bob", "{alertname=\"HostDown\", host=\"bob\"}")]
    [InlineData("{alertname=\"HostDown\", host=\"bob\"}", "{alertname=\"HostDown\", host=\"bob\"}")]
    public void Labels_are_read_as_people_write_them(string text, string expected) => Assert.Equal(expected, Simulator.ReadLabels(text).Value.ToString());

    [Fact]
    public void Labels_that_are_written_out_are_read_back()
    {
        var labels = LabelSet.Of(("host", "bob"), ("title", "Wiki, \"the old one\" {a=b}"), ("path", @"c:\new"), ("text", "two\nlines"), ("space", " x"), ("word", "déjà vu"));
        Assert.Equal(labels, Simulator.ReadLabels(Simulator.WriteLabels(labels)).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("host=~\"b.*\"")]
    [InlineData("nonsense")]
    public void What_is_no_label_is_refused(string text) => Assert.False(Simulator.ReadLabels(text).IsDone);
}
