using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>What people and the configuration file do to heartbeats: the change, its audit entry, and what it means for where they stand, in one transaction.</summary>
public sealed class HeartbeatActions(IDbContextFactory<OpsDbContext> contexts, ISecretBox box, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>; the id is the heartbeat's.</summary>
    public const string Topic = "heartbeats";

    public Task<Outcome<Heartbeat>> CreateAsync(HeartbeatInput input, Actor actor, CancellationToken cancel) =>
        contexts.InTransactionAsync<Heartbeat>(db => SaveAsync(db, input, null, actor, cancel), cancel);

    /// <summary>Replaces what is written about a heartbeat; may rename it. <paramref name="version"/>: the one the actor saw.</summary>
    public Task<Outcome<Heartbeat>> UpdateAsync(string name, HeartbeatInput input, Actor actor, uint? version, CancellationToken cancel) =>
        contexts.ChangeAsync<Heartbeat>("heartbeat", name, actor, version, (db, heartbeat) => SaveAsync(db, input, heartbeat, actor, cancel), cancel);

    public Task<Outcome<Heartbeat>> EnableAsync(string name, bool enabled, Actor actor, CancellationToken cancel) =>
        contexts.ChangeAsync<Heartbeat>("heartbeat", name, actor, null, (db, heartbeat) => EnableAsync(db, heartbeat, enabled, actor, cancel), cancel);

    public Task<Outcome<Heartbeat>> DeleteAsync(string name, Actor actor, CancellationToken cancel) =>
        contexts.ChangeAsync<Heartbeat>("heartbeat", name, actor, null, async (db, heartbeat) => { await RemoveAsync(db, heartbeat, actor, cancel); return heartbeat; }, cancel);

    /// <summary>A new URL; who pings the old one is told that there is no such thing.</summary>
    public Task<Outcome<Heartbeat>> RegenerateAsync(string name, Actor actor, CancellationToken cancel) =>
        contexts.ChangeAsync<Heartbeat>("heartbeat", name, actor, null, async (db, heartbeat) =>
        {
            var before = Url(heartbeat);
            SetToken(heartbeat, null);
            db.Audit.Add(AuditEntry.Of(actor, "heartbeat.regenerate", heartbeat.Name, before, Url(heartbeat), time.GetUtcNow()));
            await db.SaveChangesAsync(cancel);
            await ChangeSignal.PublishAsync(db, Topic, heartbeat.Id, cancel);
            return heartbeat;
        }, cancel);

    /// <summary>The last backup is right although it is smaller than those before: from now on its like are usual.</summary>
    public Task<Outcome<Heartbeat>> AcceptSizeAsync(string name, Actor actor, CancellationToken cancel) =>
        contexts.InTransactionAsync<Heartbeat>(async db =>
        {
            if (await db.Heartbeats.SingleOrDefaultAsync(h => h.Name == name, cancel) is not { } heartbeat || await HeartbeatStateIntake.LockAsync(db, heartbeat.Id, cancel) is not { } state) return Refusal.NotFound("heartbeat", name);
            if (state.LastFailure?.Key != "heartbeat.backup_small") return Refusal.Conflict(Phrase.Of("heartbeat.nothing_to_accept"));
            var (now, before) = (time.GetUtcNow(), Stands(state));
            (state.SizesFrom, state.LastFailure, state.LastSuccessAt) = (state.LastAt, null, state.LastAt);
            if (await db.Pings.Where(p => p.HeartbeatId == heartbeat.Id && p.Facts != null).OrderByDescending(p => p.Id).FirstOrDefaultAsync(cancel) is { } last) last.Kind = PingKind.Success;
            await HeartbeatStateIntake.JudgeAsync(db, heartbeat, state, null, now, cancel);
            db.Audit.Add(AuditEntry.Of(actor, "heartbeat.accept_size", heartbeat.Name, before, Stands(state), now));
            await db.SaveChangesAsync(cancel);
            return heartbeat;
        }, cancel);

    /// <summary>Creates a heartbeat, or makes <paramref name="existing"/> as written, within the caller's transaction.</summary>
    public async Task<Outcome<Heartbeat>> SaveAsync(OpsDbContext db, HeartbeatInput input, Heartbeat? existing, Actor actor, CancellationToken cancel)
    {
        var errors = new List<FieldError>();
        var hash = input.Token is { IsEmpty: false } given ? Heartbeat.HashOf(given.Reveal()) : null;
        if (input.Name != existing?.Name && await db.Heartbeats.AnyAsync(h => h.Name == input.Name, cancel)) errors.Add(new("name", Phrase.Of("input.taken", input.Name)));
        if (hash is not null && hash != existing?.TokenHash && await db.Heartbeats.AnyAsync(h => h.TokenHash == hash, cancel)) errors.Add(new("token", Phrase.Of("heartbeat.input.token_taken")));
        if (input.Service is { } service && !await db.Set<Service>().AnyAsync(s => s.Name == service, cancel)) errors.Add(new("service", Phrase.Of("refused.not_found.service", service)));
        if (errors.Count > 0) return Refusal.Invalid(errors);

        var now = time.GetUtcNow();
        var before = existing is null ? null : Written(existing);
        var heartbeat = existing ?? db.Heartbeats.Add(new() { CreatedAt = now }).Entity;
        var wasEnabled = heartbeat.Enabled;
        // Its alert's labels would be others from now on: the old one ends, and the verdict begins the new one.
        var relabelled = existing is not null && (existing.Name != input.Name || existing.Service != input.Service || existing.Severity != input.Severity);
        if (relabelled) await HeartbeatStateIntake.EndAsync(db, existing!.Name, now, cancel);
        input.CopyTo(heartbeat);
        if (existing is null || (hash is not null && hash != existing.TokenHash)) SetToken(heartbeat, input.Token);
        else heartbeat.TokenGiven = hash is not null;
        heartbeat.FromFile = actor.Kind == ActorKind.File;
        await db.SaveChangesAsync(cancel);

        var state = existing is null ? null : await HeartbeatStateIntake.LockAsync(db, heartbeat.Id, cancel);
        state ??= db.HeartbeatStates.Add(new() { HeartbeatId = heartbeat.Id, BeganAt = now, Since = now }).Entity;
        if (relabelled) state.Reason = null;
        if (existing is not null && !wasEnabled && heartbeat.Enabled) Forget(state, now);
        await HeartbeatStateIntake.JudgeAsync(db, heartbeat, state, null, now, cancel);
        db.Audit.Add(AuditEntry.Of(actor, existing is null ? "heartbeat.create" : "heartbeat.update", heartbeat.Name, before, Written(heartbeat), now));
        await db.SaveChangesAsync(cancel);
        return heartbeat;
    }

    /// <summary>Deletes a heartbeat and its pings within the caller's transaction.</summary>
    public async Task RemoveAsync(OpsDbContext db, Heartbeat heartbeat, Actor actor, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await HeartbeatStateIntake.EndAsync(db, heartbeat.Name, now, cancel);
        db.Heartbeats.Remove(heartbeat);
        db.Audit.Add(AuditEntry.Of(actor, "heartbeat.delete", heartbeat.Name, Written(heartbeat), null, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, heartbeat.Id, cancel);
    }

    /// <summary>The token that stands in the ping URL.</summary>
    /// <exception cref="InvalidOperationException">It was sealed with another key.</exception>
    public Secret TokenOf(Heartbeat heartbeat) => new(box.Open(heartbeat.TokenSealed));

    /// <summary>Pinged again after a pause: what was known before no longer counts.</summary>
    internal static void Resume(OpsDbContext db, Heartbeat heartbeat, HeartbeatState state, Actor actor, DateTimeOffset now)
    {
        heartbeat.Enabled = true;
        Forget(state, now);
        db.Audit.Add(AuditEntry.Of(actor, "heartbeat.enable", heartbeat.Name, new { Enabled = false }, new { Enabled = true }, now));
    }

    private async Task<Outcome<Heartbeat>> EnableAsync(OpsDbContext db, Heartbeat heartbeat, bool enabled, Actor actor, CancellationToken cancel)
    {
        if (heartbeat.Enabled == enabled || await HeartbeatStateIntake.LockAsync(db, heartbeat.Id, cancel) is not { } state) return heartbeat;
        var now = time.GetUtcNow();
        if (enabled) Resume(db, heartbeat, state, actor, now);
        else
        {
            heartbeat.Enabled = false;
            state.Runs = []; // nobody waits for them any more
            db.Audit.Add(AuditEntry.Of(actor, "heartbeat.disable", heartbeat.Name, new { Enabled = true }, new { Enabled = false }, now));
        }
        await HeartbeatStateIntake.JudgeAsync(db, heartbeat, state, null, now, cancel);
        return heartbeat;
    }

    private static void Forget(HeartbeatState state, DateTimeOffset now) => (state.BeganAt, state.LastAt, state.LastFailure, state.Runs) = (now, null, null, []);

    private void SetToken(Heartbeat heartbeat, Secret? given)
    {
        var token = given is { IsEmpty: false } ? given.Reveal() : Guid.NewGuid().ToString("D");
        (heartbeat.TokenHash, heartbeat.TokenSealed, heartbeat.TokenGiven) = (Heartbeat.HashOf(token), box.Seal(token), given is { IsEmpty: false });
    }

    private static object Stands(HeartbeatState state) => new { state.Status, LastFailure = state.LastFailure?.In(), state.SizesFrom };

    // Whoever reads the address can ping: the log says that it changed, and how it came to be, not what it is.
    private static object Url(Heartbeat heartbeat) => new { Token = new Secret(heartbeat.TokenHash), heartbeat.TokenGiven };

    private static HeartbeatInput Written(Heartbeat heartbeat) => HeartbeatInput.Of(heartbeat, null);
}
