using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;
using Quartz;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Every morning puts the digests that are due into the outbox, each in the morning and the language of the person whose address it is: once, whichever node does it, since the day is in the delivery's key.</summary>
[DisallowConcurrentExecution]
public sealed class DigestJob(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, TimeProvider time) : IJob
{
    /// <summary>Hour from which on it is sent, where its reader lives.</summary>
    public const int Hour = 7;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (!await db.LearntPatterns.AnyAsync(cancel)) return; // no logs come in: nothing to tell every morning
        var people = await db.People.AsNoTracking().Where(p => p.IsActive).Select(p => new { p.Name, p.NormalizedEmail, p.Contacts }).ToListAsync(cancel);
        var added = 0;
        foreach (var channel in await db.Channels.Where(c => c.Enabled && c.Type == "email").OrderBy(c => c.Id).ToListAsync(cancel))
        {
            if (kinds.SettingsOf(channel) is not EmailSettings settings) continue;
            foreach (var recipient in kinds.RecipientsOf(channel))
            {
                var person = people.FirstOrDefault(p => string.Equals(p.NormalizedEmail, recipient.Address, StringComparison.OrdinalIgnoreCase));
                var local = TimeZoneInfo.ConvertTime(now, QuietInput.ZoneOf(person?.Contacts.Quiet, time.LocalTimeZone));
                if (local.Hour < Hour) continue;
                foreach (var reason in Due(settings.Digest, local.DayOfWeek))
                {
                    var key = string.Create(CultureInfo.InvariantCulture, $"{reason}:{local:yyyy-MM-dd}:channel:{channel.Id}:{recipient.Address}");
                    if (await db.Deliveries.AnyAsync(d => d.IdempotencyKey == key, cancel)) continue;
                    db.Deliveries.Add(new() { IdempotencyKey = key, ChannelId = channel.Id, ChannelName = channel.Name, Recipient = recipient.Address, Person = person?.Name, Reason = reason, CreatedAt = now, NextAttemptAt = now });
                    added++;
                }
            }
        }
        if (added == 0) return;
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
    }

    private static IEnumerable<string> Due(DigestTimes wanted, DayOfWeek today)
    {
        if (wanted is DigestTimes.Daily or DigestTimes.Both) yield return DeliveryReason.DigestDay;
        if (wanted is DigestTimes.Weekly or DigestTimes.Both && today == DayOfWeek.Monday) yield return DeliveryReason.DigestWeek;
    }
}
