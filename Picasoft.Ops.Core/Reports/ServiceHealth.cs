using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Core.Reports;

/// <summary>How a service is now; best first, so that the worst of several is their maximum.</summary>
public enum ServiceStatus
{
    Up,
    /// <summary>Nothing has checked it.</summary>
    Unknown,
    /// <summary>Something is wrong with it, or with what it stands on, but its probes do not say that it is down.</summary>
    Degraded,
    Down,
}

/// <summary>A service and how it is.</summary>
/// <param name="Service">As written down.</param>
/// <param name="Status">Now.</param>
/// <param name="Probes">What checks it.</param>
/// <param name="Incidents">Its open incidents, worst first.</param>
/// <param name="DownBelow">Services it stands on that are down.</param>
public sealed record ServiceHealth(Service Service, ServiceStatus Status, IReadOnlyList<ProbeRow> Probes, IReadOnlyList<Incident> Incidents, IReadOnlyList<string> DownBelow)
{
    /// <summary>Judges all services at once: what one stands on tells on it. Pure.</summary>
    public static IReadOnlyList<ServiceHealth> Of(IReadOnlyList<Service> services, IReadOnlyList<ProbeRow> probes, IReadOnlyList<Incident> open)
    {
        var map = ServiceMap.Of(services);
        var byService = probes.Where(p => p.Probe.Service is not null).ToLookup(p => p.Probe.Service!, StringComparer.Ordinal);
        var incidents = open.Where(i => i.Service is not null).ToLookup(i => i.Service!, StringComparer.Ordinal);
        var down = services.Where(s => IsDown(byService[s.Name])).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        return [.. services.Select(s =>
        {
            var below = map.DependenciesOf(s.Name).Where(d => down.Contains(d.Key)).OrderBy(d => d.Value).Select(d => d.Key).ToList();
            var status = down.Contains(s.Name) ? ServiceStatus.Down
                : incidents[s.Name].Any() || below.Count > 0 ? ServiceStatus.Degraded
                : byService[s.Name].Any(p => p.Probe.Enabled && p.Status is ProbeStatus.Up or ProbeStatus.Warning) ? ServiceStatus.Up : ServiceStatus.Unknown;
            return new ServiceHealth(s, status, [.. byService[s.Name]], [.. incidents[s.Name].OrderByDescending(i => i.Severity).ThenBy(i => i.Number)], below);
        })];
    }

    private static bool IsDown(IEnumerable<ProbeRow> probes) => probes.Any(p => p.Probe.Enabled && p.Status == ProbeStatus.Down);
}
