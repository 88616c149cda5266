using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>What waited for the end of somebody's quiet hours, or came in a storm: one message for all of it, and one outcome.</summary>
public sealed partial class DeliveryJob
{
    private const int MostAtOnce = 1000;

    private async Task<Message> WriteFoldedAsync(OpsDbContext db, Delivery delivery, Channel channel, string language, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var waited = await Waiting(db, delivery, now).OrderBy(d => d.Id).Take(MostAtOnce).Select(d => d.IncidentNumber!.Value).Distinct().ToListAsync(cancel);
        var numbers = waited.Append(delivery.IncidentNumber!.Value).Distinct().ToList();
        var incidents = await db.Incidents.AsNoTracking().Where(i => numbers.Contains(i.Number)).OrderByDescending(i => i.State != IncidentState.Resolved).ThenByDescending(i => i.Severity).ThenBy(i => i.Number).ToListAsync(cancel);
        return LaterWriter.Message(incidents, delivery.Reason, MessageIdentity.Of(delivery.IdempotencyKey, delivery.CreatedAt), channel.Name, PublicUrl(), language, time.LocalTimeZone);
    }

    /// <summary>What stood in the same message has the same outcome. What began to wait meanwhile was not in it, and is left to wait.</summary>
    private async Task LikewiseAsync(Delivery delivery)
    {
        await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = time.GetUtcNow();
        if (await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == delivery.Id) is not { State: DeliveryState.Sent } sent) return;
        var others = await Waiting(db, delivery, sent.NextAttemptAt > now ? now : sent.NextAttemptAt).ToListAsync();
        foreach (var other in others)
        {
            (other.State, other.Attempts, other.SentAt, other.LastOutcome) = (DeliveryState.Sent, other.Attempts + 1, sent.SentAt, sent.LastOutcome);
            db.Timeline.Add(new() { IncidentNumber = other.IncidentNumber!.Value, At = now, Kind = TimelineKind.Told, By = Actor.System.Name, Phrase = Phrase.Of("delivery.told", other.Recipient, other.ChannelName, sent.LastOutcome), Data = Json.Text(new { delivery = other.Id, channel = other.ChannelName, recipient = other.Recipient, reason = other.Reason }) });
        }
        await db.SaveChangesAsync();
        if (others.Count > 0) await ChangeSignal.PublishAsync(db, IncidentActions.Topic, 0, CancellationToken.None);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, delivery.Id, CancellationToken.None);
        await transaction.CommitAsync();
    }

    /// <summary>The first try of a storm's message failed: all that stood in it goes the next way too, and tries again with it.</summary>
    private async Task WaitOnAsync(OpsDbContext db, Delivery first, Channel failed, Phrase why)
    {
        foreach (var other in await Waiting(db, first, time.GetUtcNow()).OrderBy(d => d.Id).Take(MostAtOnce).ToListAsync())
        {
            await fallback.UseAsync(db, other, failed, why, CancellationToken.None);
            (other.Attempts, other.NextAttemptAt, other.LastOutcome) = (Math.Max(1, other.Attempts), first.NextAttemptAt, why);
        }
    }

    // None of them is claimed while this one is under way: the runner sees to that.
    private static IQueryable<Delivery> Waiting(OpsDbContext db, Delivery delivery, DateTimeOffset due) =>
        db.Deliveries.Where(d => d.Reason == delivery.Reason && d.ChannelId == delivery.ChannelId && d.Recipient == delivery.Recipient && d.Id > delivery.Id && d.State == DeliveryState.Pending && d.NextAttemptAt <= due);
}
