using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
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
