using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Core.Reports;

/// <summary>A service as everybody sees it.</summary>
/// <param name="Days">Its last days, oldest first; empty: nothing watches it.</param>
public sealed record PublicService(string Name, string Title, ServiceStatus Status, IReadOnlyList<DayBar> Days)
{
    /// <summary>Mean of the days that were watched, 0 to 1.</summary>
    public double? Availability => Days.Where(d => d.Availability is not null).Average(d => d.Availability);
}

/// <summary>A step of an incident as everybody sees it.</summary>
public sealed record PublicStep(IncidentState State, DateTimeOffset At);

/// <summary>
/// An incident as everybody sees it: which of the public services it touched, how badly, and when it got where. Its title, its alerts and what people
/// wrote stay inside: they name machines, addresses and people.
/// </summary>
/// <param name="Steps">Oldest first.</param>
public sealed record PublicIncident(long Number, IReadOnlyList<string> Services, Severity Severity, IncidentState State, IReadOnlyList<PublicStep> Steps)
{
    public DateTimeOffset BeganAt => Steps[0].At;

    public DateTimeOffset UpdatedAt => Steps[^1].At;

    public DateTimeOffset? ResolvedAt => State == IncidentState.Resolved ? UpdatedAt : null;

    /// <param name="shown">Titles of the public services, by name.</param>
    /// <returns>Null when it is none of the public's business.</returns>
    public static PublicIncident? Of(Incident incident, IReadOnlyDictionary<string, string> shown)
    {
        // What is milder warns those who run the service; it works.
        if (incident.Severity < Severity.High) return null;
        var touched = incident.Impact.Prepend(incident.Service ?? "").Where(shown.ContainsKey).Distinct(StringComparer.Ordinal).Select(s => shown[s]).ToList();
        if (touched.Count == 0) return null;
        var steps = new List<PublicStep> { new(IncidentState.Open, incident.OpenedAt) };
        if (incident.AcknowledgedAt is { } acknowledged) steps.Add(new(IncidentState.Acknowledged, acknowledged));
        if (incident.MitigatedAt is { } mitigated) steps.Add(new(IncidentState.Mitigated, mitigated));
        if (incident.State == IncidentState.Resolved && incident.ResolvedAt is { } resolved) steps.Add(new(IncidentState.Resolved, resolved));
        return new(incident.Number, touched, incident.Severity, incident.State, [.. steps.OrderBy(s => s.At).ThenBy(s => s.State)]);
    }
}

/// <summary>Work on public services that was announced: which and when. Its name and its comment stay inside, for the same reasons.</summary>
/// <param name="Id">Of this one window of it; tells nothing.</param>
public sealed record PublicMaintenance(string Id, IReadOnlyList<string> Services, DateTimeOffset StartsAt, DateTimeOffset EndsAt)
{
    /// <summary>What is further ahead is nobody's news yet.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(7);

    public bool IsOpenAt(DateTimeOffset now) => StartsAt <= now;

    /// <summary>What goes on of a window, and what comes next of it.</summary>
    /// <param name="shown">The public services.</param>
    public static IEnumerable<PublicMaintenance> Of(Maintenance window, IReadOnlyList<ServiceHealth> shown, DateTimeOffset now)
    {
        var touched = shown.Where(h => window.Covers(LabelSet.Of(("service", h.Service.Name), ("host", h.Service.Host ?? "")))).Select(h => h.Service.Shown).ToList();
        if (touched.Count == 0) return [];
        var soon = window.After(now, 1).Where(w => w.Start <= now + Ahead);
        return (window.At(now) is { } open ? soon.Prepend(open) : soon)
            .Select(w => new PublicMaintenance(LabelSet.Of(("window", window.Name), ("at", w.Start.ToString("O", System.Globalization.CultureInfo.InvariantCulture))).Fingerprint(), touched, w.Start, w.End));
    }
}

/// <summary>The public status page at one moment.</summary>
/// <param name="Open">Incidents that go on, newest first.</param>
/// <param name="Past">Incidents that ended, newest first.</param>
/// <param name="Maintenances">Announced work that goes on or comes within <see cref="PublicMaintenance.Ahead"/>, soonest first.</param>
public sealed record PublicStatus(string Title, IReadOnlyList<PublicService> Services, IReadOnlyList<PublicIncident> Open, IReadOnlyList<PublicIncident> Past, IReadOnlyList<PublicMaintenance> Maintenances, DateTimeOffset At)
{
    /// <summary>The worst of the services.</summary>
    public ServiceStatus Overall => Services.Select(s => s.Status).Where(s => s != ServiceStatus.Unknown).DefaultIfEmpty(ServiceStatus.Unknown).Max();

    /// <summary>All that may be shown, and nothing else. Pure.</summary>
    public static PublicStatus Of(StatusPageInput page, IReadOnlyList<ServiceHealth> health, IReadOnlyDictionary<string, IReadOnlyList<DayBar>> days, IReadOnlyList<Incident> incidents, IReadOnlyList<Maintenance> windows, DateTimeOffset now)
    {
        var known = health.Where(h => h.Service.Public).ToDictionary(h => h.Service.Name, StringComparer.Ordinal);
        var shown = page.Services.Count == 0 ? [.. known.Values] : page.Services.Distinct(StringComparer.Ordinal).Where(known.ContainsKey).Select(name => known[name]).ToList();
        var titles = shown.ToDictionary(h => h.Service.Name, h => h.Service.Shown, StringComparer.Ordinal);
        var seen = incidents.OrderByDescending(i => i.Number).Select(i => PublicIncident.Of(i, titles)).OfType<PublicIncident>().ToLookup(i => i.State == IncidentState.Resolved);
        return new(page.Title, [.. shown.Select(h => Of(h, seen[false], days))], [.. seen[false]], [.. seen[true]], [.. windows.SelectMany(w => PublicMaintenance.Of(w, shown, now)).OrderBy(m => m.StartsAt)], now);
    }

    /// <summary>How everybody sees one service; null when it is not public.</summary>
    public static PublicService? Of(string name, IReadOnlyList<ServiceHealth> health, IReadOnlyDictionary<string, IReadOnlyList<DayBar>> days, IReadOnlyList<Incident> incidents)
    {
        if (health.FirstOrDefault(h => h.Service.Name == name && h.Service.Public) is not { } found) return null;
        var titles = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = found.Service.Shown };
        return Of(found, incidents.Where(i => i.IsOpen).Select(i => PublicIncident.Of(i, titles)).OfType<PublicIncident>(), days);
    }

    private static PublicService Of(ServiceHealth health, IEnumerable<PublicIncident> open, IReadOnlyDictionary<string, IReadOnlyList<DayBar>> days)
    {
        // A mild incident makes a service degraded for those who run it; for its users only what they feel does.
        var felt = health.DownBelow.Count > 0 || open.Any(i => i.Services.Contains(health.Service.Shown, StringComparer.Ordinal));
        var status = health.Status == ServiceStatus.Down ? ServiceStatus.Down : felt ? ServiceStatus.Degraded
            : health.Status == ServiceStatus.Degraded ? ServiceStatus.Up : health.Status;
        return new(health.Service.Name, health.Service.Shown, status, days.GetValueOrDefault(health.Service.Name) ?? []);
    }
}
