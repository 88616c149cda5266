using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>An incident that is not resolved, as far as planning needs it.</summary>
/// <param name="Number">Negative while only planned.</param>
/// <param name="FailedHosts">Machines that its alerts speak of themselves, not of a service on them.</param>
/// <param name="ActiveAlerts">Ids of its alerts that go on.</param>
public sealed record OpenIncident(
    long Number, string GroupKey, string? Service, IReadOnlyList<string> FailedHosts, IncidentState State, Severity Severity, bool SeverityByHuman, bool AutoResolve,
    IReadOnlyList<long> ActiveAlerts, IReadOnlyList<string> Impact);

/// <summary>An alert that began or ended since the last plan.</summary>
/// <param name="Incident">Where it belongs already, be that open or not; null: nowhere yet.</param>
/// <param name="IsActive">False: it has ended.</param>
public sealed record AlertChange(long Id, LabelSet Labels, LabelSet Annotations, Phrase? Summary, bool IsActive, long? Incident);

/// <summary>One thing to do to an incident; <paramref name="Number"/> is negative for one that the same plan opens.</summary>
public abstract record IncidentChange(long Number);

/// <summary>A new incident begins with this alert.</summary>
public sealed record OpenChange(long Number, string GroupKey, string? Service, Severity Severity, AlertChange Alert) : IncidentChange(Number);

/// <summary>Another alert of the same thing.</summary>
public sealed record JoinChange(long Number, AlertChange Alert) : IncidentChange(Number);

/// <summary>An alert of something that suffers from this incident's cause.</summary>
public sealed record ImpactChange(long Number, AlertChange Alert, string Service) : IncidentChange(Number);

/// <summary>One of its alerts ended.</summary>
public sealed record EndChange(long Number, AlertChange Alert) : IncidentChange(Number);

/// <summary>It is as bad as its worst alert.</summary>
public sealed record SeverityChange(long Number, Severity From, Severity To) : IncidentChange(Number);

/// <summary>Users suffer again.</summary>
public sealed record ReopenChange(long Number) : IncidentChange(Number);

/// <summary>All its alerts have ended.</summary>
public sealed record ResolveChange(long Number) : IncidentChange(Number);
