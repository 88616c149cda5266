using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>
/// Decides what alerts that began or ended mean for the incidents. Pure: the same input gives the same plan, in whatever order the alerts come.
/// An alert joins the open incident with its key; else the open incident of something its service cannot work without (as impact); else it opens one,
/// which then takes over what has just opened because of the same cause: effects are often seen first.
/// </summary>
public sealed class IncidentPlanner
{
    /// <summary>An effect is often seen before its cause; what has been open for longer than this is a matter of its own.</summary>
    public static readonly TimeSpan EffectFirst = TimeSpan.FromMinutes(10);

    private static readonly Dictionary<long, string> _noImpact = [];
    private readonly ServiceMap _graph;
    private readonly PlanContext _context;
    private readonly List<IncidentChange> _changes = [];
    private readonly Dictionary<long, Draft> _open;
    private readonly Dictionary<string, Draft> _byKey;
    private long _next = -1;

    private IncidentPlanner(IEnumerable<OpenIncident> open, PlanContext context)
    {
        (_context, _graph) = (context, context.Services);
        _open = open.ToDictionary(i => i.Number, i => new Draft(i));
        _byKey = _open.Values.ToDictionary(d => d.Key, StringComparer.Ordinal);
    }

    /// <summary>What to do, in order.</summary>
    public static IReadOnlyList<IncidentChange> Plan(IEnumerable<OpenIncident> open, PlanContext context, IReadOnlyCollection<AlertChange> alerts)
    {
        var planner = new IncidentPlanner(open, context);
        foreach (var alert in planner.Sorted(alerts.Where(a => a.Incident is null))) planner.Place(alert);
        foreach (var alert in alerts.Where(a => !a.IsActive).OrderBy(a => a.Id)) planner.End(alert);
        planner.Settle();
        return planner._changes;
    }

    /// <summary>The machine that an alert says has failed; null when it speaks of a service.</summary>
    public static string? FailedHostOf(LabelSet labels) => AlertWords.ServiceOf(labels) is null && labels[AlertWords.Host] is { Length: > 0 } host ? host : null;

    // Causes first, so that what stands on them finds them; of one service the worst first, so that a small matter never hides a large one.
    // Whoever depends on X has at least one dependency more than X, so counting them is enough.
    private IEnumerable<AlertChange> Sorted(IEnumerable<AlertChange> alerts) => alerts
        .OrderBy(a => AlertWords.ServiceOf(a.Labels) is { } service ? 1 + _graph.DependenciesOf(service).Count : 0)
        .ThenBy(a => AlertWords.ServiceOf(a.Labels), StringComparer.Ordinal)
        .ThenByDescending(a => AlertWords.SeverityOf(a.Labels))
        .ThenBy(a => a.Id);

    private void Place(AlertChange alert)
    {
        var service = AlertWords.ServiceOf(alert.Labels);
        var routes = _context.Routes.Match(alert.Labels);
        var key = Grouping.KeyOf(routes[0], alert.Labels);
        var severity = AlertWords.SeverityOf(alert.Labels);
        if (_byKey.TryGetValue(key, out var own))
        {
            own.Changes.Add(new JoinChange(own.Number, alert));
            own.Take(alert, severity);
        }
        else if (service is not null && CauseOf(service, alert.Labels[AlertWords.Host], severity) is { } cause)
        {
            cause.Changes.Add(new ImpactChange(cause.Number, alert, service));
            cause.Take(alert, severity);
            cause.Impact.Add(alert.Id, service);
        }
        else
        {
            var changes = Flapping.Count(_context.Changes[key], _context.Now);
            var draft = new Draft(new(_next--, key, service, [], IncidentState.Open, severity, false, true, [], [], _noImpact, _context.Now, Flapping.Is(false, _context.Changes[key], _context.Now)));
            draft.Changes.Add(new OpenChange(draft.Number, key, draft.Service, severity, alert, routes));
            if (draft.IsFlapping) draft.Changes.Add(new FlapChange(draft.Number, changes));
            draft.Take(alert, severity);
            _open.Add(draft.Number, draft);
            _byKey.Add(key, draft);
            Absorb(draft);
        }
    }

    // What opened a moment ago, is in nobody's hands and cannot work without this one.
    private void Absorb(Draft cause)
    {
        foreach (var effect in _open.Values.Where(d => d.Number > 0 && d.State == IncidentState.Open && d.OpenedAt > _context.Now - EffectFirst && !d.Gone).OrderBy(d => d.Number).ToList())
        {
            if (effect.Service is not { } service || StepsTo(cause, service, "") is null || (cause.Severity < Severity.High && cause.Severity < effect.Severity)) continue;
            cause.Changes.Add(new AbsorbChange(cause.Number, effect.Number, [.. effect.Active]));
            foreach (var id in effect.Active) cause.Impact.TryAdd(id, service);
            cause.Active.UnionWith(effect.Active);
            cause.Raise(effect.Severity);
            effect.Active.Clear();
            effect.Gone = true;
            _byKey.Remove(effect.Key);
        }
    }

    /// <summary>
    /// The open incident that explains why a service fails: the nearest of those of its machine and of what it depends on.
    /// A cause must be about as bad as its effect: a nearly full disk does not explain that the chat is gone, and must not hide it.
    /// </summary>
    private Draft? CauseOf(string service, string hostLabel, Severity severity)
    {
        return _open.Values
            .Where(d => !d.Gone && (d.Severity >= Severity.High || d.Severity >= severity))
            .Select(d => (Draft: d, Steps: StepsTo(d, service, hostLabel)))
            .Where(c => c.Steps is not null)
            .OrderBy(c => c.Steps).ThenBy(c => c.Draft.Number < 0).ThenBy(c => Math.Abs(c.Draft.Number))
            .Select(c => c.Draft).FirstOrDefault();
    }

    // How far a service stands from what failed; null when it does not stand on it.
    private int? StepsTo(Draft cause, string service, string hostLabel)
    {
        var needed = _graph.DependenciesOf(service);
        if (cause.Service is not null) return cause.Service != service && needed.TryGetValue(cause.Service, out var steps) ? steps : null;
        if (cause.FailedHosts.Count == 0) return null;
        if (cause.FailedHosts.Contains(hostLabel) || (_graph.HostOf(service) is { } host && cause.FailedHosts.Contains(host))) return 1;
        return needed.Where(n => _graph.HostOf(n.Key) is { } under && cause.FailedHosts.Contains(under)).Select(n => (int?)(n.Value + 1)).Min();
    }

    private void End(AlertChange alert)
    {
        var holder = alert.Incident is { } number && _open.GetValueOrDefault(number) is { Gone: false } own ? own : _open.Values.FirstOrDefault(d => d.Active.Contains(alert.Id));
        if (holder is null)
        {
            // Its incident is over already, by somebody's hand: only its timeline is told.
            if (alert.Incident is { } over) _changes.Add(new EndChange(over, alert));
            return;
        }
        holder.Active.Remove(alert.Id);
        holder.Ended = true;
        if (!holder.Impact.Remove(alert.Id)) holder.CauseEnded = true;
        holder.Changes.Add(new EndChange(holder.Number, alert));
    }

    private void Settle()
    {
        foreach (var draft in _open.Values.OrderBy(d => d.Number < 0).ThenBy(d => Math.Abs(d.Number)))
        {
            if (draft.Again && draft.State == IncidentState.Mitigated) draft.Changes.Add(new ReopenChange(draft.Number));
            if (draft.Number < 0) draft.Changes[0] = (OpenChange)draft.Changes[0] with { Severity = draft.Severity }; // told once, as bad as it is
            else if (draft.Severity > draft.Before) draft.Changes.Add(new SeverityChange(draft.Number, draft.Before, draft.Severity));
            if (draft is { Ended: true, AutoResolve: true, Active.Count: 0, IsFlapping: false }) draft.Changes.Add(new ResolveChange(draft.Number));
            else if (draft is { CauseEnded: true, Impact.Count: > 0 } && draft.Active.All(draft.Impact.ContainsKey))
                draft.Changes.Add(new CauseEndedChange(draft.Number, [.. draft.Impact.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]));
            _changes.AddRange(draft.Changes);
        }
    }

    /// <summary>An open incident while the plan is made.</summary>
    private sealed class Draft(OpenIncident incident)
    {
        public long Number => incident.Number;
        public string Key => incident.GroupKey;
        public string? Service => incident.Service;
        public IncidentState State => incident.State;
        public Severity Before => incident.Severity;
        public bool AutoResolve => incident.AutoResolve;
        public Severity Severity { get; private set; } = incident.Severity;
        public DateTimeOffset OpenedAt => incident.OpenedAt;
        public bool IsFlapping => incident.Flapping;
        public HashSet<long> Active { get; } = [.. incident.ActiveAlerts];

        /// <summary>Its alerts that only suffer from the same cause, and of which service they are.</summary>
        public Dictionary<long, string> Impact { get; } = new(incident.ImpactAlerts);
        public bool CauseEnded { get; set; }
        public bool Gone { get; set; }
        public HashSet<string> FailedHosts { get; } = new(incident.FailedHosts, StringComparer.Ordinal);
        public List<IncidentChange> Changes { get; } = [];
        public bool Again { get; private set; }
        public bool Ended { get; set; }

        public void Take(AlertChange alert, Severity severity)
        {
            Active.Add(alert.Id);
            Again = true;
            Raise(severity);
            if (Service is null && FailedHostOf(alert.Labels) is { } host) FailedHosts.Add(host);
        }

        public void Raise(Severity severity)
        {
            if (!incident.SeverityByHuman && severity > Severity) Severity = severity;
        }
    }
}
