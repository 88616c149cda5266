using CsCheck;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Tests.Core.Escalations;

/// <summary>What people may change about paging, and what it would do.</summary>
public sealed class PolicyChangeTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static Policy Row<T>(PolicyKind kind, string name, T input, int position, bool fromFile = false) =>
        new() { Kind = kind, Name = name, Definition = Json.Text(input), Position = position, FromFile = fromFile };

    private static RouteInput Route(string service, string? escalation = null, params RouteInput[] within) => new() { Match = [$"service=\"{service}\""], Escalation = escalation, Routes = within };

    private static Outcome<Policy> Carry(List<Policy> all, PolicyChange change) => change.Carry(all, (kind, name) => kind == "channel" && name == "mail");

    private static string[] Services(List<Policy> all) => [.. new PolicyBook(all).Routes.Root.Routes.Select(r => r.Match[0].Value)];

    [Fact]
    public void What_people_made_is_tried_before_what_the_file_says()
    {
        List<Policy> all = [Row(PolicyKind.Route, "2", Route("f2"), 2, true), Row(PolicyKind.Route, "1", Route("f1"), 1, true)];
        var first = Carry(all, new(PolicyKind.Route, null, Route("a"))).Value;
        Carry(all, new(PolicyKind.Route, null, Route("b")));
        Assert.Equal(["a", "b", "f1", "f2"], Services(all));
        Carry(all, new(PolicyKind.Route, first.Name, null, 2));
        Assert.Equal(["b", "a", "f1", "f2"], Services(all));
        Assert.Equal(RefusalKind.Conflict, Carry(all, new(PolicyKind.Route, "1", Route("x"))).Refusal!.Kind);
        Assert.Equal(RefusalKind.NotFound, Carry(all, new(PolicyKind.Route, "p9", Route("x"))).Refusal!.Kind);
        Assert.Equal(["b", "a", "f1", "f2"], Services(all));
    }

    [Fact]
    public void Places_stay_a_count_whatever_is_made_moved_and_deleted() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 8], Gen.Int[1, 8]).Array[1, 40].Sample(steps =>
        {
            List<Policy> all = [Row(PolicyKind.Route, "1", Route("file"), 1, true)];
            foreach (var (act, which, to) in steps)
            {
                var ours = PolicyBook.Ordered(all.Where(p => !p.FromFile)).ToList();
                if (act == 0 || ours.Count == 0)
                {
                    var made = Carry(all, new(PolicyKind.Route, null, Route("x"))).Value;
                    if (ours.Exists(p => p.Name == made.Name)) return false;
                    continue;
                }
                var picked = ours[which % ours.Count];
                var done = Carry(all, act == 1 ? new(PolicyKind.Route, picked.Name, null, to) : PolicyChange.Delete(PolicyKind.Route, picked.Name));
                if (!done.IsDone) return false;
                if (act == 1 && picked.Position != Math.Clamp(to, 1, ours.Count)) return false;
            }
            var positions = PolicyBook.Ordered(all.Where(p => !p.FromFile)).Select(p => p.Position).ToList();
            return positions.SequenceEqual(Enumerable.Range(1, positions.Count)) && PolicyBook.Ordered(all).Last().FromFile;
        });

    [Fact]
    public void What_is_named_must_be_there_at_every_depth()
    {
        List<Policy> all = [Row(PolicyKind.Escalation, "night", new EscalationInput { Name = "night", Steps = [new() { Notify = ["channel:mail"] }] }, 1)];
        var wrong = Carry(all, new(PolicyKind.Route, null, Route("a", "default", Route("b", "night", Route("c", "nobody")))));
        Assert.Equal(["routes[0].routes[0].escalation"], wrong.Refusal!.Errors.Select(e => e.Field));
        Assert.Equal(["steps[0].notify[1]", "steps[1].notify[0]"], Carry(all, new(PolicyKind.Escalation, null, new EscalationInput
        {
            Name = "day",
            Steps = [new() { Notify = ["channel:mail", "channel:gone"] }, new() { After = TimeSpan.FromMinutes(5), Notify = ["person:zoe", "everybody"] }],
        })).Refusal!.Errors.Select(e => e.Field));
        Assert.Equal(["name"], Carry(all, new(PolicyKind.Escalation, null, new EscalationInput { Name = "night", Steps = [new() { Notify = ["everybody"] }] })).Refusal!.Errors.Select(e => e.Field));

        Carry(all, new(PolicyKind.Route, null, Route("a", null, Route("b", "night"))));
        Assert.Contains("route 1", Carry(all, PolicyChange.Delete(PolicyKind.Escalation, "night")).Refusal!.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, all.Count);
    }

    [Fact]
    public void Somebody_elses_change_is_not_overwritten()
    {
        List<Policy> all = [Row(PolicyKind.Maintenance, "w", new MaintenanceInput { Name = "w", Match = ["a=\"b\""] }, 1)];
        all[0].Version = 7;
        Assert.Equal(RefusalKind.Conflict, Carry(all, new(PolicyKind.Maintenance, "w", new MaintenanceInput { Name = "w" }, null, 6)).Refusal!.Kind);
        Assert.Equal("name", Carry(all, new(PolicyKind.Maintenance, "w", new MaintenanceInput { Name = "v" }, null, 7)).Refusal!.Errors[0].Field);
        Assert.True(Carry(all, new(PolicyKind.Maintenance, "w", new MaintenanceInput { Name = "w" }, null, 7)).IsDone);
    }

    [Fact]
    public void The_effect_names_the_alerts_that_would_be_treated_differently()
    {
        List<Policy> all = [Row(PolicyKind.Route, "1", Route("chat"), 1, true)];
        var before = new PolicyBook(all);
        (LabelSet, long?)[] alerts = [(LabelSet.Of(("service", "chat")), 1), (LabelSet.Of(("service", "mail")), 2)];

        // A route before another that treats what it matches the same way is no difference, though numbers move.
        Carry(all, new(PolicyKind.Route, null, Route("wiki")));
        Assert.Equal(0, PolicyEffect.Of(before, new(all), new([], _now), alerts, _now).Changed);

        Carry(all, new(PolicyKind.Maintenance, null, new MaintenanceInput { Name = "w", Match = ["service=\"mail\""], StartsAt = _now.AddHours(-1), Duration = TimeSpan.FromHours(2) }));
        var effect = PolicyEffect.Of(before, new(all), new([], _now), alerts, _now);
        Assert.Equal((2, 1, 1, 0), (effect.Alerts, effect.Changed, effect.Muted, effect.Freed));
        Assert.Equal("mail", effect.Examples[0].Labels["service"]);
        Assert.Equal((0, 1), (PolicyEffect.Of(new(all), before, new([], _now), alerts, _now).Muted, PolicyEffect.Of(new(all), before, new([], _now), alerts, _now).Freed));
    }

    [Fact]
    public void A_route_that_moves_keeps_the_incidents_of_its_alerts()
    {
        var labels = LabelSet.Of(("service", "chat"), ("site", "a"));
        RouteInput[] routes = [Route("wiki"), Route("chat") with { GroupBy = ["site"] }];
        string KeyIn(params RouteInput[] order)
        {
            var tree = new PolicyBook(order.Select((r, i) => Row(PolicyKind.Route, $"{i + 1}", r, i + 1))).Routes;
            return Grouping.KeyOf(tree.Match(labels)[0], labels);
        }
        Assert.Equal(KeyIn(routes[0], routes[1]), KeyIn(routes[1], routes[0]));
        Assert.NotEqual(KeyIn(routes[1]), KeyIn(routes[1] with { Match = ["site=\"a\""] }));
    }
}
