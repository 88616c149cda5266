using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts.Routing;

/// <summary>One branch of the routing tree, as in Alertmanager.</summary>
/// <param name="Path">Where it stands, as people count: <c>3</c>, <c>3.1</c>; "" for the root.</param>
/// <param name="Match">All must match; the root's are not looked at.</param>
/// <param name="Escalation">Name of the escalation policy, which is the receiver in Alertmanager's words.</param>
/// <param name="GroupBy">Alerts with equal values of these labels share an incident; null: by <see cref="Grouping.Default"/>.</param>
/// <param name="GroupWait">How long after an incident opened its first message waits for more of the same.</param>
/// <param name="Continue">After a match, look at the following branches too.</param>
/// <param name="Routes">Branches within, tried in order; the deepest match counts.</param>
public sealed record Route(string Path, IReadOnlyList<Matcher> Match, string Escalation, IReadOnlyList<string>? GroupBy, TimeSpan GroupWait, bool Continue, IReadOnlyList<Route> Routes)
{
    /// <summary>Tells it from others wherever it stands: a route that moves up takes the open incidents of its alerts along.</summary>
    public string Key { get; init; } = Path;

    /// <summary>The policy that exists without being written.</summary>
    public const string DefaultEscalation = "default";

    /// <summary>What holds when no route is written: everything to <see cref="DefaultEscalation"/>, at once.</summary>
    public static Route Root { get; } = new("", [], DefaultEscalation, null, TimeSpan.Zero, false, []);
}

/// <summary>Which way an alert goes. Pure.</summary>
public sealed class RouteTree(Route root)
{
    /// <summary>Nothing is written.</summary>
    public static RouteTree Default { get; } = new(Route.Root);

    public Route Root => root;

    /// <summary>Every branch, the root first, in the order in which they are tried.</summary>
    public IEnumerable<Route> All => Below(root);

    /// <summary>
    /// The branches an alert takes, at least one: the deepest that matches, and after one that says <see cref="Route.Continue"/> those that follow.
    /// The first decides how the alert is grouped, all of them who is told.
    /// </summary>
    public IReadOnlyList<Route> Match(LabelSet labels)
    {
        var found = new List<Route>();
        Walk(root, labels, found);
        return found;
    }

    private static void Walk(Route route, LabelSet labels, List<Route> found)
    {
        var before = found.Count;
        foreach (var child in route.Routes)
        {
            if (!child.Match.All(m => m.Matches(labels))) continue;
            Walk(child, labels, found);
            if (!child.Continue) break;
        }
        if (found.Count == before) found.Add(route);
    }

    private static IEnumerable<Route> Below(Route route) => route.Routes.SelectMany(Below).Prepend(route);
}

/// <summary>Which alerts share an incident. Pure.</summary>
public static class Grouping
{
    /// <summary>The label that stands for "every label": each alert on its own. Alertmanager's <c>group_by: ['...']</c>.</summary>
    public const string EachAlone = "...";

    private const int MaxLength = 400;

    private const string OfService = "{service=\"";

    /// <summary>
    /// The key of an alert. Unless the route says otherwise: by service; what names no service by its <see cref="Identity"/>, so that
    /// a storm of one kind is one incident.
    /// </summary>
    public static string KeyOf(Route route, LabelSet labels)
    {
        if (route.GroupBy is not { } by) return Default(labels);
        if (by.Contains(EachAlone, StringComparer.Ordinal)) return $"alert:{labels.Fingerprint()}";
        var values = LabelSet.Of(by.Select(name => KeyValuePair.Create(name, labels[name])));
        return Short(string.Create(CultureInfo.InvariantCulture, $"route:{route.Key}:{values}"), values);
    }

    /// <summary>A key for people: without the route, which is said beside it, and alike whether a route groups by service or none says how.</summary>
    public static Phrase Shown(string key)
    {
        if (key.StartsWith("service:", StringComparison.Ordinal)) return Named(key["service:".Length..]);
        var labels = key.IndexOf('{', StringComparison.Ordinal) is > 0 and var at ? key[at..] : key;
        if (labels == "{}") return Phrase.Of("group.route");
        var isService = labels.StartsWith(OfService, StringComparison.Ordinal) && labels.IndexOf('"', OfService.Length) == labels.Length - 2; // and nothing else
        return Named(isService ? labels[OfService.Length..^2] : labels);

        static Phrase Named(string name) => Phrase.Of("group.named", name);
    }

    /// <summary>The key when no route says how to group.</summary>
    public static string Default(LabelSet labels)
    {
        if (AlertWords.ServiceOf(labels) is { } service) return $"service:{service}";
        var named = Identity(labels);
        return named.Count == 0 ? $"alert:{labels.Fingerprint()}" : Short($"name:{named}", named);
    }

    /// <summary>
    /// What tells a failing thing that belongs to no service from others: the probe, heartbeat or rule that speaks of it (whatever it says: a warning that becomes a failure
    /// is the same matter); without one, what the alert is called. And the machine. Empty: nothing does.
    /// </summary>
    public static LabelSet Identity(LabelSet labels)
    {
        var host = (AlertWords.Host, labels[AlertWords.Host]);
        return Array.Find(AlertWords.Things, t => labels[t].Length > 0) is { } thing ? LabelSet.Of((thing, labels[thing]), host) : LabelSet.Of(("alertname", labels["alertname"]), host, (AlertWords.Node, labels[AlertWords.Node]));
    }

    // Labels may be long, the column is not; the fingerprint tells as much.
    private static string Short(string key, LabelSet values) => key.Length <= MaxLength ? key : $"{key[..(MaxLength - 17)]}#{values.Fingerprint()}";
}
