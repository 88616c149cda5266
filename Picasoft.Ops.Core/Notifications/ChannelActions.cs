using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>What people do to channels. Each writes the change and the audit log in one transaction and tells the open pages.</summary>
public sealed class ChannelActions(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>.</summary>
    public const string Topic = "channels";

    public Task<Outcome<Channel>> CreateAsync(ChannelInput input, Actor actor, CancellationToken cancel) =>
        contexts.InTransactionAsync<Channel>(db => SaveAsync(db, input, null, actor, cancel), cancel);

    /// <param name="version">The <see cref="Channel.Version"/> the actor saw; null: whatever it is.</param>
    public Task<Outcome<Channel>> UpdateAsync(string name, ChannelInput input, uint? version, Actor actor, CancellationToken cancel) =>
        contexts.ChangeAsync<Channel>("channel", name, actor, version, async (db, channel) =>
            input.Name != name && await UsedAsync(db, name, cancel) is { } used ? used : await SaveAsync(db, input, channel, actor, cancel), cancel);

    public Task<Outcome<Channel>> DeleteAsync(string name, Actor actor, CancellationToken cancel) =>
        contexts.ChangeAsync<Channel>("channel", name, actor, null, async (db, channel) =>
        {
            if (await UsedAsync(db, name, cancel) is { } used) return used;
            await RemoveAsync(db, channel, actor, cancel);
            return channel;
        }, cancel);

    /// <summary>Creates a channel, or makes <paramref name="existing"/> as written, within the caller's transaction: the configuration file changes many or none.</summary>
    public async Task<Outcome<Channel>> SaveAsync(OpsDbContext db, ChannelInput input, Channel? existing, Actor actor, CancellationToken cancel)
    {
        var before = existing is null ? null : kinds.SettingsOf(existing);
        var settings = kinds.Read(input, existing?.Type == input.Type ? before : null);
        if (settings.Refusal is { } refusal) return refusal;
        if (input.Fallback == input.Name && input.Name.Length > 0) return Refusal.Invalid("fallback", Phrase.Of("channel.own_fallback"));
        if (input.Name != existing?.Name && await db.Channels.AnyAsync(c => c.Name == input.Name, cancel)) return Refusal.Invalid("name", Phrase.Of("input.taken", input.Name));
        var now = time.GetUtcNow();
        db.Audit.Add(AuditEntry.Of(actor, existing is null ? "channel.create" : "channel.update", existing?.Name ?? input.Name, existing is null ? null : Shown(existing, before), Shown(input, settings.Value), now));
        var channel = existing ?? db.Channels.Add(new() { CreatedAt = now }).Entity;
        (channel.Name, channel.Type, channel.Enabled, channel.Settings) = (input.Name, input.Type, input.Enabled, kinds.Stored(settings.Value));
        (channel.DependsOn, channel.Fallback, channel.Scream, channel.FoldStorms, channel.UnprovenAfter) = ([.. input.DependsOn], string.IsNullOrEmpty(input.Fallback) ? null : input.Fallback, input.Scream, input.FoldStorms, input.UnprovenAfter);
        channel.FromFile = actor.Kind == ActorKind.File;
        if (existing is not null)
        {
            if (channel.Enabled) await RetryNowAsync(db, channel.Id, now, cancel);
            else await GiveUpAsync(db, channel.Id, Phrase.Of("channel.switched_off"), cancel);
        }
        await TellAsync(db, channel, cancel);
        return channel;
    }

    /// <summary>Deletes a channel within the caller's transaction; what waits in it is given up.</summary>
    public async Task RemoveAsync(OpsDbContext db, Channel channel, Actor actor, CancellationToken cancel)
    {
        db.Audit.Add(AuditEntry.Of(actor, "channel.delete", channel.Name, Shown(channel, kinds.SettingsOf(channel)), null, time.GetUtcNow()));
        await GiveUpAsync(db, channel.Id, Phrase.Of("channel.gone"), cancel);
        db.Channels.Remove(channel);
        await TellAsync(db, channel, cancel);
    }

    /// <summary>Sends a test message to every recipient of the channel, and to its own mailbox, also of one that is switched off. It is tried once.</summary>
    /// <param name="onlyToMailbox">Nobody is bothered: it goes to the channel's own mailbox alone.</param>
    public async Task<Outcome<IReadOnlyList<Delivery>>> SendTestAsync(string name, Actor actor, CancellationToken cancel, bool onlyToMailbox = false)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Channels.SingleOrDefaultAsync(c => c.Name == name, cancel) is not { } channel) return Refusal.NotFound("channel", name);
        if (kinds.SettingsOf(channel) is null) return Refusal.Conflict(Phrase.Of("channel.unusable"));
        List<string> recipients = onlyToMailbox ? [] : [.. kinds.RecipientsOf(channel).Select(r => r.Address)];
        if (kinds.MailboxOf(channel) is { } mailbox && !recipients.Contains(mailbox, StringComparer.OrdinalIgnoreCase)) recipients.Add(mailbox);
        if (recipients.Count == 0) return Refusal.Conflict(Phrase.Of("channel.no_recipient"));
        var now = time.GetUtcNow();
        var test = Guid.NewGuid();
        var deliveries = recipients.Select(r => new Delivery
        {
            IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"test:{test:N}:channel:{channel.Id}:{r}"),
            ChannelId = channel.Id,
            ChannelName = channel.Name,
            Recipient = r,
            Reason = DeliveryReason.Test,
            CreatedAt = now,
            NextAttemptAt = now,
        }).ToList();
        db.Deliveries.AddRange(deliveries);
        db.Audit.Add(AuditEntry.Of(actor, "channel.test", name, null, new { recipients }, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        return deliveries;
    }

    /// <summary>Why it can neither go nor be called otherwise: what names it would name nothing, and the next load of the file would fail.</summary>
    private static async Task<Refusal?> UsedAsync(OpsDbContext db, string name, CancellationToken cancel)
    {
        List<string> by = [.. await db.EscalationsNamingAsync($"channel:{name}", cancel)];
        by.AddRange(await db.Channels.Where(c => c.Fallback == name).OrderBy(c => c.Name).Select(c => "channel:" + c.Name + (c.FromFile ? " (ops.yaml)" : "")).ToListAsync(cancel));
        by.AddRange((await db.People.Where(p => p.FromFile).OrderBy(p => p.Name).ToListAsync(cancel)).Where(p => p.Contacts.Through.Contains(name, StringComparer.Ordinal)).Select(p => $"person:{p.Name} (ops.yaml)"));
        return by.Count == 0 ? null : Refusal.Conflict(Phrase.Of("inventory.in_use", name, string.Join(", ", by)));
    }

    private static async Task TellAsync(OpsDbContext db, Channel channel, CancellationToken cancel)
    {
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, channel.Id, cancel);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
    }

    /// <summary>Whoever corrects a password wants to see the waiting messages go now.</summary>
    private static Task<int> RetryNowAsync(OpsDbContext db, long channel, DateTimeOffset now, CancellationToken cancel) =>
        db.Deliveries.Where(d => d.ChannelId == channel && d.State == DeliveryState.Pending && d.NextAttemptAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.NextAttemptAt, now), cancel);

    private static Task<int> GiveUpAsync(OpsDbContext db, long channel, Phrase why, CancellationToken cancel) =>
        db.Deliveries.Where(d => d.ChannelId == channel && (d.State == DeliveryState.Pending || d.State == DeliveryState.Sending))
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.State, DeliveryState.Failed).SetProperty(d => d.LastOutcome, why).SetProperty(d => d.LeaseUntil, (DateTimeOffset?)null), cancel);

    private static object Shown(ChannelInput input, object settings) => new { input.Name, input.Type, input.Enabled, input.DependsOn, input.Fallback, input.Scream, input.FoldStorms, input.UnprovenAfter, settings };

    private static object Shown(Channel channel, object? settings) => new { channel.Name, channel.Type, channel.Enabled, channel.DependsOn, channel.Fallback, channel.Scream, channel.FoldStorms, channel.UnprovenAfter, settings };
}
