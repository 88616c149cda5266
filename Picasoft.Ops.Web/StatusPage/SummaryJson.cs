using System.Globalization;
using Microsoft.Extensions.Localization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Reports;

namespace Picasoft.Ops.Web.StatusPage;

/// <summary>The public page as Atlassian's Statuspage writes it (<c>summary.json</c>), for the programs that read those. Pure.</summary>
internal static class SummaryJson
{
    public static object Of(PublicStatus status, Uri at, IStringLocalizer<StatusTexts> texts) => new
    {
        page = new { id = "status", name = status.Title, url = new Uri(at, "/status").ToString(), time_zone = "Etc/UTC", updated_at = status.At },
        components = status.Services.Select((s, i) => new
        {
            id = s.Name,
            name = s.Title,
            status = IsUnderMaintenance(s, status) ? "under_maintenance" : ComponentOf(s.Status),
            created_at = (DateTimeOffset?)null,
            updated_at = status.At,
            position = i + 1,
            description = (string?)null,
            showcase = true,
            start_date = (string?)null,
            group_id = (string?)null,
            page_id = "status",
            group = false,
            only_show_if_degraded = false,
        }),
        incidents = status.Open.Select(i => IncidentOf(i, status, at, texts)),
        scheduled_maintenances = status.Maintenances.Select(m => MaintenanceOf(m, status, at, texts)),
        status = new
        {
            indicator = status.Overall switch { ServiceStatus.Down => status.Open.Any(i => i.Severity == Severity.Critical) ? "critical" : "major", ServiceStatus.Degraded => "minor", _ => "none" },
            description = texts["overall." + Words.Of(status.Overall)].Value,
        },
    };

    private static object IncidentOf(PublicIncident incident, PublicStatus page, Uri at, IStringLocalizer<StatusTexts> texts) => new
    {
        id = incident.Number.ToString(CultureInfo.InvariantCulture),
        name = $"{string.Join(", ", incident.Services)}{texts["colon"]}{texts["impact." + Words.Of(incident.Severity)]}",
        status = StateOf(incident.State),
        impact = incident.Severity == Severity.Critical ? "critical" : "major",
        created_at = incident.BeganAt,
        started_at = incident.BeganAt,
        updated_at = incident.UpdatedAt,
        monitoring_at = incident.Steps.Where(s => s.State == IncidentState.Mitigated).Select(s => (DateTimeOffset?)s.At).LastOrDefault(),
        resolved_at = incident.ResolvedAt,
        shortlink = new Uri(at, $"/status#incident-{incident.Number}").ToString(),
        page_id = "status",
        components = page.Services.Where(s => incident.Services.Contains(s.Title, StringComparer.Ordinal)).Select(s => new { id = s.Name, name = s.Title, status = ComponentOf(s.Status) }),
        incident_updates = incident.Steps.Reverse().Select((s, i) => new
        {
            id = $"{incident.Number}-{incident.Steps.Count - i}",
            status = StateOf(s.State),
            body = texts["step." + Words.Of(s.State)].Value,
            incident_id = incident.Number.ToString(CultureInfo.InvariantCulture),
            created_at = s.At,
            updated_at = s.At,
            display_at = s.At,
        }),
    };

    private static object MaintenanceOf(PublicMaintenance work, PublicStatus page, Uri at, IStringLocalizer<StatusTexts> texts) => new
    {
        id = work.Id,
        name = $"{string.Join(", ", work.Services)}{texts["colon"]}{texts["maintenance.one"]}",
        status = work.IsOpenAt(page.At) ? "in_progress" : "scheduled",
        impact = "maintenance",
        created_at = (DateTimeOffset?)null,
        started_at = work.StartsAt,
        updated_at = page.At,
        monitoring_at = (DateTimeOffset?)null,
        resolved_at = (DateTimeOffset?)null,
        scheduled_for = work.StartsAt,
        scheduled_until = work.EndsAt,
        shortlink = new Uri(at, "/status#maintenance").ToString(),
        page_id = "status",
        components = page.Services.Where(s => work.Services.Contains(s.Title, StringComparer.Ordinal)).Select(s => new { id = s.Name, name = s.Title, status = ComponentOf(s.Status) }),
        incident_updates = Array.Empty<object>(),
    };

    private static bool IsUnderMaintenance(PublicService service, PublicStatus page) => page.Maintenances.Any(m => m.IsOpenAt(page.At) && m.Services.Contains(service.Title, StringComparer.Ordinal));

    // Statuspage has no word for "nobody knows"; its services run until somebody says otherwise.
    private static string ComponentOf(ServiceStatus status) => status switch { ServiceStatus.Down => "major_outage", ServiceStatus.Degraded => "degraded_performance", _ => "operational" };

    private static string StateOf(IncidentState state) => state switch { IncidentState.Open => "investigating", IncidentState.Acknowledged => "identified", IncidentState.Mitigated => "monitoring", _ => "resolved" };
}
