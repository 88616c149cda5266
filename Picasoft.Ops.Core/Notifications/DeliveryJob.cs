using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Notifications.Templates;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>One attempt at one claimed delivery: writes the message, hands it to the channel, records what came of it.</summary>
public sealed partial class DeliveryJob(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, FallbackActions fallback, LinkSigner signer, OpsSettings settings, TimeProvider time, IEnumerable<ILetter> letters)
{
    /// <param name="limit">Ends the attempt: it counts as failed.</param>
    /// <param name="aborted">This node goes down: the delivery is given back as if nothing had been tried.</param>
    internal async Task SendAsync(Delivery delivery, CancellationToken limit, CancellationToken aborted)
    {
        var began = time.GetTimestamp();
        SendOutcome outcome;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit, aborted);
            outcome = await AttemptAsync(delivery, either.Token);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            await GiveBackAsync(delivery);
            return;
        }
        catch (OperationCanceledException)
        {
            outcome = new(false, Phrase.Of("channel.no_answer", time.GetElapsedTime(began)));
        }
        await RecordAsync(delivery, outcome, time.GetElapsedTime(began));
        if (DeliveryReason.IsFolded(delivery.Reason)) await LikewiseAsync(delivery);
    }

    private async Task<SendOutcome> AttemptAsync(Delivery delivery, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await AttemptAsync(db, delivery, (kind, settings, message) => kind.SendAsync(settings, delivery.Recipient, message, cancel), cancel);
    }

    private async Task<SendOutcome> AttemptAsync(OpsDbContext db, Delivery delivery, Func<IChannel, object, Message, Task<SendOutcome>> send, CancellationToken cancel)
    {
        var channel = await db.Channels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == delivery.ChannelId, cancel);
        if (channel is null) return new(false, Phrase.Of("channel.gone"), Permanent: true);
        if (!channel.Enabled && delivery.Reason != DeliveryReason.Test) return new(false, Phrase.Of("channel.switched_off"), Permanent: true);
        if (kinds.SettingsOf(channel) is not { } channelSettings) return new(false, Phrase.Of("channel.unusable"));
        var kind = kinds.Find(channel.Type)!;
        var language = await LanguageOfAsync(db, delivery, cancel) ?? kind.Recipients(channelSettings).FirstOrDefault(r => r.Address == delivery.Recipient)?.Language ?? "fr";
        if ((delivery.Attempts > 1 || delivery.StandsInFor is not null) && await FallbackActions.StoodInAsync(db, delivery, cancel) is { } other) return new(false, Phrase.Of("delivery.stood_in", other), Permanent: true) { Replaced = true };
        if (delivery.Attempts == 1 && await AvoidAsync(db, delivery, channel, cancel) is { } broken && delivery.Person is not null) return new(false, broken);
        var message = DeliveryReason.IsFolded(delivery.Reason) ? await WriteFoldedAsync(db, delivery, channel, language, cancel) : await WriteAsync(db, delivery, channel, language, cancel);
        try
        {
            var outcome = await send(kind, channelSettings, message);
            if (message.Fault is { } fault) outcome = outcome with { Words = Phrase.Of("template.fell_back", outcome.Words, fault) };
            return DeliveryReason.IsFolded(delivery.Reason) ? outcome with { Reference = null } : outcome; // no incident's conversation begins with it
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new(false, Phrase.Of("channel.crashed", e.GetType().Name + ": " + e.Message));
        }
    }

    /// <summary>A channel that stands on what is down may fail, or worse, seem to work: the next one is used as well, at once.</summary>
    /// <returns>Why another way is used; null: its ground is sound, or there is no other way.</returns>
    private async Task<Phrase?> AvoidAsync(OpsDbContext db, Delivery delivery, Channel channel, CancellationToken cancel)
    {
        if (delivery.IncidentNumber is null || await FallbackActions.BrokenUnderAsync(db, channel, cancel) is not { Count: > 0 } broken) return null;
        var why = Phrase.Of("delivery.stands_on", string.Join(", ", broken));
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var isUsed = await fallback.UseAsync(db, delivery, channel, why, cancel);
        if (delivery.Reason == DeliveryReason.Storm)
            foreach (var other in await Waiting(db, delivery, time.GetUtcNow()).AsNoTracking().Take(MostAtOnce).ToListAsync(cancel)) await fallback.UseAsync(db, other, channel, why, cancel);
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, IncidentActions.Topic, delivery.IncidentNumber.Value, cancel);
        await transaction.CommitAsync(cancel);
        return isUsed ? why : null;
    }

    /// <summary>Makes a message that was sent say how things stand now.</summary>
    internal async Task UpdateAsync(Delivery delivery, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var channel = await db.Channels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == delivery.ChannelId && c.Enabled, cancel);
        if (channel is null || delivery.Reference is null || kinds.SettingsOf(channel) is not { } channelSettings || kinds.Find(channel.Type) is not { } kind || !kind.CanUpdate(channelSettings)) return;
        var language = await LanguageOfAsync(db, delivery, cancel) ?? kind.Recipients(channelSettings).FirstOrDefault(r => r.Address == delivery.Recipient)?.Language ?? "fr";
        var message = await WriteAsync(db, delivery, channel, language, cancel);
        var outcome = await kind.UpdateAsync(channelSettings, delivery.Recipient, delivery.Reference, message, cancel);
        db.DeliveryAttempts.Add(new() { DeliveryId = delivery.Id, At = time.GetUtcNow(), Ok = outcome.Sent, Outcome = outcome.Words });
        await db.SaveChangesAsync(cancel);
    }

    /// <summary>What the person chose; null: nobody known, or no choice.</summary>
    private static async Task<string?> LanguageOfAsync(OpsDbContext db, Delivery delivery, CancellationToken cancel) =>
        delivery.Person is null ? null : await db.People.AsNoTracking().Where(p => p.Name == delivery.Person).Select(p => p.Language).FirstOrDefaultAsync(cancel);

    private async Task<Message> WriteAsync(OpsDbContext db, Delivery delivery, Channel channel, string language, CancellationToken cancel)
    {
        var url = PublicUrl();
        var id = MessageIdentity.Of(delivery.IdempotencyKey, delivery.CreatedAt);
        if (delivery.IncidentNumber is not { } number)
        {
            var signed = delivery.Reason == DeliveryReason.Test ? new ReceiptLink(delivery.Id).Sign(signer) : null;
            var receipt = signed is null ? null : $"{url}/received/{signed}";
            var swap = delivery.SwapId is { } asked ? await db.OnCallSwaps.AsNoTracking().SingleOrDefaultAsync(s => s.Id == asked, cancel) : null;
            var schedule = swap is null ? null : await db.Policies.AsNoTracking().SingleOrDefaultAsync(p => p.Kind == PolicyKind.Schedule && p.Name == swap.Schedule, cancel);
            var (title, body, page) = swap is not null ? SwapWriter.Write(swap, schedule is null ? new() { Name = swap.Schedule } : Json.Parse<ScheduleInput>(schedule.Definition), channel.Name, url, language) : letters.FirstOrDefault(l => l.Reasons.Contains(delivery.Reason, StringComparer.Ordinal)) is { } letter ? await letter.WriteAsync(delivery, channel.Name, url, language, cancel) : MessageWriter.WriteTest(channel.Name, url, language, receipt ?? url);
            title = title[(MessageWriter.Mark.Length + 1)..];
            return new($"{MessageWriter.Mark} {title}", body, page, id, id, StartsThread: true) { Title = title, Body = body, Sms = MessageWriter.Sms(title, receipt ?? url), Url = receipt ?? url, Receipt = signed, PublicUrl = url, Channel = channel.Name };
        }
        var incident = await db.Incidents.AsNoTracking().SingleAsync(i => i.Number == number, cancel);
        var entry = await db.Timeline.AsNoTracking().SingleOrDefaultAsync(t => t.Id == delivery.TimelineEntryId, cancel);
        var service = incident.Service is null ? null : await db.Services.AsNoTracking().SingleOrDefaultAsync(s => s.Name == incident.Service, cancel);
        var alerts = await db.Alerts.AsNoTracking().Where(a => a.IncidentId == number && a.ResolvedAt == null).OrderBy(a => a.StartsAt).Take(50).ToListAsync(cancel);
        var earlier = await db.Deliveries.AsNoTracking().Where(d => d.IncidentNumber == number && d.ChannelId == delivery.ChannelId && d.Recipient == delivery.Recipient && d.Id < delivery.Id)
            .OrderBy(d => d.Id).Select(d => new { d.Reference }).ToListAsync(cancel);
        var now = time.GetUtcNow();
        var facts = new MessageFacts(incident, delivery.Reason, channel.Name, url, now, time.LocalTimeZone)
        {
            ServiceTitle = service?.Shown,
            Runbook = service?.Runbook,
            Seen = [.. alerts.Select(a => new SeenAlert(a.Summary, AlertWords.TitleOf(a.Labels, a.Annotations, null, CultureInfo.InvariantCulture)))],
            Comment = entry?.Text is { Length: > 0 } text ? (entry.By, text) : null,
            AcknowledgeUrl = incident.State == IncidentState.Open && delivery.Reason != DeliveryReason.Resolved ? $"{url}/a/{new AcknowledgeLink(number, delivery.Person ?? delivery.Recipient, now + AcknowledgeLink.Lifetime).Sign(signer)}" : null,
        };
        var (subject, plain, html) = MessageWriter.Write(facts, language);
        var thread = ReplyKey.ThreadOf(number, incident.OpenedAt, delivery.ChannelId, delivery.Recipient);
        var templates = (await db.Set<MessageTemplates>().AsNoTracking().SingleOrDefaultAsync(cancel))?.Input() ?? new();
        var message = MessageWriter.Enrich(new(subject, plain, html, id, thread, earlier.Count == 0, number) { Root = earlier.FirstOrDefault(e => e.Reference is not null)?.Reference, ActionsUntil = now + AcknowledgeLink.Lifetime, ReplyKey = new ReplyKey(number, ReplyKey.ConversationOf(thread)).Sign(signer) }, facts, language);
        return Templating.Word(message, templates);
    }

    private async Task RecordAsync(Delivery delivery, SendOutcome outcome, TimeSpan took)
    {
        // Not cancelled by anything: what was sent must not be forgotten.
        await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync();
        await RecordAsync(db, delivery, outcome, took);
        await transaction.CommitAsync();
    }

    private async Task RecordAsync(OpsDbContext db, Delivery delivery, SendOutcome outcome, TimeSpan took)
    {
        var row = await db.Deliveries.FromSql($"select * from deliveries where id = {delivery.Id} for update").SingleOrDefaultAsync();
        // Another node took it over when our lease had ended: its record counts.
        if (row is null || row.State != DeliveryState.Sending || row.Attempts != delivery.Attempts) return;
        var now = time.GetUtcNow();
        DateTimeOffset? next = outcome.Sent || outcome.Permanent || row.Reason == DeliveryReason.Test ? null : RetryPlan.Next(row.Attempts, row.Reason == DeliveryReason.Later ? row.CreatedAt + RetryPlan.GiveUpAfter : row.CreatedAt, now, outcome.NotBefore, Random.Shared.NextDouble());
        var words = next is null && !outcome.Sent && !outcome.Permanent && row.Reason != DeliveryReason.Test ? Phrase.Of("delivery.too_late", now - row.CreatedAt, outcome.Words) : outcome.Words;
        row.State = outcome.Sent ? DeliveryState.Sent : outcome.Replaced ? DeliveryState.Replaced : next is null ? DeliveryState.Failed : DeliveryState.Pending;
        (row.LeaseUntil, row.LastOutcome, row.NextAttemptAt) = (null, words, next ?? row.NextAttemptAt);
        if (outcome.Sent)
        {
            row.SentAt = now;
            row.Reference = outcome.Reference is { Length: <= 300 } reference ? reference : null;
            row.IsRoot = row.Reference is not null && !await db.Deliveries.AnyAsync(d => d.IncidentNumber == row.IncidentNumber && d.ChannelId == row.ChannelId && d.Recipient == row.Recipient && d.Id < row.Id && d.Reference == row.Reference);
            if (row.IncidentNumber is { } shown) row.ShownRevision = await db.Incidents.Where(i => i.Number == shown).Select(i => i.Revision).SingleAsync();
        }
        else if (row.Attempts == 1 || row.State == DeliveryState.Failed)
        {
            if (await db.Channels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == row.ChannelId) is { } failed)
            {
                await fallback.UseAsync(db, row, failed, outcome.Words, CancellationToken.None);
                if (row.Reason == DeliveryReason.Storm) await WaitOnAsync(db, row, failed, outcome.Words);
            }
        }
        db.DeliveryAttempts.Add(new() { DeliveryId = row.Id, At = now, Ms = (float)took.TotalMilliseconds, Ok = outcome.Sent, Outcome = outcome.Words });
        if (row.IncidentNumber is { } number && TimelineWords(row, words) is { } told)
        {
            db.Timeline.Add(new() { IncidentNumber = number, At = now, Kind = outcome.Sent ? TimelineKind.Told : TimelineKind.NotTold, By = Actor.System.Name, Phrase = told, Data = Json.Text(new { delivery = row.Id, channel = row.ChannelName, recipient = row.Recipient, reason = row.Reason }) });
            await ChangeSignal.PublishAsync(db, IncidentActions.Topic, number, CancellationToken.None);
        }
        await db.SaveChangesAsync();
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, row.Id, CancellationToken.None);
    }

    /// <summary>The timeline tells success, the first failure and the end of trying; not every attempt between.</summary>
    private static Phrase? TimelineWords(Delivery row, Phrase words) => row.State switch
    {
        DeliveryState.Sent when row.Attempts == 1 => Phrase.Of("delivery.told", row.Recipient, row.ChannelName, words),
        DeliveryState.Sent => Phrase.Of("delivery.told_late", row.Recipient, row.ChannelName, words, row.Attempts),
        DeliveryState.Failed => Phrase.Of("delivery.not_told", row.Recipient, row.ChannelName, words),
        _ when row.Attempts == 1 => Phrase.Of("delivery.not_told_yet", row.Recipient, row.ChannelName, words),
        _ => null,
    };

    private async Task GiveBackAsync(Delivery delivery)
    {
        await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
        var now = time.GetUtcNow();
        await db.Deliveries.Where(d => d.Id == delivery.Id && d.State == DeliveryState.Sending && d.Attempts == delivery.Attempts)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.State, DeliveryState.Pending).SetProperty(d => d.NextAttemptAt, now).SetProperty(d => d.LeaseUntil, (DateTimeOffset?)null));
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, delivery.Id, CancellationToken.None);
    }

    private string PublicUrl() => (settings.PublicUrl ?? settings.Urls.Split(';')[0]).TrimEnd('/');
}
