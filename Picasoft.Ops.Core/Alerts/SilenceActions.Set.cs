using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>A silence as Alertmanager's programs write it. No limits of ours but those of the store.</summary>
/// <param name="Uuid">The one to change; null: a new one.</param>
public sealed record SilenceSetting(Guid? Uuid, IReadOnlyList<Matcher> Matchers, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string CreatedBy, string Comment);

/// <content>The life cycle of Alertmanager: what cannot be changed in place ends, and another begins.</content>
public sealed partial class SilenceActions
{
    /// <summary>Makes one, or changes one in place when it can be: while active only its end and its words, while pending anything that is still to come.</summary>
    public async Task<Outcome<Silence>> SetAsync(SilenceSetting setting, Actor actor, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        Silence? before = null;
        if (setting.Uuid is { } uuid && (before = await LockAsync(db, uuid, cancel)) is null) return Refusal.NotFound("silence", 0);
        string[] matchers = [.. setting.Matchers.Select(m => m.ToString())];
        var shown = before is null ? null : Shown(before);
        Silence silence;
        if (before is not null && CanStay(before, setting, matchers, now))
        {
            silence = before;
            if (silence.EndsAt != setting.EndsAt) silence.StartHandled = false; // the timelines are told the new end
            (silence.StartsAt, silence.EndsAt) = (setting.StartsAt.ToUniversalTime(), setting.EndsAt.ToUniversalTime());
        }
        else
        {
            if (before is not null && before.StateAt(now) != SilenceState.Expired) End(before, now);
            silence = new() { Uuid = Guid.NewGuid(), Matchers = [.. matchers], CreatedAt = now, StartsAt = (setting.StartsAt < now ? now : setting.StartsAt).ToUniversalTime(), EndsAt = setting.EndsAt.ToUniversalTime() };
            db.Silences.Add(silence);
        }
        (silence.CreatedBy, silence.Comment, silence.UpdatedAt) = (setting.CreatedBy.Length > 100 ? setting.CreatedBy[..100] : setting.CreatedBy, setting.Comment, now);
        await db.SaveChangesAsync(cancel);
        db.Audit.Add(AuditEntry.Of(actor, before is null ? "silence.create" : "silence.update", $"#{silence.Id}", shown, Shown(silence), now));
        await CommitAsync(db, silence.Id, cancel);
        await transaction.CommitAsync(cancel);
        return silence;
    }

    private static bool CanStay(Silence before, SilenceSetting setting, string[] matchers, DateTimeOffset now) =>
        before.Matchers.SequenceEqual(matchers, StringComparer.Ordinal) && before.StateAt(now) switch
        {
            SilenceState.Active => setting.StartsAt.ToUnixTimeSeconds() == before.StartsAt.ToUnixTimeSeconds() && setting.EndsAt >= now,
            SilenceState.Pending => setting.StartsAt >= now,
            _ => false,
        };

    private static void End(Silence silence, DateTimeOffset now)
    {
        if (silence.StartsAt > now) silence.StartsAt = now; // never began: else it would still be to come
        (silence.EndsAt, silence.UpdatedAt) = (now, now);
    }

    private static Task<Silence?> LockAsync(Storage.OpsDbContext db, Guid uuid, CancellationToken cancel) =>
        db.Silences.FromSql($"select *, xmin from silences where uuid = {uuid} for update").SingleOrDefaultAsync(cancel);
}
