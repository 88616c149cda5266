using System.Globalization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>The alert of a heartbeat that is down: <c>alertname=heartbeat_down</c> with its name, its service and that one's host.</summary>
public static class HeartbeatAlerts
{
    public const string AlertName = "heartbeat_down";

    /// <summary><see cref="Alert.Source"/> of these alerts.</summary>
    public const string Source = "heartbeat";

    /// <summary>The label that holds the heartbeat's name.</summary>
    public const string Label = "heartbeat";

    private const int MaxDetail = 1000;

    /// <param name="said">The end of what the failing ping said, if it said something.</param>
    public static AlertSignal Begin(Heartbeat heartbeat, string? host, Phrase reason, string? said, DateTimeOffset at)
    {
        var summary = Phrase.Of("heartbeat.alert", heartbeat.Name, reason);
        return new(
            LabelSet.Of(("alertname", AlertName), (Label, heartbeat.Name), ("service", heartbeat.Service ?? ""), ("host", host ?? ""), ("severity", Words.Of(heartbeat.Severity))),
            LabelSet.Of(("summary", summary.In(CultureInfo.InvariantCulture)), ("description", said is null ? "" : said.Length > MaxDetail ? "…" + said[^MaxDetail..] : said)),
            at, null, Source, summary);
    }
}
