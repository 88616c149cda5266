using System.Globalization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>The alert an entry of the timeline speaks of: <see cref="TimelineEntry.Data"/>.</summary>
public sealed record AlertData(long AlertId, string Fingerprint);

/// <summary>Carries a plan out on incidents in memory, and says what their timelines are told. Pure; saving is the runner's.</summary>
public sealed class PlanWriter(IEnumerable<Incident> open, DateTimeOffset now)
{
    // Titles are searched in the language of the association; each reader is shown their own.
    private static readonly CultureInfo _french = CultureInfo.GetCultureInfo("fr");

    private readonly Dictionary<long, Incident> _incidents = open.ToDictionary(i => i.Number);

    private readonly Dictionary<(long Number, TimelineKind Kind), int> _told = [];
    private readonly Dictionary<(long Number, TimelineKind Kind), (Incident? Incident, int More)> _untold = [];

    /// <summary>The incidents that the plan opened; they get their number when saved.</summary>
    public List<Incident> Opened { get; } = [];

    /// <summary>New entries; the incident's number is set when it is known. The number is of an incident that was resolved before, when there is no incident.</summary>
    public List<(Incident? Incident, long Number, TimelineEntry Entry)> Entries { get; } = [];

    /// <summary>Where each alert belongs now.</summary>
    public Dictionary<long, Incident> Homes { get; } = [];

    /// <summary>Beginnings and ends of one incident that are told one by one; of a storm the rest is told as a number.</summary>
    public const int MostToldEach = 20;

    public void Write(IReadOnlyList<IncidentChange> plan)
    {
        foreach (var change in plan) Write(change);
        foreach (var ((number, kind), (incident, more)) in _untold)
            Entries.Add((incident, number, Entry(kind, Phrase.Of(kind == TimelineKind.AlertEnded ? "timeline.more_ended" : "timeline.more_joined", more), null, pending: false, now)));
        _untold.Clear();
    }

    /// <summary>Says of what opened an incident what the label rules made of it.</summary>
    /// <param name="sent">Labels of the alerts as their sources sent them.</param>
    public void Explain(IEnumerable<OpenChange> opened, IReadOnlyDictionary<long, LabelSet> sent, LabelRules rules)
    {
        foreach (var one in opened)
        {
            var before = sent[one.Alert.Id];
            if (rules.Explain(before).ToList() is not { Count: > 0 } made) continue;
            var after = made[^1].After;
            var changed = after.Except(before).Concat(before.Where(l => after[l.Key].Length == 0).Select(l => KeyValuePair.Create(l.Key, ""))).Select(l => $"{l.Key}={l.Value}").ToList();
            if (changed.Count == 0) continue;
            Entries.Add((Homes[one.Alert.Id], 0, Entry(TimelineKind.Decision, Phrase.Of("timeline.label_rules", string.Join(", ", made.Select(m => m.Number)), AlertWords.Clip(string.Join(", ", changed), 300)), null, pending: false, now)));
        }
    }

    private void Write(IncidentChange change)
    {
        if (change is OpenChange open) Open(open);
        var incident = _incidents.GetValueOrDefault(change.Number);
        switch (change)
        {
            case OpenChange opened:
                Tell(TimelineKind.Opened, Phrase.Of("timeline.opened", AlertWords.NameOf(opened.Alert.Labels)), opened.Alert, pending: true);
                break;
            case AbsorbChange absorb:
                Absorb(incident!, _incidents[absorb.From], absorb);
                break;
            case CauseEndedChange ended:
                Tell(TimelineKind.CauseEnded, Phrase.Of("timeline.cause_ended", string.Join(", ", ended.StillFailing)), pending: true);
                break;
            case FlapChange flap:
                incident!.Flapping = true;
                Tell(TimelineKind.Flapping, Phrase.Of("timeline.flapping", flap.Changes, Incidents.Flapping.Window));
                break;
            case JoinChange join:
                Homes[join.Alert.Id] = incident!;
                // Nobody was told so far: a silence holds the others, perhaps not this one.
                var name = AlertWords.NameOf(join.Alert.Labels);
                Tell(TimelineKind.AlertJoined, incident!.ToldAt is null ? Phrase.Of("timeline.alert_joined", name) : Phrase.Of("timeline.alert_joined_known", name, Grouping.Shown(incident.GroupKey)), join.Alert, pending: incident.ToldAt is null);
                break;
            case ImpactChange impact:
                Homes[impact.Alert.Id] = incident!;
                if (!incident!.Impact.Contains(impact.Service)) incident.Impact = [.. incident.Impact, impact.Service];
                Tell(TimelineKind.Impact, Phrase.Of("timeline.impact", impact.Service, AlertWords.NameOf(impact.Alert.Labels)), impact.Alert);
                break;
            case EndChange end:
                Tell(TimelineKind.AlertEnded, Phrase.Of("timeline.alert_ended", AlertWords.NameOf(end.Alert.Labels)), end.Alert);
                break;
            case SeverityChange severity:
                incident!.Severity = severity.To;
                incident.Revision++;
                Tell(TimelineKind.Severity, Phrase.Of("timeline.severity", severity.From, severity.To), pending: true);
                break;
            case ReopenChange:
                incident!.Reopen();
                incident.Revision++;
                Tell(TimelineKind.Reopened, Phrase.Of("timeline.alert_again"), pending: true);
                break;
            case ResolveChange:
                incident!.Resolve(now, null);
                incident.Revision++;
                Tell(TimelineKind.Resolved, Phrase.Of("timeline.alerts_ended"), pending: true);
                break;
        }
        if (incident is not null) incident.UpdatedAt = now;

        void Tell(TimelineKind kind, Phrase phrase, AlertChange? alert = null, bool pending = false)
        {
            if (kind is TimelineKind.AlertJoined or TimelineKind.AlertEnded && IsOneTooMany(kind)) return;
            Entries.Add((incident, change.Number, Entry(kind, phrase, alert is null ? null : new AlertData(alert.Id, alert.Labels.Fingerprint()), pending, now)));
        }

        bool IsOneTooMany(TimelineKind kind)
        {
            var key = (change.Number, kind);
            var told = _told[key] = _told.GetValueOrDefault(key) + 1;
            if (told <= MostToldEach) return false;
            _untold[key] = (incident, told - MostToldEach);
            return true;
        }
    }

    private void Open(OpenChange open)
    {
        var alert = open.Alert;
        var incident = new Incident
        {
            Title = AlertWords.TitleOf(alert.Labels, alert.Annotations, alert.Summary, _french),
            TitlePhrase = alert.Summary,
            State = IncidentState.Open,
            Severity = open.Severity,
            Service = open.Service,
            GroupKey = open.GroupKey,
            Route = open.Routes[0].Path,
            Escalations = [.. open.Routes.Select(r => r.Escalation).Distinct(StringComparer.Ordinal)],
            WaitUntil = open.Routes[0].GroupWait > TimeSpan.Zero ? now + open.Routes[0].GroupWait : null,
            OpenedAt = now,
            UpdatedAt = now,
        };
        Opened.Add(incident);
        _incidents.Add(open.Number, incident);
        Homes[alert.Id] = incident;
    }

    // What was opened by an effect goes into the incident of its cause; whoever was told of it is told that.
    private void Absorb(Incident cause, Incident effect, AbsorbChange change)
    {
        foreach (var alert in change.Alerts) Homes[alert] = cause;
        cause.Impact = [.. cause.Impact.Concat(effect.Impact).Append(effect.Service ?? "").Where(s => s.Length > 0 && s != cause.Service).Distinct(StringComparer.Ordinal)];
        Entries.Add((cause, change.Number, Entry(TimelineKind.Impact, Phrase.Of("timeline.merged_from", effect.Number, effect.Title), null, pending: false, now)));
        effect.Resolve(now, null);
        effect.Revision++;
        effect.UpdatedAt = now;
        Entries.Add((effect, effect.Number, Entry(TimelineKind.Resolved, Phrase.Of("timeline.effect_of", cause.Title), null, pending: true, now)));
    }

    /// <summary>An entry by the product itself.</summary>
    /// <param name="number">Of the incident; 0: not known yet.</param>
    public static TimelineEntry Entry(TimelineKind kind, Phrase phrase, object? data, bool pending, DateTimeOffset now, long number = 0) => new()
    {
        IncidentNumber = number,
        At = now,
        Kind = kind,
        ActorKind = Actor.System.Kind,
        ActorId = Actor.System.Id,
        By = Actor.System.Name,
        Phrase = phrase,
        Data = data is null ? null : Json.Text(data),
        Pending = pending,
    };
}
