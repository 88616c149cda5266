using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Incidents;

public class IncidentPlannerTests
{
    private static readonly ServiceMap _map = new([("chat", ["postgres"], "alice"), ("postgres", [], "bob"), ("wiki", [], "alice")]);
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 17, 0, 0, TimeSpan.Zero);
    private long _id;

    [Fact]
    public void An_alert_of_a_service_opens_an_incident_of_that_service()
    {
        var open = Assert.IsType<OpenChange>(Assert.Single(Plan([], Begins("chat", "high"))));
        Assert.Equal(("service:chat", "chat", Severity.High), (open.GroupKey, open.Service, open.Severity));
    }

    [Fact]
    public void An_alert_without_a_service_shares_an_incident_with_its_namesakes()
    {
        var labels = LabelSet.Of(("alertname", "Odd"));
        var open = Assert.IsType<OpenChange>(Assert.Single(Plan([], new AlertChange(1, labels, LabelSet.Empty, null, true, null))));
        Assert.Equal("name:{alertname=\"Odd\"}", open.GroupKey);
        Assert.Null(open.Service);
    }

    [Fact]
    public void A_second_alert_of_the_service_joins_and_raises_the_severity()
    {
        Assert.Collection(Plan([Open(7, "chat", Severity.Medium)], Begins("chat", "critical")),
            c => Assert.Equal(7, Assert.IsType<JoinChange>(c).Number),
            c => Assert.Equal((Severity.Medium, Severity.Critical), (Assert.IsType<SeverityChange>(c).From, ((SeverityChange)c).To)));
    }

    [Fact]
    public void A_severity_that_a_human_set_stays() =>
        Assert.IsType<JoinChange>(Assert.Single(Plan([Open(7, "chat", Severity.Low) with { SeverityByHuman = true }], Begins("chat", "critical"))));

    [Fact]
    public void What_stands_on_the_failed_service_joins_as_impact() =>
        Assert.Equal("chat", Assert.IsType<ImpactChange>(Assert.Single(Plan([Open(7, "postgres", Severity.Critical)], Begins("chat", "critical")))).Service);

    [Fact]
    public void Cause_and_effect_that_come_together_make_one_incident_whichever_comes_first()
    {
        var (effect, cause) = (Begins("chat", "critical"), Begins("postgres", "critical"));
        foreach (var order in new[] { new[] { effect, cause }, [cause, effect] })
        {
            Assert.Collection(Plan([], order),
                c => Assert.Equal("service:postgres", Assert.IsType<OpenChange>(c).GroupKey),
                c => Assert.Equal("chat", Assert.IsType<ImpactChange>(c).Service));
        }
    }

    [Fact]
    public void What_runs_on_the_failed_host_joins_as_impact_also_through_a_dependency()
    {
        var bob = Alert(LabelSet.Of(("alertname", "HostDown"), ("host", "bob"), ("severity", "critical")));
        var plan = Plan([], Begins("chat", "critical"), Begins("wiki", "critical"), bob);
        Assert.Equal(2, plan.OfType<OpenChange>().Count()); // bob, and wiki, which runs on alice
        Assert.Equal("chat", Assert.Single(plan.OfType<ImpactChange>()).Service);
    }

    [Fact]
    public void A_small_matter_of_the_cause_does_not_hide_a_large_one_of_what_stands_on_it() =>
        Assert.IsType<OpenChange>(Assert.Single(Plan([Open(7, "postgres", Severity.Low)], Begins("chat", "critical"))));

    [Fact]
    public void Its_own_incident_comes_before_that_of_a_cause() =>
        Assert.Equal(8, Assert.IsType<JoinChange>(Assert.Single(Plan([Open(7, "postgres", Severity.Critical), Open(8, "chat", Severity.Critical)], Begins("chat", "critical")))).Number);

    [Fact]
    public void It_resolves_when_the_last_alert_ends_and_not_before()
    {
        var open = Open(7, "chat", Severity.High) with { ActiveAlerts = [101, 102] };
        Assert.IsType<EndChange>(Assert.Single(Plan([open], Ends(101, "chat", 7))));
        Assert.Collection(Plan([open], Ends(101, "chat", 7), Ends(102, "chat", 7)), c => Assert.IsType<EndChange>(c), c => Assert.IsType<EndChange>(c), c => Assert.IsType<ResolveChange>(c));
    }

    [Fact]
    public void It_stays_open_when_it_was_told_not_to_resolve_by_itself() =>
        Assert.IsType<EndChange>(Assert.Single(Plan([Open(7, "chat", Severity.High) with { ActiveAlerts = [101], AutoResolve = false }], Ends(101, "chat", 7))));

    [Fact]
    public void A_mitigated_incident_opens_again_with_a_new_alert_and_an_acknowledged_one_does_not()
    {
        Assert.Contains(Plan([Open(7, "chat", Severity.High) with { State = IncidentState.Mitigated }], Begins("chat", "high")), c => c is ReopenChange);
        Assert.DoesNotContain(Plan([Open(7, "chat", Severity.High) with { State = IncidentState.Acknowledged }], Begins("chat", "high")), c => c is ReopenChange);
    }

    [Fact]
    public void The_end_of_an_alert_whose_incident_a_human_has_resolved_is_only_told() =>
        Assert.Equal(3, Assert.IsType<EndChange>(Assert.Single(Plan([], Ends(101, "chat", 3)))).Number);

    [Fact]
    public void An_alert_that_began_and_ended_before_anybody_looked_is_recorded_as_over() =>
        Assert.Collection(Plan([], Begins("chat", "high") with { IsActive = false }), c => Assert.IsType<OpenChange>(c), c => Assert.IsType<EndChange>(c), c => Assert.IsType<ResolveChange>(c));

    [Fact]
    public void Several_alerts_of_one_new_incident_open_it_once_as_bad_as_the_worst()
    {
        var plan = Plan([], Begins("chat", "low"), Begins("chat", "critical"));
        Assert.Equal(Severity.Critical, Assert.Single(plan.OfType<OpenChange>()).Severity);
        Assert.DoesNotContain(plan, c => c is SeverityChange);
    }

    private static IReadOnlyList<IncidentChange> Plan(OpenIncident[] open, params AlertChange[] alerts) => IncidentPlanner.Plan(open, PlanContext.At(_now, _map), alerts);

    private static OpenIncident Open(long number, string service, Severity severity) => new(number, $"service:{service}", service, [], IncidentState.Open, severity, false, true, [], [], new Dictionary<long, string>(), _now.AddMinutes(-1));

    private AlertChange Begins(string service, string severity) => Alert(LabelSet.Of(("alertname", $"Down{_id}"), ("service", service), ("severity", severity)));

    private AlertChange Alert(LabelSet labels) => new(++_id, labels, LabelSet.Empty, null, true, null);

    private static AlertChange Ends(long id, string service, long incident) => new(id, LabelSet.Of(("service", service)), LabelSet.Empty, null, false, incident);

    [Fact]
    public void A_cause_that_is_seen_after_its_effect_takes_it_over()
    {
        var effect = Open(7, "chat", Severity.Critical) with { ActiveAlerts = [70, 71] };
        Assert.Collection(Plan([effect], Begins("postgres", "critical")),
            c => Assert.Equal("postgres", Assert.IsType<OpenChange>(c).Service),
            c => Assert.Equal((-1L, 7L, "70 71"), (Assert.IsType<AbsorbChange>(c).Number, ((AbsorbChange)c).From, string.Join(' ', ((AbsorbChange)c).Alerts))));

        // In somebody's hands, or open for long: a matter of its own.
        Assert.IsType<OpenChange>(Assert.Single(Plan([effect with { State = IncidentState.Acknowledged }], Begins("postgres", "critical"))));
        Assert.IsType<OpenChange>(Assert.Single(Plan([effect with { OpenedAt = _now.AddHours(-1) }], Begins("postgres", "critical"))));
        Assert.IsType<OpenChange>(Assert.Single(Plan([effect], Begins("postgres", "low"))));
    }

    [Fact]
    public void When_the_cause_ends_what_still_fails_is_named()
    {
        var both = Open(7, "postgres", Severity.Critical) with { ActiveAlerts = [70, 71], Impact = ["chat"], ImpactAlerts = new Dictionary<long, string> { [71] = "chat" } };
        Assert.Collection(Plan([both], Ends(70, "postgres", 7)),
            c => Assert.IsType<EndChange>(c),
            c => Assert.Equal(["chat"], Assert.IsType<CauseEndedChange>(c).StillFailing));
        Assert.Collection(Plan([both], Ends(70, "postgres", 7), Ends(71, "chat", 7)), c => Assert.IsType<EndChange>(c), c => Assert.IsType<EndChange>(c), c => Assert.IsType<ResolveChange>(c));
        Assert.IsType<EndChange>(Assert.Single(Plan([both], Ends(71, "chat", 7))));
    }

    [Fact]
    public void What_comes_and_goes_opens_once_and_stays_until_it_is_calm()
    {
        var often = Enumerable.Range(0, Flapping.Begins).Select(n => ("service:chat", _now.AddMinutes(-n))).ToLookup(c => c.Item1, c => c.Item2);
        var context = new PlanContext(_map, Picasoft.Ops.Core.Alerts.Routing.RouteTree.Default, often, _now);
        Assert.Collection(IncidentPlanner.Plan([], context, [Begins("chat", "high")]), c => Assert.IsType<OpenChange>(c), c => Assert.Equal(Flapping.Begins, Assert.IsType<FlapChange>(c).Changes));
        var open = Open(7, "chat", Severity.High) with { Flapping = true, ActiveAlerts = [70] };
        Assert.IsType<EndChange>(Assert.Single(IncidentPlanner.Plan([open], context, [Ends(70, "chat", 7)])));
        Assert.True(Flapping.Is(true, [_now, _now.AddMinutes(-1), _now.AddMinutes(-2)], _now));
        Assert.False(Flapping.Is(true, [_now, _now.AddMinutes(-1), _now - Flapping.Window], _now));
        Assert.False(Flapping.Is(false, [_now, _now.AddMinutes(-1), _now.AddMinutes(-2), _now.AddMinutes(-3), _now.AddMinutes(-4)], _now));
    }

    [Fact]
    public void A_route_decides_how_alerts_are_grouped_and_who_follows()
    {
        var root = Picasoft.Ops.Core.Alerts.Routing.Route.Root;
        var route = new Picasoft.Ops.Core.Alerts.Routing.RouteInput { Match = ["team=\"web\""], Escalation = "web", GroupBy = ["site"], GroupWait = TimeSpan.FromSeconds(10) }.ToRoute(root, 1);
        var context = PlanContext.At(_now, _map, new(root with { Routes = [route] }));
        AlertChange At(string site) => Alert(LabelSet.Of(("alertname", $"A{_id}"), ("team", "web"), ("site", site)));
        var plan = IncidentPlanner.Plan([], context, [At("a"), At("b"), At("a")]);
        Assert.Equal([$"route:{route.Key}:{{site=\"a\"}}", $"route:{route.Key}:{{site=\"b\"}}"], plan.OfType<OpenChange>().Select(o => o.GroupKey));
        Assert.Single(plan.OfType<JoinChange>());
        Assert.All(plan.OfType<OpenChange>(), o => Assert.Equal("web", Assert.Single(o.Routes).Escalation));
    }
}
