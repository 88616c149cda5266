using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>What waited for the end of somebody's quiet hours: one message for all of it, and one outcome.</summary>
public sealed partial class DeliveryJob
{
    private const int MostAtOnce = 1000;

    private async Task<Message> WriteLaterAsync(OpsDbContext db, Delivery delivery, Channel channel, string language, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var waited = await Waiting(db, delivery, now).OrderBy(d => d.Id).Take(MostAtOnce).Select(d => d.IncidentNumber!.Value).Distinct().ToListAsync(cancel);
        var numbers = waited.Append(delivery.IncidentNumber!.Value).Distinct().ToList();
        var incidents = await db.Incidents.AsNoTracking().Where(i => numbers.Contains(i.Number)).OrderByDescending(i => i.State != IncidentState.Resolved).ThenByDescending(i => i.Severity).ThenBy(i => i.Number).ToListAsync(cancel);
        var (subject, text, html) = LaterWriter.Write(incidents, channel.Name, PublicUrl(), language, time.LocalTimeZone);
        var id = Identity(delivery.IdempotencyKey, delivery.CreatedAt);
        return new(subject, text, html, id, id, StartsThread: true)
        {
            Title = subject[(MessageWriter.Mark.Length + 1)..],
            Brief = subject,
            Body = text,
            Short = text.Length > 1000 ? text[..1000] + "…" : text,
            Url = PublicUrl(),
            PublicUrl = PublicUrl(),
            Channel = channel.Name,
            Reason = DeliveryReason.Later,
        };
    }

    /// <summary>What stood in the same message has the same outcome. What began to wait meanwhile was not in it, and is left to wait.</summary>
    private async Task LikewiseAsync(Delivery delivery)
    {
        await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
        var now = time.GetUtcNow();
        if (await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == delivery.Id) is not { State: DeliveryState.Sent } sent) return;
        await Waiting(db, delivery, sent.NextAttemptAt > now ? now : sent.NextAttemptAt).ExecuteUpdateAsync(set => set
            .SetProperty(d => d.State, DeliveryState.Sent).SetProperty(d => d.Attempts, d => d.Attempts + 1).SetProperty(d => d.SentAt, sent.SentAt).SetProperty(d => d.LastOutcome, sent.LastOutcome));
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, delivery.Id, CancellationToken.None);
    }

    // None of them is claimed while this one is under way: the runner sees to that.
    private static IQueryable<Delivery> Waiting(OpsDbContext db, Delivery delivery, DateTimeOffset due) =>
        db.Deliveries.Where(d => d.Reason == DeliveryReason.Later && d.ChannelId == delivery.ChannelId && d.Recipient == delivery.Recipient && d.Id > delivery.Id && d.State == DeliveryState.Pending && d.NextAttemptAt <= due);
}
