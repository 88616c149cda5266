using System.Text.Json;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Primitives;
using Route = Picasoft.Ops.Core.Alerts.Routing.Route;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>Alerts by where they go and what they share: <c>GET /api/v2/alerts/groups</c>.</summary>
internal sealed record AlertGroups(Route Route, LabelSet Labels, IReadOnlyList<ListedAlert> Alerts)
{
    public static IEnumerable<AlertGroups> Of(IEnumerable<ListedAlert> alerts, Matcher? receiver) => alerts
        .Select(a => (Alert: a, Labels: a.Alert.Content.Labels()))
        .SelectMany(a => a.Alert.Routes.Where(r => receiver is null || receiver.Matches(r.Escalation)).Select(route => (a.Alert, a.Labels, Route: route, Shared: Shared(route, a.Labels))))
        .GroupBy(a => (a.Route, a.Shared))
        .Select(g => new AlertGroups(g.Key.Route, g.Key.Shared, [.. g.OrderBy(a => a.Labels, _byInstance).Select(a => a.Alert)]))
        .OrderBy(g => g.Labels, _byLabels).ThenBy(g => g.Route.Escalation, StringComparer.Ordinal);

    public static void Write(Utf8JsonWriter json, AlertGroups group)
    {
        json.WriteStartObject();
        json.WriteStartArray("alerts"u8);
        foreach (var alert in group.Alerts) AlertJson.Write(json, alert);
        json.WriteEndArray();
        Labels_(json, "labels"u8, group.Labels);
        Labels_(json, "routeLabels"u8, LabelSet.Empty);
        json.WriteStartObject("receiver"u8);
        json.WriteString("name"u8, group.Route.Escalation);
        json.WriteEndObject();
        json.WriteEndObject();

        static void Labels_(Utf8JsonWriter json, ReadOnlySpan<byte> name, LabelSet labels)
        {
            json.WriteStartObject(name);
            foreach (var (label, value) in labels) json.WriteString(label, value);
            json.WriteEndObject();
        }
    }

    private static readonly Comparer<LabelSet> _byLabels = Comparer<LabelSet>.Create(Compare);

    // As Alertmanager: by job, then by instance, then by everything.
    private static readonly Comparer<LabelSet> _byInstance = Comparer<LabelSet>.Create((a, b) =>
    {
        foreach (var name in new[] { "job", "instance" })
        {
            var (mine, other) = (a[name], b[name]);
            if (mine.Length == 0 && other.Length == 0) continue;
            if (mine.Length == 0 || other.Length == 0) return mine.Length == 0 ? 1 : -1;
            if (string.CompareOrdinal(mine, other) is not 0 and var order) return order;
        }
        return Compare(a, b);
    });

    private static LabelSet Shared(Route route, LabelSet labels)
    {
        if (route.GroupBy is { } by) return by.Contains(Grouping.EachAlone, StringComparer.Ordinal) ? labels : Named(by);
        if (AlertWords.ServiceOf(labels) is not null) return Named([AlertWords.Service]);
        var named = Grouping.Identity(labels);
        return named.Count == 0 ? labels : named;

        LabelSet Named(IReadOnlyList<string> names) => LabelSet.Of(names.Select(n => KeyValuePair.Create(n, labels[n])));
    }

    /// <summary>Prometheus' order of label sets: few before many, then by the first difference.</summary>
    private static int Compare(LabelSet a, LabelSet b)
    {
        if (a.Count != b.Count) return a.Count.CompareTo(b.Count);
        foreach (var name in a.Keys.Concat(b.Keys).Order(StringComparer.Ordinal))
        {
            if (!a.TryGetValue(name, out var mine)) return -1;
            if (!b.TryGetValue(name, out var other)) return 1;
            if (string.CompareOrdinal(mine, other) is not 0 and var order) return order;
        }
        return 0;
    }
}
