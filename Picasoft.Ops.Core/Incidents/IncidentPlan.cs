using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>An incident that is not resolved, as far as planning needs it.</summary>
/// <param name="Number">Negative while only planned.</param>
/// <param name="FailedHosts">Machines that its alerts speak of themselves, not of a service on them.</param>
/// <param name="ActiveAlerts">Ids of its alerts that go on.</param>
/// <param name="ImpactAlerts">Those of them that only suffer from the same cause, with their service.</param>
/// <param name="OpenedAt">Since when.</param>
/// <param name="Flapping">See <see cref="Incident.Flapping"/>.</param>
public sealed record OpenIncident(
    long Number, string GroupKey, string? Service, IReadOnlyList<string> FailedHosts, IncidentState State, Severity Severity, bool SeverityByHuman, bool AutoResolve,
    IReadOnlyList<long> ActiveAlerts, IReadOnlyList<string> Impact, IReadOnlyDictionary<long, string> ImpactAlerts, DateTimeOffset OpenedAt, bool Flapping = false);

/// <summary>All that planning looks at besides incidents and alerts.</summary>
/// <param name="Services">What stands on what.</param>
/// <param name="Routes">How alerts are grouped, and who follows.</param>
/// <param name="Changes">When alerts of a key began or ended lately.</param>
/// <param name="Now">This instant.</param>
public sealed record PlanContext(ServiceMap Services, RouteTree Routes, ILookup<string, DateTimeOffset> Changes, DateTimeOffset Now)
{
    /// <summary>Nothing is known.</summary>
    public static PlanContext At(DateTimeOffset now, ServiceMap? services = null, RouteTree? routes = null) =>
        new(services ?? ServiceMap.Empty, routes ?? RouteTree.Default, Array.Empty<DateTimeOffset>().ToLookup(_ => "", StringComparer.Ordinal), now);
}

/// <summary>An alert that began or ended since the last plan.</summary>
/// <param name="Incident">Where it belongs already, be that open or not; null: nowhere yet.</param>
/// <param name="IsActive">False: it has ended.</param>
public sealed record AlertChange(long Id, LabelSet Labels, LabelSet Annotations, Phrase? Summary, bool IsActive, long? Incident);

/// <summary>One thing to do to an incident; <paramref name="Number"/> is negative for one that the same plan opens.</summary>
public abstract record IncidentChange(long Number);

/// <summary>A new incident begins with this alert.</summary>
public sealed record OpenChange(long Number, string GroupKey, string? Service, Severity Severity, AlertChange Alert, IReadOnlyList<Route> Routes) : IncidentChange(Number);

/// <summary>Another alert of the same thing.</summary>
public sealed record JoinChange(long Number, AlertChange Alert) : IncidentChange(Number);

/// <summary>An alert of something that suffers from this incident's cause.</summary>
public sealed record ImpactChange(long Number, AlertChange Alert, string Service) : IncidentChange(Number);

/// <summary>One of its alerts ended.</summary>
public sealed record EndChange(long Number, AlertChange Alert) : IncidentChange(Number);

/// <summary>It was an effect all along: what it holds moves to the incident of its cause, and it is over.</summary>
/// <param name="From">The effect.</param>
/// <param name="Alerts">Ids of its alerts that go on.</param>
public sealed record AbsorbChange(long Number, long From, IReadOnlyList<long> Alerts) : IncidentChange(Number);

/// <summary>The cause is over; these services, which suffered from it, still fail.</summary>
public sealed record CauseEndedChange(long Number, IReadOnlyList<string> StillFailing) : IncidentChange(Number);

/// <summary>It comes and goes: so many changes lately.</summary>
public sealed record FlapChange(long Number, int Changes) : IncidentChange(Number);

/// <summary>It is as bad as its worst alert.</summary>
public sealed record SeverityChange(long Number, Severity From, Severity To) : IncidentChange(Number);

/// <summary>Users suffer again.</summary>
public sealed record ReopenChange(long Number) : IncidentChange(Number);

/// <summary>All its alerts have ended.</summary>
public sealed record ResolveChange(long Number) : IncidentChange(Number);
