using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
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

    public async Task<Outcome<Channel>> CreateAsync(ChannelInput input, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var channel = await SaveAsync(db, input, null, actor, cancel);
        return channel.Refusal is { } refusal ? refusal : await CommitAsync(db, transaction, channel.Value, cancel);
    }

    /// <param name="version">The <see cref="Channel.Version"/> the actor saw; null: whatever it is.</param>
    public Task<Outcome<Channel>> UpdateAsync(string name, ChannelInput input, uint? version, Actor actor, CancellationToken cancel) =>
        ChangeAsync(name, version, actor, cancel, (db, channel) => SaveAsync(db, input, channel, actor, cancel));

    public Task<Outcome<Channel>> DeleteAsync(string name, Actor actor, CancellationToken cancel) =>
        ChangeAsync(name, null, actor, cancel, async (db, channel) =>
        {
            var fallbacks = await db.Channels.Where(c => c.Fallback == name).OrderBy(c => c.Name).Select(c => "channel:" + c.Name + (c.FromFile ? " (ops.yaml)" : "")).ToListAsync(cancel);
            if (await db.EscalationsNamingAsync($"channel:{name}", cancel) is var users && users.Count + fallbacks.Count > 0) return Refusal.Conflict(Phrase.Of("inventory.in_use", name, string.Join(", ", users.Concat(fallbacks))));
            await RemoveAsync(db, channel, actor, cancel);
            return channel;
        });

    /// <summary>Creates a channel, or makes <paramref name="existing"/> as written, within the caller's transaction and before its SaveChanges: the configuration file changes many or none.</summary>
    public async Task<Outcome<Channel>> SaveAsync(OpsDbContext db, ChannelInput input, Channel? existing, Actor actor, CancellationToken cancel)
    {
        var before = existing is null ? null : kinds.SettingsOf(existing);
        var settings = kinds.Read(input, existing?.Type == input.Type ? before : null);
        if (settings.Refusal is { } refusal) return refusal;
        if (input.Fallback == input.Name && input.Name.Length > 0) return Refusal.Invalid("fallback", Phrase.Of("channel.own_fallback"));
        if (input.Name != existing?.Name && await db.Channels.AnyAsync(c => c.Name == input.Name, cancel)) return Taken(input.Name);
        var now = time.GetUtcNow();
        db.Audit.Add(AuditEntry.Of(actor, existing is null ? "channel.create" : "channel.update", existing?.Name ?? input.Name, existing is null ? null : Shown(existing, before), Shown(input, settings.Value), now));
        var channel = existing ?? db.Channels.Add(new()).Entity;
        (channel.Name, channel.Type, channel.Enabled, channel.Settings) = (input.Name, input.Type, input.Enabled, kinds.Stored(settings.Value));
        (channel.DependsOn, channel.Fallback, channel.Scream) = ([.. input.DependsOn], string.IsNullOrEmpty(input.Fallback) ? null : input.Fallback, input.Scream);
        channel.FromFile = actor.Kind == ActorKind.File;
        if (existing is null) return channel;
        if (channel.Enabled) await RetryNowAsync(db, channel.Id, now, cancel);
        else await GiveUpAsync(db, channel.Id, Phrase.Of("channel.switched_off"), cancel);
        return channel;
    }

    /// <summary>Deletes a channel within the caller's transaction and before its SaveChanges; what waits in it is given up.</summary>
    public async Task RemoveAsync(OpsDbContext db, Channel channel, Actor actor, CancellationToken cancel)
    {
        db.Audit.Add(AuditEntry.Of(actor, "channel.delete", channel.Name, Shown(channel, kinds.SettingsOf(channel)), null, time.GetUtcNow()));
        await GiveUpAsync(db, channel.Id, Phrase.Of("channel.gone"), cancel);
        db.Channels.Remove(channel);
    }

    /// <summary>Sends a test message to every recipient of the channel, also of one that is switched off. It is tried once.</summary>
    public async Task<Outcome<IReadOnlyList<Delivery>>> SendTestAsync(string name, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Channels.SingleOrDefaultAsync(c => c.Name == name, cancel) is not { } channel) return Refusal.NotFound("channel", name);
        if (kinds.SettingsOf(channel) is null) return Refusal.Conflict(Phrase.Of("channel.unusable"));
        var recipients = kinds.RecipientsOf(channel);
        if (recipients.Count == 0) return Refusal.Conflict(Phrase.Of("channel.no_recipient"));
        var now = time.GetUtcNow();
        var test = Guid.NewGuid();
        var deliveries = recipients.Select(r => new Delivery
        {
            IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"test:{test:N}:channel:{channel.Id}:{r.Address}"),
            ChannelId = channel.Id,
            ChannelName = channel.Name,
            Recipient = r.Address,
            Reason = DeliveryReason.Test,
            CreatedAt = now,
            NextAttemptAt = now,
        }).ToList();
        db.Deliveries.AddRange(deliveries);
        db.Audit.Add(AuditEntry.Of(actor, "channel.test", name, null, new { recipients = recipients.Select(r => r.Address) }, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        return deliveries;
    }

    private async Task<Outcome<Channel>> ChangeAsync(string name, uint? version, Actor actor, CancellationToken cancel, Func<OpsDbContext, Channel, Task<Outcome<Channel>>> change)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Channels.SingleOrDefaultAsync(c => c.Name == name, cancel) is not { } channel) return Refusal.NotFound("channel", name);
        if (channel.FromFile && actor.Kind != ActorKind.File) return Refusal.Conflict(Phrase.Of("refused.from_file", name));
        if (version is not null && version != channel.Version) return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
        var changed = await change(db, channel);
        return changed.Refusal is { } refusal ? refusal : await CommitAsync(db, transaction, channel, cancel);
    }

    private static async Task<Outcome<Channel>> CommitAsync(OpsDbContext db, Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction, Channel channel, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Taken(channel.Name); // the name was free a moment ago
        }
        await ChangeSignal.PublishAsync(db, Topic, channel.Id, cancel);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        return channel;
    }

    /// <summary>Whoever corrects a password wants to see the waiting messages go now.</summary>
    private static Task<int> RetryNowAsync(OpsDbContext db, long channel, DateTimeOffset now, CancellationToken cancel) =>
        db.Deliveries.Where(d => d.ChannelId == channel && d.State == DeliveryState.Pending && d.NextAttemptAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.NextAttemptAt, now), cancel);

    private static Task<int> GiveUpAsync(OpsDbContext db, long channel, Phrase why, CancellationToken cancel) =>
        db.Deliveries.Where(d => d.ChannelId == channel && (d.State == DeliveryState.Pending || d.State == DeliveryState.Sending))
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.State, DeliveryState.Failed).SetProperty(d => d.LastOutcome, why).SetProperty(d => d.LeaseUntil, (DateTimeOffset?)null), cancel);

    private static Refusal Taken(string name) => Refusal.Invalid("name", Phrase.Of("input.taken", name));

    private static object Shown(ChannelInput input, object settings) => new { input.Name, input.Type, input.Enabled, input.DependsOn, input.Fallback, input.Scream, settings };

    private static object Shown(Channel channel, object? settings) => new { channel.Name, channel.Type, channel.Enabled, channel.DependsOn, channel.Fallback, channel.Scream, settings };
}
