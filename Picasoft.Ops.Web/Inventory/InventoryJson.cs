using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;

namespace Picasoft.Ops.Web.Inventory;

/// <summary>Hosts and services as the API shows them.</summary>
internal static class InventoryJson
{
    /// <summary>Fields of an answer that a change does not take.</summary>
    public static readonly IReadOnlyCollection<string> HostAnswered = ["fromFile"];

    /// <inheritdoc cref="HostAnswered"/>
    public static readonly IReadOnlyCollection<string> ServiceAnswered = ["fromFile", "status", "incidents", "probes"];

    public static object Of(Core.Inventory.Host host) => new { host.Name, host.Address, host.Location, host.FromFile, host.Version };

    public static object Of(ServiceHealth health)
    {
        var input = ServiceInput.Of(health.Service);
        return new
        {
            input.Name,
            input.Title,
            input.Url,
            input.Host,
            input.Criticality,
            input.DependsOn,
            input.Runbook,
            input.Public,
            input.Rto,
            input.Rpo,
            input.Slo,
            health.Status,
            incidents = health.Incidents.Select(i => i.Number),
            probes = health.Probes.Select(p => p.Probe.Name),
            health.Service.FromFile,
            health.Service.Version,
        };
    }

    public static object Of(string service, DateTimeOffset from, DateTimeOffset to, IReadOnlyList<ProbeShare> shares, IReadOnlyList<DayBar> days) => new
    {
        service,
        from,
        to,
        // A service is as good as its worst probe.
        availability = shares.Count == 0 ? (double?)null : shares.Min(s => s.Availability),
        probes = shares.Select(s => new { name = s.Probe, s.Checks, s.Failed, s.Availability }),
        days = days.Select(d => new { d.Date, d.Availability }),
    };
}
