using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Primitives;
using Route = Picasoft.Ops.Core.Alerts.Routing.Route;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>An alert with what holds it back and where it goes.</summary>
/// <param name="InhibitedBy">Fingerprints of the alerts that explain it.</param>
internal readonly record struct ListedAlert(ActiveAlert Alert, Silence[] SilencedBy, IReadOnlyList<string> InhibitedBy, IReadOnlyList<Route> Routes)
{
    public bool IsSuppressed => SilencedBy.Length > 0 || InhibitedBy.Count > 0;
}

/// <summary>The query of <c>GET /alerts</c> and <c>/alerts/groups</c>.</summary>
internal sealed record AlertsFilter(ContentMatcher[] Matchers, Matcher? Receiver, bool Active, bool Silenced, bool Inhibited)
{
    /// <returns>Null: it makes no sense, and that was said.</returns>
    public static async Task<AlertsFilter?> ReadAsync(HttpContext http)
    {
        if (await MatchersAsync(http) is not { } matchers) return null;
        Matcher? receiver = null;
        if (http.Request.Query["receiver"].ToString() is { Length: > 0 } pattern)
        {
            try
            {
                receiver = new("receiver", MatchKind.Regex, pattern);
            }
            catch (ArgumentException e)
            {
                await Wire.SayAsync(http, StatusCodes.Status400BadRequest, $"failed to parse receiver param: {e.Message}");
                return null;
            }
        }
        // "unprocessed" is for Alertmanager's own pace: here an alert that is stored is active or suppressed.
        return new([.. matchers.Select(m => new ContentMatcher(m))], receiver, Wire.Flag(http.Request, "active"), Wire.Flag(http.Request, "silenced"), Wire.Flag(http.Request, "inhibited"));
    }

    /// <summary>The repeated <c>filter</c>.</summary>
    /// <returns>Null: one is no matcher, and that was said.</returns>
    public static async Task<IReadOnlyList<Matcher>?> MatchersAsync(HttpContext http)
    {
        var matchers = new List<Matcher>();
        foreach (var text in http.Request.Query["filter"])
        {
            var read = MatcherParser.Parse(text);
            if (read.Refusal is { } refusal)
            {
                await Wire.SayAsync(http, StatusCodes.Status400BadRequest, refusal.Errors[0].Message switch
                {
                    { Key: "matcher.bad_regex", Args: [_, var why] } => why,
                    { Key: "matcher.bad_quotes", Args: [var value] } => $"matcher value contains unescaped double quote: {value}",
                    _ => $"bad matcher format: {text}",
                });
                return null;
            }
            matchers.Add(read.Value);
        }
        return matchers;
    }

    public IEnumerable<ListedAlert> Of(IEnumerable<ActiveAlert> alerts, SilenceIndex silences, DateTimeOffset now)
    {
        var tree = AlertmanagerEndpoints.Routes;
        foreach (var alert in alerts)
        {
            if (!ContentMatcher.All(Matchers, alert.Content)) continue;
            var muting = alert.MutedBy(silences);
            var listed = new ListedAlert(alert, muting.Length == 0 ? muting : [.. muting.Where(s => s.StateAt(now) == SilenceState.Active)], InhibitedBy(alert), tree.Root.Routes.Count == 0 ? [tree.Root] : tree.Match(alert.Content.Labels()));
            if (!Active && !listed.IsSuppressed) continue;
            if (!Silenced && listed.SilencedBy.Length > 0) continue;
            if (!Inhibited && listed.InhibitedBy.Count > 0) continue;
            if (Receiver is { } receiver && !listed.Routes.Any(r => receiver.Matches(r.Escalation))) continue;
            yield return listed;
        }
    }

    /// <summary>The place where inhibition is asked, once there is one.</summary>
    private static IReadOnlyList<string> InhibitedBy(ActiveAlert alert)
    {
        _ = alert;
        return [];
    }
}
