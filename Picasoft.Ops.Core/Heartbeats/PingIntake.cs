using System.Text;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>A ping as it arrives.</summary>
/// <param name="Kind">What its address says.</param>
/// <param name="Body">At most <see cref="PingIntake.MaxBody"/> bytes.</param>
/// <param name="Duration">How long it took, if the sender says so itself.</param>
public sealed record PingSent(PingKind Kind, int? Exit, Guid? Rid, string Method, string? UserAgent, string? Address, byte[] Body, TimeSpan? Duration = null);

/// <summary>What became of a ping.</summary>
public enum PingFate
{
    Stored,
    /// <summary>Stored, and it made the heartbeat.</summary>
    Created,
    Unknown,
    /// <summary>There are so many that a ping may not make another.</summary>
    Full,
}

/// <summary>The door for pings. When it answers, the ping and what it changed are committed.</summary>
public sealed class PingIntake(IDbContextFactory<OpsDbContext> contexts, HeartbeatActions actions, TimeProvider time)
{
    /// <summary>Most bytes of a body that are kept; the rest is not read.</summary>
    public const int MaxBody = 100_000;

    /// <summary>Pings make no more heartbeats when there are this many.</summary>
    public const int MaxProvisioned = 1000;

    /// <summary>By what stands in its URL.</summary>
    public async Task<PingFate> TakeAsync(string token, PingSent sent, CancellationToken cancel)
    {
        var hash = Heartbeat.HashOf(token);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await StoreAsync(db, db.Heartbeats.Where(h => h.TokenHash == hash), sent, cancel);
    }

    /// <summary>By its name, from somebody who may; <paramref name="create"/>: make it if there is none.</summary>
    public async Task<PingFate> TakeAsync(string name, bool create, Actor actor, PingSent sent, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var fate = await StoreAsync(db, db.Heartbeats.Where(h => h.Name == name), sent, cancel);
        if (fate != PingFate.Unknown || !create) return fate;
        if (await db.Heartbeats.CountAsync(cancel) >= MaxProvisioned) return PingFate.Full;
        // Two first pings at once: one of them makes it, and both count.
        var made = await actions.CreateAsync(new() { Name = name, Period = HeartbeatInput.DefaultPeriod }, actor, cancel);
        fate = await StoreAsync(db, db.Heartbeats.Where(h => h.Name == name), sent, cancel);
        return fate == PingFate.Stored && made.IsDone ? PingFate.Created : fate;
    }

    private async Task<PingFate> StoreAsync(OpsDbContext db, IQueryable<Heartbeat> which, PingSent sent, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await which.SingleOrDefaultAsync(cancel) is not { } heartbeat || await HeartbeatStateIntake.LockAsync(db, heartbeat.Id, cancel) is not { } state) return PingFate.Unknown;
        var now = time.GetUtcNow();
        var body = sent.Body.Length > 0 ? Encoding.UTF8.GetString(sent.Body) : null;
        var kind = KindOf(heartbeat, sent, body);
        // As with Healthchecks: who pings again is at work again. What the file pauses, the file resumes.
        if (!heartbeat.Enabled && !heartbeat.ManualResume && !heartbeat.FromFile && kind is PingKind.Success or PingKind.Fail or PingKind.Start) HeartbeatActions.Resume(db, heartbeat, state, Actor.System, now);
        if (!heartbeat.Enabled) kind = PingKind.Ignored;

        var effect = PingEffect.Of(HeartbeatStateIntake.FactsOf(state), kind, sent.Exit, sent.Rid, now);
        var duration = sent.Duration ?? effect.Duration;
        var facts = heartbeat.Backup is null && heartbeat.RestoreTestOf is null || body is null ? null : BackupFacts.Parse(body);
        if (kind == PingKind.Success && await DoubtAsync(db, heartbeat, state, facts, cancel) is { } doubt) (kind, effect) = (PingKind.Fail, effect with { Facts = effect.Facts with { Failure = doubt } });
        (state.LastAt, state.LastFailure, state.Runs) = (effect.Facts.LastAt, effect.Facts.Failure, effect.Facts.Runs);
        (state.LastPingAt, state.Pings) = (now, state.Pings + 1);
        if (kind == PingKind.Success) state.LastSuccessAt = now;
        if (duration is not null) state.LastDuration = duration;
        db.Pings.Add(new()
        {
            HeartbeatId = heartbeat.Id,
            At = now,
            Kind = kind,
            ExitStatus = sent.Exit,
            Rid = sent.Rid,
            Method = sent.Method,
            UserAgent = Clip(sent.UserAgent, 200),
            Address = sent.Address,
            Body = sent.Body.Length > 0 ? sent.Body : null,
            Duration = duration,
            Facts = facts,
        });
        await HeartbeatStateIntake.JudgeAsync(db, heartbeat, state, kind == PingKind.Fail ? body?.Trim() : null, now, cancel);
        await transaction.CommitAsync(cancel);
        db.ChangeTracker.Clear();
        return PingFate.Stored;
    }

    /// <summary>Why a success is not to be believed: a backup that shrank, a restore that proves nothing.</summary>
    private static async Task<Phrase?> DoubtAsync(OpsDbContext db, Heartbeat heartbeat, HeartbeatState state, BackupFacts? facts, CancellationToken cancel)
    {
        if (heartbeat.RestoreTestOf is not null) return facts is not { IsProof: true } ? Phrase.Of("heartbeat.no_proof") : null;
        if (heartbeat.Backup is not { } backup || facts?.Size is not { } size) return null;
        if (backup.MinSize is { } least && size < BackupFacts.Bytes(least)) return Phrase.Of("heartbeat.backup_below", SizeText.Of(size), SizeText.Of(BackupFacts.Bytes(least)!.Value));
        if (!backup.CompareSizes) return null;
        var from = state.SizesFrom ?? DateTimeOffset.MinValue;
        var before = await db.Pings.Where(p => p.HeartbeatId == heartbeat.Id && p.Facts != null && p.At >= from && p.Kind == PingKind.Success).OrderByDescending(p => p.At).Take(SizeVerdict.Window).Select(p => p.Facts).ToListAsync(cancel);
        var verdict = SizeVerdict.Of(size, [.. before.Where(f => f!.Size is not null).Select(f => f!.Size!.Value)]);
        return verdict.Judgement == SizeJudgement.Small ? Phrase.Of("heartbeat.backup_small", SizeText.Of(size), SizeText.Of(verdict.Median)) : null;
    }

    private static PingKind KindOf(Heartbeat heartbeat, PingSent sent, string? body)
    {
        if (heartbeat.PostOnly && sent.Method is "GET" or "HEAD") return PingKind.Ignored;
        // Words in the body speak where the address says nothing.
        return heartbeat.Keywords is { } keywords && sent is { Kind: PingKind.Success, Exit: null } ? keywords.Meaning(body ?? "") : sent.Kind;
    }

    private static string? Clip(string? text, int length) => text?.Length > length ? text[..length] : text;
}
