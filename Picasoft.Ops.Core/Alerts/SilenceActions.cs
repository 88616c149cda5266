using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>What people and programs do to silences. What a silence means for the incidents it touches is for the incidents' runner to write: it sees the rows.</summary>
public sealed partial class SilenceActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>; the id is the silence's number.</summary>
    public const string Topic = "silences";

    public async Task<Outcome<Silence>> CreateAsync(SilenceInput input, Actor actor, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (Checked(input, now) is { Refusal: { } refusal }) return refusal;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var silence = New(input, actor, now);
        db.Silences.Add(silence);
        await db.SaveChangesAsync(cancel);
        db.Audit.Add(AuditEntry.Of(actor, "silence.create", $"#{silence.Id}", null, Shown(silence), now));
        await CommitAsync(db, silence.Id, cancel);
        await transaction.CommitAsync(cancel);
        return silence;
    }

    /// <summary>
    /// Changes one that has not ended. While it is active its end and its comment change in place; other matchers, or another beginning, make it another silence,
    /// as in Alertmanager: the old one ends now, so that what it no longer holds back is looked at, and the answer is the new one.
    /// </summary>
    public async Task<Outcome<Silence>> EditAsync(long id, SilenceInput input, Actor actor, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var silence = await LockAsync(db, id, cancel);
        if (silence is null) return Refusal.NotFound("silence", id);
        var state = silence.StateAt(now);
        if (state == SilenceState.Expired) return Refusal.Conflict(Phrase.Of("silence.ended_already", id));
        var isActive = state == SilenceState.Active;
        if (isActive && input.StartsAt is null && input.Duration is { } length && now + length is var end) input = Ending(input, silence.StartsAt, end);
        else if (input.StartsAt is null) input = Starting(input, silence.StartsAt);
        var span = Checked(input, now);
        if (span.Refusal is { } refusal) return refusal;

        var before = Shown(silence);
        var changed = silence;
        if (isActive && (!silence.Matchers.SequenceEqual(input.Matchers, StringComparer.Ordinal) || span.Value.Start != silence.StartsAt))
        {
            (silence.EndsAt, silence.UpdatedAt) = (now, now);
            changed = New(Starting(input, span.Value.Start > now ? span.Value.Start : now), actor, now);
            changed.EndsAt = span.Value.End;
            db.Silences.Add(changed);
        }
        else
        {
            if (silence.EndsAt != span.Value.End) silence.StartHandled = false; // the timelines are told the new end
            (silence.Matchers, silence.StartsAt, silence.EndsAt) = ([.. input.Matchers], span.Value.Start, span.Value.End);
            (silence.Comment, silence.UpdatedAt) = (input.Comment.Trim(), now);
        }
        await db.SaveChangesAsync(cancel);
        db.Audit.Add(AuditEntry.Of(actor, "silence.update", $"#{id}", before, Shown(changed), now));
        await CommitAsync(db, changed.Id, cancel);
        await transaction.CommitAsync(cancel);
        return changed;
    }

    /// <summary>Ends it now. One that has ended already stays as it is.</summary>
    public async Task<Outcome<Silence>> EndAsync(long id, Actor actor, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var silence = await LockAsync(db, id, cancel);
        if (silence is null) return Refusal.NotFound("silence", id);
        if (silence.StateAt(now) == SilenceState.Expired) return silence;
        var before = Shown(silence);
        End(silence, now);
        db.Audit.Add(AuditEntry.Of(actor, "silence.end", $"#{id}", before, Shown(silence), now));
        await CommitAsync(db, id, cancel);
        await transaction.CommitAsync(cancel);
        return silence;
    }

    private static Task<Silence?> LockAsync(OpsDbContext db, long id, CancellationToken cancel) =>
        db.Silences.FromSql($"select *, xmin from silences where id = {id} for update").SingleOrDefaultAsync(cancel);

    // An input that did not come through the reader (another part of the product) is judged all the same.
    private static Outcome<(DateTimeOffset Start, DateTimeOffset End)> Checked(SilenceInput input, DateTimeOffset now)
    {
        var errors = input.Check().ToList();
        if (input.Matchers.Count == 0) errors.Add(new("matchers", Phrase.Of("input.required")));
        if (errors.Count > 0) return Refusal.Invalid(errors);
        return input.Span(now);
    }

    private static Silence New(SilenceInput input, Actor actor, DateTimeOffset now)
    {
        var (start, end) = input.Span(now).Value;
        return new() { Uuid = Guid.NewGuid(), Matchers = [.. input.Matchers], StartsAt = start.ToUniversalTime(), EndsAt = end.ToUniversalTime(), CreatedBy = actor.Name, Comment = input.Comment.Trim(), CreatedAt = now, UpdatedAt = now };
    }

    private static SilenceInput Ending(SilenceInput input, DateTimeOffset start, DateTimeOffset end) => new() { Matchers = input.Matchers, StartsAt = start, EndsAt = end, Comment = input.Comment };

    private static SilenceInput Starting(SilenceInput input, DateTimeOffset start) => new() { Matchers = input.Matchers, StartsAt = start, EndsAt = input.EndsAt, Duration = input.Duration, Comment = input.Comment };

    private static object Shown(Silence silence) => new { silence.Matchers, silence.StartsAt, silence.EndsAt, silence.Comment };

    private static async Task CommitAsync(OpsDbContext db, long id, CancellationToken cancel)
    {
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, id, cancel);
    }
}
