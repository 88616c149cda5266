using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Incidents;

/// <summary>How incidents look in <c>/api/v1</c>. Times are UTC; words of the product are in the language asked for.</summary>
internal static class IncidentJson
{
    /// <summary>A line of a list: without alerts and timeline.</summary>
    public static object Line(Incident i, string? runbook) => new
    {
        i.Number,
        Title = i.TitleIn(CultureInfo.CurrentUICulture),
        i.State,
        i.Severity,
        i.Service,
        OpenedAt = i.OpenedAt.UtcDateTime,
        i.OpenedBy,
        AcknowledgedAt = i.AcknowledgedAt?.UtcDateTime,
        i.AcknowledgedBy,
        AcknowledgementExpiresAt = i.AcknowledgementExpiresAt?.UtcDateTime,
        MitigatedAt = i.MitigatedAt?.UtcDateTime,
        ResolvedAt = i.ResolvedAt?.UtcDateTime,
        i.ResolvedBy,
        i.Assignee,
        Runbook = runbook,
        i.Impact,
        i.Flapping,
        i.Revision,
        UpdatedAt = i.UpdatedAt.UtcDateTime,
    };

    public static object Whole(IncidentView detail)
    {
        var whole = JsonSerializer.SerializeToNode(Line(detail.Incident, detail.Service?.Runbook), OpsJson.Api)!.AsObject();
        whole["alerts"] = JsonSerializer.SerializeToNode(detail.Alerts.Select(Alert), OpsJson.Api);
        whole["timeline"] = JsonSerializer.SerializeToNode(detail.Timeline.Select(Entry), OpsJson.Api);
        whole["remedies"] = JsonSerializer.SerializeToNode(detail.Remedies.Select(r => new { r.Text, r.Command, r.Plan, r.Tried, r.Judged, r.Helped, lastIncident = r.Last }), OpsJson.Api);
        return whole;
    }

    public static object Entry(TimelineEntry t) => new
    {
        t.Id,
        At = t.At.UtcDateTime,
        t.Kind,
        t.By,
        ByKind = t.ActorKind,
        Text = (t.Phrase?.In(CultureInfo.CurrentUICulture), t.Text) switch { ({ } phrase, { } text) => $"{phrase}\n\n{text}", var (phrase, text) => phrase ?? text },
        Data = Data(t.Data),
    };

    private static object Alert(Alert a) => new
    {
        a.Id,
        a.Fingerprint,
        State = a.IsActive ? "active" : "ended",
        a.Labels,
        a.Annotations,
        Summary = a.Summary?.In(CultureInfo.CurrentUICulture),
        StartsAt = a.StartsAt.UtcDateTime,
        EndsAt = a.EndsAt?.UtcDateTime,
        ResolvedAt = a.ResolvedAt?.UtcDateTime,
        a.Source,
    };

    // Stored as our records are; shown in camelCase as everything is.
    private static JsonObject? Data(string? stored)
    {
        if (stored is null || JsonNode.Parse(stored) is not JsonObject data) return null;
        return new(data.Select(p => KeyValuePair.Create(JsonNamingPolicy.CamelCase.ConvertName(p.Key), p.Value?.DeepClone())));
    }
}
