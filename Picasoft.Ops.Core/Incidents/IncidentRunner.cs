using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>
/// Turns alerts into incidents, and lets acknowledgements and silences run out. On every node, one at a time (advisory lock):
/// what is due stands in the tables, and is marked as done in the transaction that does it, so nothing is lost or done twice when a node dies.
/// </summary>
public sealed class IncidentRunner(IDbContextFactory<OpsDbContext> contexts, ChangeSignal signal, TimeProvider time, ILogger<IncidentRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(1), signal, AlertIntake.Topic, SilenceActions.Topic)
{
    /// <summary>Most alerts in one transaction.</summary>
    public const int Batch = 5000;

    private const long LockKey = 7_980_200;

    /// <summary>Does what is due; says how much that was. Does nothing while another node is at it.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        var due = await DueAsync(cancel);
        var planned = due.Alerts ? await UnderLockAsync(PlanAsync, cancel) : 0;
        // News waits for none of these: what has been planned is on its way already.
        return !due.Rest ? planned : planned + await UnderLockAsync(ExpireAcknowledgementsAsync, cancel) + await UnderLockAsync(SilenceRunner.RunAsync, cancel)
            + await UnderLockAsync(FlappingRunner.RunAsync, cancel);
    }

    protected override async Task RoundAsync(CancellationToken cancel)
    {
        while (await RunOnceAsync(cancel) >= Batch) { }
    }

    protected override void RoundFailed(Exception exception) => IncidentsLog.RoundFailed(log, exception);

    // Asked every second by every node: indexes only, and no lock.
    private async Task<Due> DueAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = Time.GetUtcNow();
        // The third in the very words of its partial index, or PostgreSQL would not use it.
        return await db.Database.SqlQuery<Due>($"""
            select exists (select from alerts where pending) as alerts,
                exists (select from incidents where state = 'Acknowledged' and acknowledgement_expires_at <= {now})
                or exists (select from incidents where state <> 'Resolved' and (held or flapping or escalate_at is not null) and flapping)
                or exists (select from silences where (not start_handled and starts_at <= {now}) or (not end_handled and ends_at <= {now})) as rest
            """).SingleAsync(cancel);
    }

    private async Task<int> UnderLockAsync(Func<OpsDbContext, DateTimeOffset, CancellationToken, Task<int>> step, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (!await db.Database.SqlQuery<bool>($"""select pg_try_advisory_xact_lock({LockKey}) as "Value" """).SingleAsync(cancel)) return 0;
        var done = await step(db, Time.GetUtcNow(), cancel);
        if (done > 0) await transaction.CommitAsync(cancel);
        return done;
    }

    // Incidents are locked before alerts, as people's actions do.
    internal static async Task<int> PlanAsync(OpsDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var incidents = await db.Incidents.FromSql($"select * from incidents where state <> 'Resolved' order by number for no key update").ToListAsync(cancel);
        var alerts = await db.Alerts.FromSql($"select * from alerts where pending order by id limit {Batch} for update skip locked").AsNoTracking().ToListAsync(cancel);
        if (alerts.Count == 0) return 0;
        var graph = ServiceMap.Of(await db.Services.AsNoTracking().ToListAsync(cancel));
        var policies = await PolicyBook.ReadAsync(db, cancel);
        var changes = alerts.ConvertAll(a => new AlertChange(a.Id, policies.Labels.Apply(a.Labels), a.Annotations, a.Summary, a.IsActive, a.IncidentId));
        var context = new PlanContext(graph, policies.Routes, await ChangesAsync(db, changes.Where(c => c.Incident is null).Select(c => c.Labels), policies.Routes, now, cancel), now);
        var plan = IncidentPlanner.Plan(await OpenAsync(db, incidents, policies, cancel, NeedOf(changes, [.. context.Changes.Select(c => c.Key)], incidents)), context, changes);

        var writer = new PlanWriter(incidents, now);
        writer.Write(plan);
        if (!policies.Labels.IsEmpty) writer.Explain(plan.OfType<OpenChange>(), alerts.ToDictionary(a => a.Id, a => a.Labels), policies.Labels);
        db.Incidents.AddRange(writer.Opened);
        await db.SaveChangesAsync(cancel); // gives the new ones their numbers
        foreach (var (incident, number, entry) in writer.Entries)
        {
            entry.IncidentNumber = incident?.Number ?? number;
            db.Timeline.Add(entry);
        }
        await db.SaveChangesAsync(cancel);
        var homeOf = alerts.ToDictionary(a => a.Id, a => a.IncidentId);
        foreach (var (alert, home) in writer.Homes) homeOf[alert] = home.Number;
        var (ids, homes) = (homeOf.Keys.ToArray(), homeOf.Values.ToArray());
        await db.Database.ExecuteSqlAsync($"update alerts a set pending = false, incident_id = i.home from unnest({ids}, {homes}) i (id, home) where a.id = i.id", cancel);
        await TellAsync(db, writer.Entries.Select(e => e.Entry.IncidentNumber), cancel);
        await ChangeSignal.PublishAsync(db, AlertIntake.Topic, 0, cancel);
        return alerts.Count;
    }

    private static Need NeedOf(List<AlertChange> changes, HashSet<string> keys, List<Incident> incidents) => new(
        changes.Exists(c => c is { IsActive: false, Incident: null }),
        !keys.IsSubsetOf(incidents.Select(i => i.GroupKey)),
        [.. changes.Where(c => !c.IsActive).Select(c => c.Incident).OfType<long>()]);

    /// <summary>Incidents as planning sees them.</summary>
    public static Task<List<OpenIncident>> OpenAsync(OpsDbContext db, List<Incident> incidents, PolicyBook policies, CancellationToken cancel) => OpenAsync(db, incidents, policies, cancel, Need.All);

    private static async Task<List<OpenIncident>> OpenAsync(OpsDbContext db, List<Incident> incidents, PolicyBook policies, CancellationToken cancel, Need need)
    {
        // An end that is not looked at yet has not happened yet here: else its incident would be over before that alert ended.
        IQueryable<Alert> Of(List<long> numbers) => db.Alerts.AsNoTracking().Where(a => a.IncidentId != null && numbers.Contains(a.IncidentId.Value) && (a.ResolvedAt == null || a.Pending));
        var counted = incidents.Where(need.OfIds).Select(i => i.Number).ToList();
        var ids = counted.Count == 0 ? Array.Empty<(long Id, long Number)>().ToLookup(a => a.Number, a => a.Id)
            : (await Of(counted).Select(a => new { a.Id, Number = a.IncidentId!.Value }).ToListAsync(cancel)).ToLookup(a => a.Number, a => a.Id);
        // Labels tell which machines failed and what is only impact.
        var told = incidents.Where(need.OfLabels).Select(i => i.Number).ToList();
        var byNumber = told.Count == 0 ? Array.Empty<(long Id, LabelSet Labels)>().ToLookup(_ => 0L, a => a)
            : (await Of(told).Select(a => new { a.Id, Number = a.IncidentId!.Value, a.Labels }).ToListAsync(cancel)).ToLookup(a => a.Number, a => (a.Id, Labels: policies.Labels.Apply(a.Labels)));
        return incidents.ConvertAll(i => new OpenIncident(
            i.Number, i.GroupKey, i.Service, i.Service is null ? [.. byNumber[i.Number].Select(a => IncidentPlanner.FailedHostOf(a.Labels)).OfType<string>().Distinct(StringComparer.Ordinal)] : [],
            i.State, i.Severity, i.SeverityByHuman, i.AutoResolve, [.. ids[i.Number]], i.Impact,
            byNumber[i.Number].Where(a => IsImpact(i, a.Labels)).ToDictionary(a => a.Id, a => AlertWords.ServiceOf(a.Labels)!), i.OpenedAt, i.Flapping));

        bool IsImpact(Incident incident, LabelSet labels) =>
            incident.Impact.Count > 0 && AlertWords.ServiceOf(labels) is { } service && service != incident.Service && incident.Impact.Contains(service)
            && Grouping.KeyOf(policies.Routes.Match(labels)[0], labels) != incident.GroupKey;
    }

    /// <summary>When incidents with the keys of these new alerts began and ended lately; the new ones count too.</summary>
    public static async Task<ILookup<string, DateTimeOffset>> ChangesAsync(OpsDbContext db, IEnumerable<LabelSet> fresh, RouteTree routes, DateTimeOffset now, CancellationToken cancel)
    {
        var keys = fresh.Select(labels => Grouping.KeyOf(routes.Match(labels)[0], labels)).Distinct(StringComparer.Ordinal).ToArray();
        var since = now - Flapping.Window;
        var lately = await db.Incidents.AsNoTracking().Where(i => keys.Contains(i.GroupKey) && i.OpenedAt > since - Flapping.Window)
            .Select(i => new { i.GroupKey, i.OpenedAt, i.ResolvedAt }).ToListAsync(cancel);
        return lately.SelectMany(i => new[] { (i.GroupKey, At: (DateTimeOffset?)i.OpenedAt), (i.GroupKey, At: i.ResolvedAt) }).Where(c => c.At is not null).Select(c => (Key: c.GroupKey, At: c.At!.Value))
            .Concat(keys.Select(key => (Key: key, At: now)))
            .ToLookup(c => c.Key, c => c.At, StringComparer.Ordinal);
    }

    private static async Task<int> ExpireAcknowledgementsAsync(OpsDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var due = await db.Incidents.FromSql($"select * from incidents where state = 'Acknowledged' and acknowledgement_expires_at <= {now} order by number limit {Batch} for update").ToListAsync(cancel);
        foreach (var incident in due)
        {
            if (!IncidentTransitions.Allows(incident.State, IncidentAction.ExpireAcknowledgement)) continue;
            db.Timeline.Add(PlanWriter.Entry(TimelineKind.AcknowledgementExpired, Phrase.Of("timeline.acknowledgement_expired", incident.AcknowledgedBy), null, pending: true, now, incident.Number));
            incident.Reopen();
            incident.Revision++;
            incident.UpdatedAt = now;
        }
        await db.SaveChangesAsync(cancel);
        await TellAsync(db, due.Select(i => i.Number), cancel);
        return due.Count;
    }

    /// <param name="Alerts">Some are to be looked at.</param>
    /// <param name="Rest">Something ran out, or may have calmed down.</param>
    private sealed record Due(bool Alerts, bool Rest);

    /// <summary>
    /// What a batch needs to know of the alerts that open incidents have already. A storm brings tens of thousands that all join: nothing of those before them.
    /// What opens something needs the machines that failed, and what it may take over; what ends needs to know what is left.
    /// </summary>
    /// <param name="Everything">An alert ended before it was looked at: it may be in any.</param>
    /// <param name="Opens">One joins none of its own.</param>
    /// <param name="Ended">Incidents of which one ended.</param>
    private sealed record Need(bool Everything, bool Opens, HashSet<long> Ended)
    {
        public static Need All { get; } = new(true, true, []);

        public bool OfIds(Incident incident) => Everything || Ended.Contains(incident.Number) || (Opens && incident.State == IncidentState.Open);

        public bool OfLabels(Incident incident) => (Everything || Opens || Ended.Contains(incident.Number)) && (incident.Service is null || incident.Impact.Count > 0);
    }

    /// <summary>Tells the pages; a flood is told once.</summary>
    internal static async Task TellAsync(OpsDbContext db, IEnumerable<long> numbers, CancellationToken cancel)
    {
        var distinct = numbers.Distinct().ToList();
        foreach (var number in distinct.Count > 20 ? [0] : distinct) await ChangeSignal.PublishAsync(db, IncidentActions.Topic, number, cancel);
    }
}

/// <summary>What incidents say in the log. Event numbers 1300–1399.</summary>
internal static partial class IncidentsLog
{
    [LoggerMessage(1300, LogLevel.Error, "A round over the alerts failed; trying again in a second")]
    public static partial void RoundFailed(ILogger log, Exception exception);
}
