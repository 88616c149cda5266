using System.Text.Json.Nodes;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Places;

namespace Picasoft.Ops.Web.Probes;

/// <summary>Probes as the API shows them; secrets masked.</summary>
internal static class ProbesJson
{
    /// <summary>Fields of an answer that a change does not take.</summary>
    public static readonly IReadOnlyCollection<string> Answered = ["fromFile", "status", "since", "target", "last"];

    public static JsonObject Of(ProbeRow row, ProbeKinds kinds)
    {
        var json = System.Text.Json.JsonSerializer.SerializeToNode(new
        {
            row.Probe.Name,
            row.Probe.Service,
            row.Probe.Type,
            row.Target,
            row.Probe.Enabled,
            row.Probe.Interval,
            row.Probe.Timeout,
            row.Probe.Failures,
            row.Probe.Recoveries,
            row.Probe.RetryInterval,
            row.Probe.Severity,
            row.Probe.Locations,
            row.Probe.Quorum,
            row.Probe.Forecast,
            status = row.Status,
            row.State?.Since,
            last = row.State is { } state ? new { at = state.LastAt, ok = state.LastOk, ms = state.LastMs, reason = state.LastReason?.In() } : null,
            row.Probe.FromFile,
            row.Probe.Version,
        }, OpsJson.Api)!.AsObject();
        if (Settings(row, kinds) is { } settings) json[row.Probe.Type] = System.Text.Json.JsonSerializer.SerializeToNode(settings, settings.GetType(), OpsJson.Api);
        return json;
    }

    public static object Of(ProbeLocationState at) => new { at.Location, at.Status, at.Since, at.LastAt, ok = at.LastOk, ms = at.LastMs, reason = at.LastReason?.In(), at.Node };

    public static object Of(Node node, DateTimeOffset now) => new { node.Name, node.Location, alive = node.IsAliveAt(now), node.StartedAt, node.SeenAt, node.StoppedAt, networkLostSince = node.LostSince };

    public static object Of(ProbeResult result, IEnumerable<(string Name, double Value, string? Unit)> measured) =>
        new { result.At, result.Ok, result.Warned, result.Ms, reason = result.Reason?.In(), result.Node, measurements = measured.Select(m => new { m.Name, m.Value, m.Unit }) };

    public static object Of(MeasuredSeries series) => new
    {
        series.Series.Name,
        series.Series.Unit,
        series.Series.Warn,
        series.Series.Crit,
        series.Series.Min,
        series.Series.Max,
        points = series.Points.Select(p => new { p.At, p.Least, p.Average, p.Most }),
    };

    /// <summary>The settings of a probe's kind; null when they cannot be opened.</summary>
    public static object? Settings(ProbeRow row, ProbeKinds kinds)
    {
        try { return kinds.Open(row.Probe); }
        catch (InvalidOperationException) { return null; } // sealed with another key
    }
}
