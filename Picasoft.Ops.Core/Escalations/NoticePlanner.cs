using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Somebody who can be told: a recipient of a channel.</summary>
public sealed record NoticeTarget(long ChannelId, string ChannelName, string Recipient);

/// <summary>All that is known when it is decided whom to tell of a timeline entry.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Incident">To which incident, as it is now.</param>
/// <param name="Active">Its alerts that go on.</param>
/// <param name="Silences">Those that are in force now.</param>
/// <param name="Reachable">Every recipient of every channel that is switched on.</param>
/// <param name="Told">Who of the switched-on channels was told of this incident's beginning.</param>
public sealed record NoticeFacts(TimelineKind Kind, Incident Incident, IReadOnlyList<Alert> Active, Silencing Silences, IReadOnlyList<NoticeTarget> Reachable, IReadOnlyList<NoticeTarget> Told);

/// <summary>Why people are told or not; a closed list, kept in the data of a <see cref="TimelineKind.Decision"/>.</summary>
public enum NoticeDecision
{
    /// <summary>There is nothing to say about this event.</summary>
    NothingToTell,
    Told,
    Silenced,
    NoChannel,
    /// <summary>The end of something whose beginning nobody was told.</summary>
    NobodyWasTold,
    /// <summary>A silence ended, and somebody has it in hand.</summary>
    SomebodyHasIt,
}

/// <summary>Whom to tell, and why not.</summary>
/// <param name="Decision">From the closed list.</param>
/// <param name="Reason">The <see cref="Notifications.Delivery.Reason"/>.</param>
/// <param name="Targets">Whom; nobody unless told.</param>
/// <param name="Words">What to write on the timeline; null: nothing, the deliveries speak for themselves.</param>
/// <param name="Silence">The silence that holds it back.</param>
public sealed record Notice(NoticeDecision Decision, string Reason, IReadOnlyList<NoticeTarget> Targets, Phrase? Words = null, Silence? Silence = null);

/// <summary>Decides whom to tell of what happened to an incident. Pure. For now everybody at once; steps and schedules come on top.</summary>
public static class NoticePlanner
{
    public static Notice Plan(NoticeFacts facts) => facts.Kind switch
    {
        TimelineKind.Opened or TimelineKind.Declared => Page(facts, "opened"),
        TimelineKind.Reopened => Page(facts, "reopened"),
        TimelineKind.Severity when facts.Incident.IsOpen => Page(facts, "severity"),
        TimelineKind.AcknowledgementExpired when facts.Incident.State == IncidentState.Open => Page(facts, "acknowledgement_expired"),
        // An alert that joins does not page again, but it may be the first one that no silence holds. Why nobody was told so far is written already.
        TimelineKind.AlertJoined when facts.Incident is { IsOpen: true, ToldAt: null } => Page(facts, "opened") with { Words = null },
        TimelineKind.SilenceEnded when facts.Incident is { IsOpen: true, ToldAt: null } => SilenceEnded(facts),
        TimelineKind.Resolved => Resolved(facts),
        _ => Nothing(),
    };

    private static Notice Page(NoticeFacts facts, string reason)
    {
        if (Holding(facts.Active, facts.Silences) is { } silence)
            return new(NoticeDecision.Silenced, reason, [], Phrase.Of("notice.silenced", silence.Id, silence.EndsAt), silence);
        return facts.Reachable.Count == 0
            ? new(NoticeDecision.NoChannel, reason, [], Phrase.Of("notice.no_channel"))
            : new(NoticeDecision.Told, reason, facts.Reachable);
    }

    private static Notice SilenceEnded(NoticeFacts facts) => facts switch
    {
        { Active.Count: 0 } => Nothing(),
        { Incident: { State: not IncidentState.Open, AcknowledgedBy: { } by } } => new(NoticeDecision.SomebodyHasIt, "silence_ended", [], Phrase.Of("notice.somebody_has_it", by)),
        _ => Page(facts, "silence_ended"),
    };

    private static Notice Resolved(NoticeFacts facts) => facts.Told.Count == 0
        ? new(NoticeDecision.NobodyWasTold, "resolved", [], Phrase.Of("notice.nobody_was_told"))
        : new(NoticeDecision.Told, "resolved", facts.Told);

    private static Notice Nothing() => new(NoticeDecision.NothingToTell, "", []);

    /// <summary>
    /// The silence that holds an incident back: every alert that goes on is under one. Of those the one that ends first, because then paging begins.
    /// Null when an alert is under none, or when there is no alert (declared by hand).
    /// </summary>
    public static Silence? Holding(IReadOnlyList<Alert> active, Silencing silences)
    {
        Silence? first = null;
        foreach (var alert in active)
        {
            var longest = silences.Muting(alert.Labels).MaxBy(s => s.EndsAt);
            if (longest is null) return null;
            if (first is null || longest.EndsAt < first.EndsAt) first = longest;
        }
        return first;
    }
}
