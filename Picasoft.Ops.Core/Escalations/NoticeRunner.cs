using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>
/// Takes the timeline entries that people may have to be told of, decides, and writes the deliveries: all in one transaction, so that an entry is decided exactly once,
/// whatever dies. Claims whole incidents, so that the beginning and the end of one are never decided on two nodes at the same time.
/// </summary>
public sealed class NoticeRunner(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, ChangeSignal signal, TimeProvider time, ILogger<NoticeRunner> log) : BackgroundService
{
    private const int IncidentsAtOnce = 50;

    /// <summary>The safety net under the news that wake it.</summary>
    private static readonly TimeSpan _poll = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var wake = new Wake(signal, time, IncidentActions.Topic);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RunOnceAsync(stoppingToken) > 0) { }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { return; }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or InvalidOperationException or TimeoutException)
            {
                EscalationsLog.RoundFailed(log, e);
            }
            await wake.WaitAsync(_poll, stoppingToken);
        }
    }

    /// <summary>Decides what is pending; returns for how many incidents.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var incidents = await db.Incidents.FromSql($"""
            select * from incidents where number in (select incident_number from timeline_entries where pending order by id limit {IncidentsAtOnce * 4})
            order by number limit {IncidentsAtOnce} for update skip locked
            """).ToListAsync(cancel);
        if (incidents.Count == 0) return 0;

        var now = time.GetUtcNow();
        var numbers = incidents.ConvertAll(i => i.Number);
        var entries = await db.Timeline.Where(t => t.Pending && numbers.Contains(t.IncidentNumber)).OrderBy(t => t.Id).ToListAsync(cancel);
        var alerts = await db.Alerts.AsNoTracking().Where(a => a.IncidentId != null && numbers.Contains(a.IncidentId.Value) && a.ResolvedAt == null).ToListAsync(cancel);
        var silences = new Silencing(await db.Silences.AsNoTracking().Where(s => s.StartsAt <= now && s.EndsAt > now).ToListAsync(cancel), now);
        var channels = await db.Channels.AsNoTracking().Where(c => c.Enabled).OrderBy(c => c.Id).ToListAsync(cancel);
        var reachable = channels.SelectMany(c => kinds.RecipientsOf(c).Select(r => new NoticeTarget(c.Id, c.Name, r.Address))).ToList();
        var told = await ToldAsync(db, numbers, channels, cancel);

        foreach (var incident in incidents)
        {
            var active = alerts.Where(a => a.IncidentId == incident.Number).ToList();
            foreach (var entry in entries.Where(e => e.IncidentNumber == incident.Number))
            {
                var notice = NoticePlanner.Plan(new(entry.Kind, incident, active, silences, reachable, [.. told[incident.Number]]));
                entry.Pending = false;
                if (notice.Targets.Count > 0 && notice.Reason != "resolved")
                {
                    incident.ToldAt ??= now;
                    told[incident.Number].UnionWith(notice.Targets);
                }
                db.Deliveries.AddRange(notice.Targets.Select(t => Delivery(t, incident, entry, notice.Reason, now)));
                if (notice.Words is { } words) db.Timeline.Add(Decision(incident, words, notice, now));
            }
        }
        var sends = db.ChangeTracker.Entries<Delivery>().Any();
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, IncidentActions.Topic, numbers.Count == 1 ? numbers[0] : 0, cancel);
        if (sends) await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        return incidents.Count;
    }

    /// <summary>Who was, or will be, told of a beginning. A message that was given up was not heard.</summary>
    private static async Task<Dictionary<long, HashSet<NoticeTarget>>> ToldAsync(OpsDbContext db, List<long> numbers, List<Channel> channels, CancellationToken cancel)
    {
        var rows = await db.Deliveries.AsNoTracking()
            .Where(d => d.IncidentNumber != null && numbers.Contains(d.IncidentNumber.Value) && d.Reason != "resolved" && d.State != DeliveryState.Failed)
            .Select(d => new { Number = d.IncidentNumber!.Value, d.ChannelId, d.Recipient }).Distinct().ToListAsync(cancel);
        var names = channels.ToDictionary(c => c.Id, c => c.Name);
        return numbers.ToDictionary(n => n, n => rows.Where(r => r.Number == n && names.ContainsKey(r.ChannelId)).Select(r => new NoticeTarget(r.ChannelId, names[r.ChannelId], r.Recipient)).ToHashSet());
    }

    private static Delivery Delivery(NoticeTarget target, Incident incident, TimelineEntry entry, string reason, DateTimeOffset now) => new()
    {
        IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"entry:{entry.Id}:channel:{target.ChannelId}:{target.Recipient}"),
        ChannelId = target.ChannelId,
        ChannelName = target.ChannelName,
        Recipient = target.Recipient,
        IncidentNumber = incident.Number,
        TimelineEntryId = entry.Id,
        Reason = reason,
        CreatedAt = now,
        NextAttemptAt = now,
    };

    private static TimelineEntry Decision(Incident incident, Phrase words, Notice notice, DateTimeOffset now) => new()
    {
        IncidentNumber = incident.Number,
        At = now,
        Kind = TimelineKind.Decision,
        By = Actor.System.Name,
        Phrase = words,
        Data = Json.Text(new { decision = notice.Decision, reason = notice.Reason, silence = notice.Silence?.Id, until = notice.Silence?.EndsAt }),
    };
}
