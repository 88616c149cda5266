using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>The query of <c>GET /alerts</c> and <c>/alerts/groups</c>.</summary>
internal sealed record AlertsFilter(ContentMatcher[] Matchers, Matcher? Receiver, bool Active, bool Silenced, bool Inhibited, bool Muted)
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
        return new([.. matchers.Select(m => new ContentMatcher(m))], receiver, Wire.Flag(http.Request, "active"), Wire.Flag(http.Request, "silenced"), Wire.Flag(http.Request, "inhibited"), Wire.Flag(http.Request, "muted"));
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
                    { Key: "matcher.bad_regex", Args: [_, _, var why] } => why,
                    { Key: "matcher.bad_quotes", Args: [var value] } => $"matcher value contains unescaped double quote: {value}",
                    _ => $"bad matcher format: {text}",
                });
                return null;
            }
            matchers.Add(read.Value);
        }
        return matchers;
    }

    public IEnumerable<ListedAlert> Of(IEnumerable<ActiveAlert> alerts, Paging paging)
    {
        foreach (var alert in alerts)
        {
            if (!ContentMatcher.All(Matchers, alert.Content)) continue;
            var listed = paging.Of(alert);
            if (!Active && !listed.IsSuppressed) continue;
            if (!Silenced && listed.SilencedBy.Length > 0) continue;
            if (!Inhibited && listed.InhibitedBy.Count > 0) continue;
            if (!Muted && listed.MutedBy.Count > 0) continue;
            if (Receiver is { } receiver && !listed.Routes.Any(r => receiver.Matches(r.Escalation))) continue;
            yield return listed;
        }
    }
}
