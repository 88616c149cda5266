using System.Globalization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Somebody who can be told: a recipient of a channel.</summary>
public sealed record NoticeTarget(long ChannelId, string ChannelName, string Recipient)
{
    /// <summary>Who that is, when it is known. Not part of what it is: the same address is the same target.</summary>
    public string? Person { get; init; }

    /// <summary>When what is not grave waits for them.</summary>
    public People.QuietInput? Quiet { get; init; }

    /// <summary>They hear of it then, with all else of the day.</summary>
    public DigestHour? Digest { get; init; }

    /// <summary>All that they were to be told of this incident waits until then still.</summary>
    public DateTimeOffset? WaitsUntil { get; init; }

    /// <summary>In a storm its messages become one (<see cref="IChannel.IsForPeople"/>).</summary>
    public bool IsFolded { get; init; }

    /// <summary>A message to them that may go at once. Which incident or swap it is about is for the caller to add.</summary>
    /// <param name="about">Says once and for all what this message is: the same is never sent to them twice.</param>
    /// <param name="reason">One of <see cref="DeliveryReason"/>.</param>
    public Delivery Message(string about, string reason, DateTimeOffset now) => new()
    {
        IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{about}:channel:{ChannelId}:{Recipient}"),
        ChannelId = ChannelId,
        ChannelName = ChannelName,
        Recipient = Recipient,
        Person = Person,
        Reason = reason,
        CreatedAt = now,
        NextAttemptAt = now,
    };

    public bool Equals(NoticeTarget? other) => other is not null && ChannelId == other.ChannelId && Recipient == other.Recipient;

    public override int GetHashCode() => HashCode.Combine(ChannelId, Recipient);
}

/// <summary>All that is known when it is decided whom to tell of a timeline entry.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Incident">To which incident, as it is now.</param>
/// <param name="Active">The labels of its alerts that go on.</param>
/// <param name="Muting">What holds paging back now.</param>
/// <param name="Timetable">When whom; of the policies that the incident follows.</param>
/// <param name="Book">Who that is.</param>
/// <param name="Told">Who of the switched-on channels was told of this incident's beginning.</param>
/// <param name="Now">This instant.</param>
public sealed record NoticeFacts(
    TimelineKind Kind, Incident Incident, IReadOnlyList<LabelSet> Active, Muting Muting, Timetable Timetable, AddressBook Book, IReadOnlyList<NoticeTarget> Told, DateTimeOffset Now);

/// <summary>Why people are told or not; a closed list, kept in the data of a <see cref="TimelineKind.Decision"/>.</summary>
public enum NoticeDecision
{
    /// <summary>There is nothing to say about this event.</summary>
    NothingToTell,
    Told,
    Silenced,
    Maintenance,
    Inhibited,
    /// <summary>The first message waits for more of the same.</summary>
    GroupWait,
    NoChannel,
    /// <summary>The end of something whose beginning nobody was told.</summary>
    NobodyWasTold,
    /// <summary>What held it back is over, and somebody has it in hand.</summary>
    SomebodyHasIt,
}

/// <summary>Whom to tell, and why not.</summary>
/// <param name="Decision">From the closed list.</param>
/// <param name="Reason">The <see cref="Notifications.Delivery.Reason"/>.</param>
/// <param name="Targets">Whom; nobody unless told.</param>
/// <param name="Words">What to write on the timeline; null: nothing, the deliveries speak for themselves.</param>
/// <param name="Until">When what holds it back ends, as far as is known.</param>
/// <param name="Pages">This begins an escalation, or would have: it is owed while held.</param>
/// <param name="Moment">Which moment of the timetable was told, from 0: those before it reached nobody. Of what is held back: which one is owed.</param>
public sealed record Notice(NoticeDecision Decision, string Reason, IReadOnlyList<NoticeTarget> Targets, Phrase? Words = null, DateTimeOffset? Until = null, bool Pages = false, int Moment = 0)
{
    /// <summary>People should have been told and were not: they are told once what holds it back is over.</summary>
    public bool IsHeld => Decision is NoticeDecision.Silenced or NoticeDecision.Maintenance or NoticeDecision.Inhibited or NoticeDecision.GroupWait;
}

/// <summary>Decides whom to tell of what happened to an incident. Pure.</summary>
public static class NoticePlanner
{
    public static Notice Plan(NoticeFacts facts) => facts.Kind switch
    {
        TimelineKind.Opened or TimelineKind.Declared => Page(facts, DeliveryReason.Opened),
        TimelineKind.Reopened => Page(facts, DeliveryReason.Reopened),
        TimelineKind.CauseEnded when facts.Incident.IsOpen => Page(facts, DeliveryReason.CauseEnded),
        TimelineKind.Severity when facts.Incident.IsOpen => Page(facts, DeliveryReason.Severity),
        TimelineKind.AcknowledgementExpired when facts.Incident.State == IncidentState.Open => Page(facts, DeliveryReason.AcknowledgementExpired),
        // An alert that joins does not page again, but it may be the first one that nothing holds. Why nobody was told so far is written already.
        TimelineKind.AlertJoined when facts.Incident is { IsOpen: true, ToldAt: null } => Page(facts, DeliveryReason.Opened) with { Words = null },
        TimelineKind.SilenceEnded when facts.Incident is { IsOpen: true } && (facts.Incident.ToldAt is null || facts.Incident.Held) => Released(facts, DeliveryReason.SilenceEnded),
        TimelineKind.SilenceEnded when facts is { Incident.State: IncidentState.Open, Active.Count: > 0 } => Nothing() with { Words = Phrase.Of("notice.known") },
        TimelineKind.HelpAsked when facts.Incident.IsOpen => Asked(facts),
        TimelineKind.Resolved => Resolved(facts),
        _ => Nothing(),
    };

    /// <summary>What becomes of people who should have been told, now; null: it is held back still.</summary>
    public static Notice? Recheck(NoticeFacts facts)
    {
        if (Holds(facts, "") is not null) return null;
        return Released(facts, facts.Incident.ToldAt is null ? DeliveryReason.Opened : DeliveryReason.Released);
    }

    /// <summary>The next moment of an escalation. One that is held back is owed like any other message.</summary>
    public static Notice Escalate(NoticeFacts facts, int moment) => Page(facts, DeliveryReason.Escalated, moment);

    /// <summary>Until when somebody hears of it later only: their quiet hours, or the hour of a digest; null: at once.</summary>
    public static DateTimeOffset? Waits(NoticeTarget target, Severity severity, DateTimeOffset now) => Later(QuietHours.Until(target.Quiet, severity, now), target.Digest?.After(now));

    /// <summary>The same of an end: it comes when the beginning does.</summary>
    internal static DateTimeOffset? WaitsWithBeginning(NoticeTarget target, Severity severity, DateTimeOffset now) => Later(QuietHours.Until(target.Quiet, severity, now), target.WaitsUntil);

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a > b || b is null ? a : b;

    /// <summary>Why a moment reaches nobody.</summary>
    internal static Phrase Nobody(AddressBook book, EscalationMoment moment, DateTimeOffset at) =>
        moment.Notify.All(n => n.Kind == NotifyTarget.Nobody) ? Phrase.Of("notice.nobody_on_purpose")
        : book.Unreadable(moment.Notify, at) is { Count: > 0 } unreadable ? Phrase.Of("notice.unreadable", string.Join(", ", unreadable))
        : book.Everybody.Count == 0 ? Phrase.Of("notice.no_channel")
        : book.Empty(moment.Notify, at) is { Count: > 0 } empty ? Phrase.Of("notice.nobody_on_call", moment.Step, string.Join(", ", empty))
        : Phrase.Of("notice.nobody_in_step", moment.Step);

    /// <summary>Others are told, and these channels should have been used too.</summary>
    private static Phrase? LeftOut(AddressBook book, EscalationMoment moment, DateTimeOffset at) =>
        book.Unreadable(moment.Notify, at) is { Count: > 0 } unreadable ? Phrase.Of("notice.left_out", string.Join(", ", unreadable)) : null;

    private static Notice Page(NoticeFacts facts, string reason, int moment = 0) => Holds(facts, reason) is { } held ? held with { Moment = moment } : Tell(facts, reason, moment) with { Pages = true };

    /// <summary>Somebody asks for more people: the step that is next, from the beginning when all were gone through. No silence holds back a human who asks.</summary>
    private static Notice Asked(NoticeFacts facts)
    {
        var moments = facts.Timetable.Moments;
        var notice = Tell(facts, DeliveryReason.Escalated, facts.Incident.EscalationMoment < moments.Count ? facts.Incident.EscalationMoment : 0);
        return notice with { Pages = true, Words = notice.Words ?? Phrase.Of("notice.asked", moments[notice.Moment].Step, moments[notice.Moment].Round) };
    }

    /// <summary>Whoever the moment names; when that is nobody, the next moment that has somebody comes at once: nobody waits for a step that cannot be heard.</summary>
    private static Notice Tell(NoticeFacts facts, string reason, int moment)
    {
        var moments = facts.Timetable.Moments;
        for (var at = moment; at < moments.Count; at++)
        {
            var targets = facts.Book.Find(moments[at].Notify, facts.Now);
            if (targets.Count == 0) continue;
            return new(NoticeDecision.Told, reason, targets, at == moment ? LeftOut(facts.Book, moments[at], facts.Now) : Phrase.Of("notice.went_on", Nobody(facts.Book, moments[moment], facts.Now), moments[at].Step), Moment: at);
        }
        return new(NoticeDecision.NoChannel, reason, [], Nobody(facts.Book, moments[moment], facts.Now), Moment: moment);
    }

    private static Notice? Holds(NoticeFacts facts, string reason)
    {
        if (facts.Muting.Holding(facts.Active) is { } mute)
        {
            var decision = mute.Kind switch { MuteKind.Silence => NoticeDecision.Silenced, MuteKind.Maintenance => NoticeDecision.Maintenance, _ => NoticeDecision.Inhibited };
            return new(decision, reason, [], Phrase.Of("notice.held", mute.Words), mute.Until, Pages: true);
        }
        return facts.Incident is { ToldAt: null, WaitUntil: { } until } && until > facts.Now ? new(NoticeDecision.GroupWait, reason, [], Phrase.Of("notice.waits", until), until, Pages: true) : null;
    }

    private static Notice Released(NoticeFacts facts, string reason) => facts switch
    {
        { Active.Count: 0 } => Nothing(), // all is over, and the end is told by itself
        { Incident: { State: not IncidentState.Open, AcknowledgedBy: { } by } } => new(NoticeDecision.SomebodyHasIt, reason, [], Phrase.Of("notice.somebody_has_it", by)),
        // From where it was held back: who was told before that is not told again.
        _ => Page(facts, reason, facts.Incident.Held ? Math.Min(facts.Incident.EscalationMoment, facts.Timetable.Moments.Count - 1) : 0),
    };

    private static Notice Resolved(NoticeFacts facts) => facts.Told.Count == 0
        ? new(NoticeDecision.NobodyWasTold, DeliveryReason.Resolved, [], Phrase.Of("notice.nobody_was_told"))
        : new(NoticeDecision.Told, DeliveryReason.Resolved, facts.Told);

    private static Notice Nothing() => new(NoticeDecision.NothingToTell, "", []);
}
