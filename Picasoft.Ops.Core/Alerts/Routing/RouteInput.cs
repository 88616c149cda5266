using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts.Routing;

/// <summary>A route as people write it: <c>{match: ['severity=~"critical|high"'], escalation: default, group_by: [service], group_wait: 10s}</c>.</summary>
public sealed record RouteInput : IChecked
{
    /// <summary>All must match.</summary>
    [Setting(MaxLength = MatcherParser.MaxLength, Example = "severity=\"critical\"")]
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>Name of the escalation policy; that of the route above when nothing is said.</summary>
    [Setting(Name = true, Example = "default")]
    public string? Escalation { get; init; }

    /// <summary>Labels whose equal values share an incident; <c>...</c>: each alert on its own. As the route above when nothing is said.</summary>
    [Setting(MaxLength = 100)]
    public IReadOnlyList<string>? GroupBy { get; init; }

    /// <summary>How long the first message waits for more of the same.</summary>
    [Setting(Min = "0s", Max = "1h", Example = "10s")]
    public TimeSpan? GroupWait { get; init; }

    /// <summary>After a match, try the routes that follow too.</summary>
    public bool Continue { get; init; }

    public IReadOnlyList<RouteInput> Routes { get; init; } = [];

    public IEnumerable<FieldError> Check() => MatcherParser.ParseAll(Match, "match").Refusal?.Errors ?? [];

    /// <summary>The branch it describes; <paramref name="above"/> says what it leaves open.</summary>
    public Route ToRoute(Route above, int position)
    {
        var path = above.Path.Length == 0 ? position.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{above.Path}.{position}");
        var own = new Route(path, MatcherParser.ParseAll(Match).Value, Escalation ?? above.Escalation, GroupBy ?? above.GroupBy, GroupWait ?? above.GroupWait, Continue, []) { Key = KeyBelow(above) };
        return own with { Routes = [.. Routes.Select((r, i) => r.ToRoute(own, i + 1))] };
    }

    // By what it matches, as in Alertmanager; short, for it stands in every key of an incident.
    private string KeyBelow(Route above) => LabelSet.Of(Match.Order(StringComparer.Ordinal).Select((m, i) => KeyValuePair.Create(i.ToString(CultureInfo.InvariantCulture), m)).Append(new("above", above.Key))).Fingerprint();
}
