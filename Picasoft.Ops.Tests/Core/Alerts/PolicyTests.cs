using CsCheck;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Alerts;

public class PolicyTests
{
    private static readonly Gen<LabelSet> _labels = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], (a, b, c) => LabelSet.Of(("a", Value(a)), ("b", Value(b)), ("c", Value(c))));

    private static string Value(int n) => n == 0 ? "" : n.ToString(System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void The_deepest_route_that_matches_counts_and_what_follows_only_after_one_that_says_so()
    {
        RouteInput Input(string match, bool goOn, params RouteInput[] routes) => new() { Match = [match], Escalation = match[^2..].Trim('"') + match[0], Continue = goOn, Routes = routes };
        var tree = Tree(Input("a=\"1\"", true, Input("b=\"1\"", false), Input("c=\"1\"", false)), Input("b=\"1\"", false), Input("a=\"1\"", false));

        Assert.Equal(["1.1", "2"], tree.Match(LabelSet.Of(("a", "1"), ("b", "1"), ("c", "1"))).Select(r => r.Path));
        Assert.Equal(["1.2", "3"], tree.Match(LabelSet.Of(("a", "1"), ("c", "1"))).Select(r => r.Path));
        Assert.Equal(["1", "3"], tree.Match(LabelSet.Of(("a", "1"))).Select(r => r.Path));
        Assert.Equal([""], tree.Match(LabelSet.Of(("c", "1"))).Select(r => r.Path));
    }

    [Fact]
    public void What_a_route_leaves_open_is_as_above_it()
    {
        var tree = Tree(new RouteInput { Match = ["a=\"1\""], Escalation = "web", GroupBy = ["b"], GroupWait = TimeSpan.FromSeconds(10), Routes = [new() { Match = ["b=\"1\""] }] });
        var inner = Assert.Single(tree.Match(LabelSet.Of(("a", "1"), ("b", "1"))));
        Assert.Equal(("web", "b", TimeSpan.FromSeconds(10)), (inner.Escalation, inner.GroupBy![0], inner.GroupWait));
        Assert.Equal(Route.DefaultEscalation, tree.Match(LabelSet.Of(("c", "1")))[0].Escalation);
    }

    [Fact]
    public void Alerts_share_a_key_exactly_when_the_grouping_labels_are_equal() => Gen.Select(_labels, _labels).Sample((x, y) =>
    {
        var route = Tree(new RouteInput { GroupBy = ["a", "b"] }).Match(x)[0];
        Assert.Equal(x["a"] == y["a"] && x["b"] == y["b"], Grouping.KeyOf(route, x) == Grouping.KeyOf(route, y));
        var alone = Tree(new RouteInput { GroupBy = ["..."] }).Match(x)[0];
        Assert.Equal(x.Equals(y), Grouping.KeyOf(alone, x) == Grouping.KeyOf(alone, y));
    });

    [Fact]
    public void Without_a_service_two_things_are_two_matters_and_one_thing_is_one()
    {
        static string Key(params (string, string)[] labels) => Grouping.KeyOf(Route.Root, LabelSet.Of(labels));
        Assert.NotEqual(Key(("alertname", "heartbeat_down"), ("heartbeat", "borg")), Key(("alertname", "heartbeat_down"), ("heartbeat", "cron")));
        Assert.NotEqual(Key(("alertname", "log_rule"), ("rule", "oom"), ("host", "alice")), Key(("alertname", "log_rule"), ("rule", "oom"), ("host", "bob")));
        Assert.NotEqual(Key(("alertname", "log_rule"), ("rule", "oom")), Key(("alertname", "log_rule"), ("rule", "sshd")));
        Assert.NotEqual(Key(("alertname", "node_lost"), ("node", "a")), Key(("alertname", "node_lost"), ("node", "b")));
        Assert.Equal(Key(("alertname", "probe_warning"), ("probe", "disk")), Key(("alertname", "probe_down"), ("probe", "disk")));
        Assert.Equal(Key(("alertname", "Down"), ("instance", "a:9100")), Key(("alertname", "Down"), ("instance", "b:9100"))); // a storm of one kind
        Assert.Equal(Key(("service", "mail"), ("probe", "imap")), Key(("service", "mail"), ("heartbeat", "fetch")));
    }

    [Fact]
    public void Inhibition_agrees_with_its_definition() => Gen.Select(_labels.Array[0, 8], _labels, Gen.Bool).Sample((active, target, equal) =>
    {
        var rule = InhibitRule.Of(new() { SourceMatch = ["a=\"1\""], TargetMatch = ["b=\"1\""], Equal = equal ? ["c"] : [] }, 1);
        // Alertmanager: the source matches, the target matches, the equal labels are equal, and if the target is a source too, then the source is no target.
        var expected = target["b"] == "1" && active.Any(s => s["a"] == "1" && (!equal || s["c"] == target["c"]) && !(target["a"] == "1" && s["b"] == "1"));
        Assert.Equal(expected, new Inhibiting([rule], active).Of(target) is not null);
    });

    [Fact]
    public void Label_rules_see_what_those_before_them_made_and_an_empty_value_takes_away()
    {
        var rules = new LabelRules([
            new() { Match = ["job=\"node\""], Set = new Dictionary<string, string> { ["severity"] = "low", ["job"] = "" } },
            new() { Match = ["severity=\"low\""], Set = new Dictionary<string, string> { ["team"] = "infra" } }]);
        Assert.Equal(LabelSet.Of(("severity", "low"), ("team", "infra")), rules.Apply(LabelSet.Of(("job", "node"), ("severity", "critical"))));
        Assert.Equal(LabelSet.Of(("job", "web")), rules.Apply(LabelSet.Of(("job", "web"))));
    }

    [Fact]
    public void An_incident_is_held_back_only_while_every_alert_is_and_by_what_ends_first()
    {
        var now = new DateTimeOffset(2026, 11, 24, 4, 30, 0, TimeSpan.Zero);
        var window = new Maintenance(new() { Name = "updates", Match = ["host=\"bob\""], Schedule = "0 5 * * 2", TimeZone = "Europe/Paris", Duration = TimeSpan.FromHours(1) });
        var source = LabelSet.Of(("alertname", "HostDown"), ("host", "alice"));
        var rule = InhibitRule.Of(new() { SourceMatch = ["alertname=\"HostDown\""], TargetMatch = ["alertname=\"Slow\""], Equal = ["host"] }, 1);
        var muting = new Muting(new([], now), [window], new([rule], [source]), now);
        var (onBob, onAlice) = (LabelSet.Of(("host", "bob")), LabelSet.Of(("alertname", "Slow"), ("host", "alice")));

        Assert.Equal((MuteKind.Maintenance, new DateTimeOffset(2026, 11, 24, 5, 0, 0, TimeSpan.Zero)), muting.Holding([onBob]) is { } mute ? (mute.Kind, mute.Until!.Value) : default);
        Assert.Equal(MuteKind.Inhibition, muting.Holding([onAlice])?.Kind);
        Assert.Equal(MuteKind.Maintenance, muting.Holding([onAlice, onBob])?.Kind);
        Assert.Null(muting.Holding([onAlice, onBob, source]));
    }

    private static RouteTree Tree(params RouteInput[] routes) => new(Route.Root with { Routes = [.. routes.Select((r, i) => r.ToRoute(Route.Root, i + 1))] });
}
