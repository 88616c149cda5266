using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.Storage;
using Quartz;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Every month puts the recovery plan into the outbox: once, whichever node does it, since the month is in the delivery's key.</summary>
[DisallowConcurrentExecution]
public sealed class RecoveryLetterJob(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, TimeProvider time) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var local = TimeZoneInfo.ConvertTime(now, time.LocalTimeZone);
        if (local.Day == 1 && local.Hour < DigestJob.Hour) return;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (!await db.Policies.AnyAsync(p => p.Kind == PolicyKind.RecoveryPlan, cancel)) return;
        var added = 0;
        foreach (var channel in await db.Channels.Where(c => c.Enabled && c.Type == "email").OrderBy(c => c.Id).ToListAsync(cancel))
        {
            if (kinds.SettingsOf(channel) is not EmailSettings { RecoveryPlan: true }) continue;
            foreach (var recipient in kinds.RecipientsOf(channel))
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"{DeliveryReason.RecoveryPlan}:{local:yyyy-MM}:channel:{channel.Id}:{recipient.Address}");
                if (await db.Deliveries.AnyAsync(d => d.IdempotencyKey == key, cancel)) continue;
                db.Deliveries.Add(new() { IdempotencyKey = key, ChannelId = channel.Id, ChannelName = channel.Name, Recipient = recipient.Address, Reason = DeliveryReason.RecoveryPlan, CreatedAt = now, NextAttemptAt = now });
                added++;
            }
        }
        if (added == 0) return;
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
    }
}
