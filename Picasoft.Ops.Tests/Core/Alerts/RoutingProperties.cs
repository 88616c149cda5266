using System.Globalization;
using CsCheck;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Alerts;

/// <summary>Which way an alert goes, for any tree: a route is taken exactly when there is a reason, and left exactly when there is another.</summary>
public class RoutingProperties
{
    private static readonly Gen<LabelSet> _labels = Gen.Int[0, 2].Array[3].Select(v => LabelSet.Of(("a", Value(v[0])), ("b", Value(v[1])), ("c", Value(v[2]))));

    private static readonly Gen<RouteInput> _tree = Routes(3).Select(routes => new RouteInput { Routes = routes });

    [Fact]
    public void A_route_is_taken_exactly_when_it_is_reached_and_nothing_within_it_matches() => Gen.Select(_tree, _labels).Sample((tree, labels) =>
    {
        var all = new RouteTree(tree.ToRoute(Route.Root, 1) with { Path = "" });
        var taken = all.Match(labels);
        Assert.NotEmpty(taken);
        Assert.Equal(all.All.Where(taken.Contains), taken); // in the order in which they are tried, none twice
        Check(all.Root, isReached: true);

        void Check(Route route, bool isReached)
        {
            var goesOn = isReached;
            var isWithin = false;
            foreach (var child in route.Routes)
            {
                var matches = child.Match.All(m => m.Matches(labels));
                Check(child, goesOn && matches);
                isWithin |= goesOn && matches;
                if (matches && !child.Continue) goesOn = false;
            }
            Assert.Equal(isReached && !isWithin, taken.Contains(route));
        }
    });

    [Fact]
    public void Without_continue_there_is_one_way() => Gen.Select(_tree.Where(t => !Any(t, r => r.Continue)), _labels).Sample((tree, labels) => Assert.Single(new RouteTree(tree.ToRoute(Route.Root, 1)).Match(labels)));

    [Fact]
    public void A_route_that_moves_keeps_the_incidents_of_its_alerts() => Gen.Select(_tree, _labels, Gen.Int[0, 5]).Sample((tree, labels, at) =>
    {
        // A route in front that this alert does not take changes nothing for it.
        var routes = tree.Routes.ToList();
        routes.Insert(Math.Min(at, routes.Count), new() { Match = ["a=\"never\""], GroupBy = ["c"] });
        var (before, after) = (new RouteTree(tree.ToRoute(Route.Root, 1)).Match(labels), new RouteTree((tree with { Routes = routes }).ToRoute(Route.Root, 1)).Match(labels));
        Assert.Equal(before.Select(r => r.Escalation), after.Select(r => r.Escalation));
        Assert.Equal(Grouping.KeyOf(before[0], labels), Grouping.KeyOf(after[0], labels));
    });

    private static Gen<IReadOnlyList<RouteInput>> Routes(int depth) => Gen.Select(Of("a", "b", "c"), Of("=", "!=", "=~"), Gen.Int[0, 2], Gen.Bool, depth == 1 ? Gen.Const<IReadOnlyList<RouteInput>>([]) : Routes(depth - 1), Gen.Int[0, 3])
        .Select((name, op, value, goOn, within, who) => new RouteInput
        {
            Match = [$"{name}{op}\"{Value(value)}\""],
            Continue = goOn,
            Routes = within,
            Escalation = who == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"e{who}"),
            GroupBy = who == 3 ? ["b"] : null,
        }).List[0, 3].Select(IReadOnlyList<RouteInput> (list) => list);

    private static Gen<string> Of(params string[] some) => Gen.Int[0, some.Length - 1].Select(i => some[i]);

    private static bool Any(RouteInput route, Func<RouteInput, bool> what) => what(route) || route.Routes.Any(r => Any(r, what));

    private static string Value(int n) => n == 0 ? "" : n.ToString(CultureInfo.InvariantCulture);
}
