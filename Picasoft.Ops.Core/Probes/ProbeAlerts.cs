using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes;

/// <summary>The alert that a probe raises: <c>alertname=probe_down</c> with the names of the probe, its service and that one's host.</summary>
public static class ProbeAlerts
{
    public const string AlertName = "probe_down";

    /// <summary>The same of a probe that warns: its thing works, but will not for long.</summary>
    public const string WarningName = "probe_warning";

    /// <summary><see cref="Alert.Source"/> of these alerts.</summary>
    public const string Source = "probe";

    /// <param name="title">What people call the thing that is down.</param>
    /// <param name="seen">What the check found that made it an alert.</param>
    /// <param name="picture">Its small chart; null: there is none.</param>
    public static AlertSignal Begin(ProbeDefinition probe, string? host, string title, Observation seen, TrendPicture? picture, DateTimeOffset at)
    {
        var reason = seen.Reason ?? Phrase.Of("probe.failed", "");
        var severity = seen.Warning is { } mild && mild < probe.Severity ? mild : probe.Severity;
        var summary = Phrase.Of("probe.alert", title, reason);
        return new(
            LabelSet.Of(("alertname", seen.IsUp ? WarningName : AlertName), ("probe", probe.Name), ("service", probe.Service ?? ""), ("host", host ?? ""), ("severity", Words.Of(severity))),
            LabelSet.Of([("summary", summary.In(System.Globalization.CultureInfo.InvariantCulture)), .. picture is null ? Array.Empty<(string, string)>() : [(TrendPicture.Annotation, picture.ToString())]]),
            at, null, Source, summary);
    }

    /// <summary>The ends of what these probes began.</summary>
    public static Task<IReadOnlyList<AlertSignal>> EndsAsync(NpgsqlConnection connection, IReadOnlyList<string> probes, DateTimeOffset now, CancellationToken cancel) =>
        OwnAlerts.EndsAsync(connection, Source, "probe", probes, now, cancel);
}
