using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>
/// Takes the timeline entries that people may have to be told of, decides, and writes the deliveries: all in one transaction, so that an entry is decided exactly once,
/// whatever dies. Claims whole incidents, so that the beginning and the end of one are never decided on two nodes at the same time.
/// </summary>
public sealed class NoticeRunner(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, ChangeSignal signal, TimeProvider time, ILogger<NoticeRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(1), signal, IncidentActions.Topic) // the beat of what waits for a time
{
    private const int IncidentsAtOnce = 50;

    private readonly Beat _clock = new(time, TimeSpan.FromSeconds(30));

    protected override async Task RoundAsync(CancellationToken cancel)
    {
        var due = await DueAsync(cancel);
        while (due.Entries && await RunOnceAsync(cancel) > 0) { }
        if (due.Waiting) await TickAsync(cancel);
        if (!_clock.IsDue) return;
        await FollowClockAsync(cancel);
        _clock.Done();
    }

    protected override void RoundFailed(Exception exception) => EscalationsLog.RoundFailed(log, exception);

    // Asked every second by every node: indexes only, in one statement. The second in the very words of its partial index.
    private async Task<Due> DueAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Database.SqlQuery<Due>($"""
            select exists (select from timeline_entries where pending) as entries,
                exists (select from incidents where state <> 'Resolved' and (held or flapping or escalate_at is not null) and (held or (state = 'Open' and escalate_at <= {Time.GetUtcNow()}))) as waiting
            """).SingleAsync(cancel);
    }

    /// <summary>Decides what is pending; returns for how many incidents.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var decided = await DecideAsync(db, cancel);
        if (decided > 0) await transaction.CommitAsync(cancel);
        return decided;
    }

    /// <summary>The same within the caller's transaction.</summary>
    internal async Task<int> DecideAsync(OpsDbContext db, CancellationToken cancel)
    {
        var incidents = await db.Incidents.FromSql($"""
            select * from incidents where number in (select incident_number from timeline_entries where pending order by id limit {IncidentsAtOnce * 4})
            order by number limit {IncidentsAtOnce} for update skip locked
            """).ToListAsync(cancel);
        if (incidents.Count == 0) return 0;
        var round = await RoundAsync(db, incidents, cancel);
        var numbers = incidents.ConvertAll(i => i.Number);
        var entries = await db.Timeline.Where(t => t.Pending && numbers.Contains(t.IncidentNumber)).OrderBy(t => t.Id).ToListAsync(cancel);
        foreach (var incident in incidents)
        {
            foreach (var entry in entries.Where(e => e.IncidentNumber == incident.Number))
            {
                entry.Pending = false;
                var facts = round.FactsOf(incident, entry.Kind);
                if (entry.Kind == TimelineKind.Opened && Routed(facts.Incident, round.Routes) is { } routed) db.Timeline.Add(Entry(incident, TimelineKind.Decision, routed, null, round.Now));
                round.Carry(db, facts, NoticePlanner.Plan(facts), string.Create(CultureInfo.InvariantCulture, $"entry:{entry.Id}"), entry.Id);
            }
        }
        await SaveAsync(db, numbers, cancel);
        return incidents.Count;
    }

    /// <summary>What waits for a time: messages that were held back, and the next steps of escalations. Returns for how many incidents something was done.</summary>
    public async Task<int> TickAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var now = Time.GetUtcNow();
        var incidents = await db.Incidents.FromSql($"""
            select * from incidents where state <> 'Resolved' and (held or flapping or escalate_at is not null) and (held or (state = 'Open' and escalate_at <= {now}))
            order by number limit 500 for update skip locked
            """).ToListAsync(cancel);
        if (incidents.Count == 0) return 0;
        var round = await RoundAsync(db, incidents, cancel);
        var done = new List<long>();
        foreach (var incident in incidents)
        {
            var facts = round.FactsOf(incident, TimelineKind.Decision);
            if (incident.Held && NoticePlanner.Recheck(facts) is { } notice)
            {
                incident.Held = false;
                round.Carry(db, facts, notice, string.Create(CultureInfo.InvariantCulture, $"held:{incident.Number}:{now.UtcTicks}"), null);
                done.Add(incident.Number);
            }
            else if (!incident.Held && incident.EscalateAt <= now)
            {
                Escalate(db, round, facts);
                done.Add(incident.Number);
            }
        }
        if (done.Count > 0) await SaveAsync(db, done, cancel);
        await transaction.CommitAsync(cancel);
        return done.Count;
    }

    /// <summary>
    /// After a clock that was wrong went back, a step would wait for an instant that comes hours late: none waits longer than its own delay.
    /// Returns how many were brought forward. A clock that jumps ahead needs nothing: one step is due, and the next counts from then.
    /// </summary>
    public async Task<int> FollowClockAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var now = Time.GetUtcNow();
        var waiting = await db.Incidents.FromSql($"select * from incidents where state = 'Open' and escalate_at > {now} order by number limit 500 for update skip locked").ToListAsync(cancel);
        if (waiting.Count == 0) return 0;
        var policies = (await PolicyBook.ReadAsync(db, cancel)).Escalations;
        var late = 0;
        foreach (var incident in waiting)
        {
            var moments = Timetable.Of(incident.Escalations, policies).Moments;
            if (incident.EscalationMoment is var next && (next < 1 || next >= moments.Count)) continue;
            var latest = now + (moments[next].At - moments[next - 1].At);
            if (incident.EscalateAt <= latest) continue;
            incident.EscalateAt = latest;
            late++;
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return late;
    }

    private static void Escalate(OpsDbContext db, Round round, NoticeFacts facts)
    {
        var incident = facts.Incident;
        var moments = facts.Timetable.Moments;
        var at = Math.Min(incident.EscalationMoment, moments.Count - 1); // the policy may have become shorter meanwhile
        var notice = NoticePlanner.Escalate(facts, at);
        var moment = moments[notice.Moment];
        db.Timeline.Add(Entry(incident, TimelineKind.Escalated, Phrase.Of("notice.escalated", moment.Step, moment.Round), new { moment.Step, moment.Round }, round.Now));
        round.Carry(db, facts, notice, string.Create(CultureInfo.InvariantCulture, $"escalation:{incident.Number}:{incident.EscalateAt!.Value.UtcTicks}"), null);
    }

    /// <summary>Which way it went, when that is not the only way there is.</summary>
    private static Phrase? Routed(Incident incident, RouteTree routes)
    {
        if (routes.Root.Routes.Count is var count && count == 0) return null;
        var (group, escalations) = (Grouping.Shown(incident.GroupKey), string.Join(", ", incident.Escalations));
        return incident.Route.Length > 0 ? Phrase.Of("notice.routed_of", incident.Route, count, group, escalations) : Phrase.Of("notice.routed_default", count, group, escalations);
    }

    private async Task<Round> RoundAsync(OpsDbContext db, List<Incident> incidents, CancellationToken cancel)
    {
        var now = Time.GetUtcNow();
        var numbers = incidents.ConvertAll(i => i.Number);
        var policies = await PolicyBook.ReadAsync(db, cancel);
        var muting = await MutingQueries.MutingAsync(db, policies, now, cancel);
        var channels = await db.Channels.AsNoTracking().Where(c => c.Enabled).OrderBy(c => c.Id).ToListAsync(cancel);
        var people = policies.Escalations.Count == 0 ? [] : await db.Set<Person>().AsNoTracking().ToListAsync(cancel);
        var onCall = await OnCallBook.ReadAsync(db, policies, now.AddDays(-1), cancel);
        var book = AddressBook.Of(channels, kinds, people, onCall);
        return new Round(now, await BurningQueries.ToJudgeAsync(db, numbers, muting, policies.Labels, cancel), muting,
            policies.Routes, policies.Escalations, book, await ToldAsync(db, numbers, channels, book, cancel), await StormAsync(db, now, cancel));
    }

    private static async Task SaveAsync(OpsDbContext db, List<long> numbers, CancellationToken cancel)
    {
        var sends = db.ChangeTracker.Entries<Delivery>().Any();
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, IncidentActions.Topic, numbers.Count == 1 ? numbers[0] : 0, cancel);
        if (sends) await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
    }

    /// <summary>Who was, or will be, told of a beginning. A message that was given up was not heard, and who was told another way is told of the end that way.</summary>
    private static async Task<Dictionary<long, HashSet<NoticeTarget>>> ToldAsync(OpsDbContext db, List<long> numbers, List<Channel> channels, AddressBook book, CancellationToken cancel)
    {
        var rows = await db.Deliveries.AsNoTracking()
            .Where(d => d.IncidentNumber != null && numbers.Contains(d.IncidentNumber.Value) && d.Reason != DeliveryReason.Resolved && d.State != DeliveryState.Failed && d.State != DeliveryState.Replaced)
            .GroupBy(d => new { Number = d.IncidentNumber!.Value, d.ChannelId, d.Recipient })
            .Select(g => new { g.Key.Number, g.Key.ChannelId, g.Key.Recipient, Heard = g.Max(d => d.Reason == DeliveryReason.Later && d.State == DeliveryState.Pending ? 0 : 1), Next = g.Min(d => d.NextAttemptAt) }).ToListAsync(cancel);
        var names = channels.ToDictionary(c => c.Id, c => c.Name);
        return numbers.ToDictionary(n => n, n => rows.Where(r => r.Number == n && names.ContainsKey(r.ChannelId)).Select(r => book.Known(new(r.ChannelId, names[r.ChannelId], r.Recipient)) with { WaitsUntil = r.Heard == 0 ? r.Next : null }).ToHashSet());
    }

    /// <summary>What was decided within the last minutes, by address.</summary>
    private static async Task<Storm> StormAsync(OpsDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var since = now - Storm.Window;
        var lately = await db.Deliveries.AsNoTracking().Where(d => d.CreatedAt > since && d.CreatedAt <= now && d.IncidentNumber != null && d.Reason != DeliveryReason.Later)
            .Select(d => new { d.ChannelId, d.ChannelName, d.Recipient, Number = d.IncidentNumber!.Value, Waits = d.Reason == DeliveryReason.Storm && d.State == DeliveryState.Pending && d.Attempts == 0 ? (DateTimeOffset?)d.NextAttemptAt : null }).ToListAsync(cancel);
        return new([.. lately.Select(l => new StormTold(new(l.ChannelId, l.ChannelName, l.Recipient), l.Number, l.Waits))]);
    }

    private static TimelineEntry Entry(Incident incident, TimelineKind kind, Phrase words, object? data, DateTimeOffset now) =>
        PlanWriter.Entry(kind, words, data, pending: false, now, incident.Number);

    /// <param name="Entries">Some are to be decided.</param>
    /// <param name="Waiting">Somebody's time may have come.</param>
    private sealed record Due(bool Entries, bool Waiting);

    /// <summary>What one round knows, and how a decision is carried out.</summary>
    private sealed record Round(
        DateTimeOffset Now, ILookup<long, LabelSet> Active, Muting Muting, RouteTree Routes, IReadOnlyDictionary<string, string> Policies, AddressBook Book, Dictionary<long, HashSet<NoticeTarget>> Told, Storm Storm)
    {
        private readonly Dictionary<string, Timetable> _timetables = new(StringComparer.Ordinal);

        public NoticeFacts FactsOf(Incident incident, TimelineKind kind) =>
            new(kind, incident, [.. Active[incident.Number]], Muting, TimetableOf(incident.Escalations), Book, [.. Told[incident.Number]], Now);

        /// <param name="key">Says once and for all what this message is about: the same is never sent twice.</param>
        /// <param name="entry">The timeline entry that is told, if it is one.</param>
        public void Carry(OpsDbContext db, NoticeFacts facts, Notice notice, string key, long? entry)
        {
            var incident = facts.Incident;
            if (notice.Pages)
            {
                incident.Held = notice.IsHeld;
                var moments = facts.Timetable.Moments;
                // What is owed is the next that is told. The one after it comes from now, not from when it was due: after a night without power nobody wants all steps at once.
                var next = notice.IsHeld ? notice.Moment : notice.Moment + 1;
                (incident.EscalationMoment, incident.EscalateAt) = (next, !notice.IsHeld && moments.Count > next ? Now + (moments[next].At - moments[notice.Moment].At) : null);
            }
            if (notice.Targets.Count > 0 && notice.Reason != DeliveryReason.Resolved)
            {
                incident.ToldAt ??= Now;
                Told[incident.Number].UnionWith(notice.Targets);
            }
            var planned = notice.Targets.Select(t => (Target: t, Quiet: notice.Reason == DeliveryReason.Resolved ? NoticePlanner.WaitsWithBeginning(t, incident.Severity, Now) : NoticePlanner.Waits(t, incident.Severity, Now))).Select(t => (t.Target, t.Quiet, Storm: t.Quiet is null ? Storm.Until(t.Target, incident.Number, Now) : null)).ToList();
            foreach (var (person, until) in planned.Where(t => t.Quiet is not null).Select(t => (t.Target.Person ?? t.Target.ChannelName, t.Quiet)).Distinct())
                db.Timeline.Add(Entry(incident, TimelineKind.Decision, Phrase.Of("notice.quiet", person, until), new { decision = "quiet", person, until }, Now));
            foreach (var (who, until) in planned.Where(t => t.Storm is not null).Select(t => (t.Target.Person ?? t.Target.ChannelName, t.Storm)).Distinct())
                db.Timeline.Add(Entry(incident, TimelineKind.Decision, Phrase.Of("notice.storm", who, until), new { decision = "storm", who, until }, Now));
            db.Deliveries.AddRange(planned.Select(t => Message(t.Target, t.Quiet is not null ? DeliveryReason.Later : t.Storm is not null ? DeliveryReason.Storm : notice.Reason, t.Quiet ?? t.Storm ?? Now)));
            if (notice.Words is { } words) db.Timeline.Add(Entry(incident, TimelineKind.Decision, words, new { decision = notice.Decision, reason = notice.Reason, until = notice.Until }, Now));

            Delivery Message(NoticeTarget target, string reason, DateTimeOffset at)
            {
                var message = target.Message(key, reason, Now);
                (message.IncidentNumber, message.TimelineEntryId, message.NextAttemptAt) = (incident.Number, entry, at);
                return message;
            }
        }

        private Timetable TimetableOf(List<string> names)
        {
            var key = string.Join('\n', names);
            if (_timetables.TryGetValue(key, out var known)) return known;
            return _timetables[key] = Timetable.Of(names, Policies);
        }
    }
}
