using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>What people do to the on-call calendar. Each writes the change and the audit log in one transaction and tells the open pages.</summary>
public sealed class OnCallActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>.</summary>
    public const string Topic = "on_call";

    /// <summary>Writes an override or a shift.</summary>
    public Task<Outcome<OnCallChange>> ChangeAsync(OnCallChangeInput input, Actor actor, CancellationToken cancel) => DoAsync<OnCallChange>(async (db, now) =>
    {
        var start = (input.StartsAt ?? now).ToUniversalTime();
        var end = input.EndsAt?.ToUniversalTime() ?? start + input.Duration!.Value;
        List<FieldError> errors = [];
        if (end <= now) errors.Add(new("ends_at", Phrase.Of("on_call.in_the_past")));
        if (end <= start) errors.Add(new("ends_at", Phrase.Of("silence.end_before_start")));
        if (!await IsScheduleAsync(db, input.Schedule, cancel)) errors.Add(new("schedule", Phrase.Of("config.no_schedule", input.Schedule)));
        if (!await IsPersonAsync(db, input.Person, cancel)) errors.Add(new("person", Phrase.Of("on_call.no_person", input.Person)));
        if (errors.Count > 0) return Refusal.Invalid(errors);
        var change = new OnCallChange { Schedule = input.Schedule, Kind = input.Kind, Person = input.Person, StartsAt = start, EndsAt = end, Note = input.Note, CreatedBy = actor.Name, CreatedAt = now };
        db.OnCallChanges.Add(change);
        db.Audit.Add(AuditEntry.Of(actor, "on_call.change", input.Schedule, null, Shown(change), now));
        return change;
    }, cancel);

    /// <summary>Takes an override or a shift out again; of one that has begun the part that is over stays.</summary>
    public Task<Outcome<OnCallChange>> RemoveAsync(long id, Actor actor, CancellationToken cancel) => DoAsync<OnCallChange>(async (db, now) =>
    {
        if (await db.OnCallChanges.SingleOrDefaultAsync(c => c.Id == id, cancel) is not { } change) return Refusal.NotFound("on_call_change", id);
        if (change.EndsAt <= now) return Refusal.Conflict(Phrase.Of("on_call.in_the_past"));
        var (before, hasBegun) = (Shown(change), change.StartsAt < now);
        if (hasBegun) change.EndsAt = now;
        else db.OnCallChanges.Remove(change);
        db.Audit.Add(AuditEntry.Of(actor, "on_call.remove", change.Schedule, before, hasBegun ? Shown(change) : null, now));
        return change;
    }, cancel);

    public Task<Outcome<OnCallSwap>> ProposeAsync(SwapInput input, Actor actor, CancellationToken cancel) => DoAsync<OnCallSwap>(async (db, now) =>
    {
        var asker = input.Asker is { Length: > 0 } named ? named : actor.Name;
        var (start, end) = (input.StartsAt!.Value.ToUniversalTime(), input.EndsAt!.Value.ToUniversalTime());
        List<FieldError> errors = [];
        var book = await OnCallBook.ReadAsync(db, await PolicyBook.ReadAsync(db, cancel), start.AddDays(-1), cancel);
        if (book.Find(input.Schedule) is not { } calendar) return Refusal.Invalid("schedule", Phrase.Of("config.no_schedule", input.Schedule));
        if (end <= now) errors.Add(new("ends_at", Phrase.Of("on_call.in_the_past")));
        if (end - start > OnCallCalendar.Longest) errors.Add(new("ends_at", Phrase.Of("on_call.too_long", OnCallCalendar.Longest)));
        if (!await IsPersonAsync(db, asker, cancel)) errors.Add(new("asker", Phrase.Of("on_call.no_person", asker)));
        if (!await IsPersonAsync(db, input.Asked, cancel)) errors.Add(new("asked", Phrase.Of("on_call.no_person", input.Asked)));
        if (asker == input.Asked) errors.Add(new("asked", Phrase.Of("on_call.swap_with_oneself")));
        if (errors.Count == 0 && calendar.Shifts(start, end).All(s => s.Person != asker)) errors.Add(new("starts_at", Phrase.Of("on_call.not_theirs", asker)));
        if (errors.Count == 0 && input is { ReturnStartsAt: { } from, ReturnEndsAt: { } to } && (to - from > OnCallCalendar.Longest || calendar.Shifts(from, to).All(s => s.Person != input.Asked))) errors.Add(new("return_starts_at", Phrase.Of("on_call.not_theirs", input.Asked)));
        if (errors.Count > 0) return Refusal.Invalid(errors);
        var swap = new OnCallSwap
        {
            Schedule = input.Schedule,
            Asker = asker,
            Asked = input.Asked,
            StartsAt = start,
            EndsAt = end,
            ReturnStartsAt = input.ReturnStartsAt?.ToUniversalTime(),
            ReturnEndsAt = input.ReturnEndsAt?.ToUniversalTime(),
            Note = input.Note,
            CreatedAt = now,
        };
        db.OnCallSwaps.Add(swap);
        db.Audit.Add(AuditEntry.Of(actor, "on_call.swap", input.Schedule, null, Shown(swap), now));
        return swap;
    }, cancel);

    /// <summary>Answers a swap: only who was asked may accept or decline it, only who asked may withdraw it. Accepting changes the calendar.</summary>
    public Task<Outcome<OnCallSwap>> AnswerAsync(long id, SwapState answer, Actor actor, CancellationToken cancel) => DoAsync<OnCallSwap>(async (db, now) =>
    {
        var swap = await db.OnCallSwaps.FromSql($"select * from on_call_swaps where id = {id} for update").SingleOrDefaultAsync(cancel);
        if (swap is null) return Refusal.NotFound("swap", id);
        if (swap.State != SwapState.Proposed) return Refusal.Conflict(Phrase.Of("on_call.swap_answered", Phrase.Of("on_call.swap." + Words.Of(swap.State))));
        var owner = answer == SwapState.Withdrawn ? swap.Asker : swap.Asked;
        if (actor.Kind != ActorKind.Person || actor.Name != owner) return Refusal.Forbidden(Phrase.Of("on_call.not_yours", owner));
        if (answer == SwapState.Accepted && swap.EndsAt <= now) return Refusal.Conflict(Phrase.Of("on_call.in_the_past"));
        var before = Shown(swap);
        (swap.State, swap.AnsweredAt) = (answer, now);
        db.Audit.Add(AuditEntry.Of(actor, "on_call.swap_" + Words.Of(answer), swap.Schedule, before, Shown(swap), now));
        if (answer != SwapState.Accepted) return swap;
        var book = await OnCallBook.ReadAsync(db, await PolicyBook.ReadAsync(db, cancel), swap.StartsAt.AddDays(-1), cancel);
        if (book.Find(swap.Schedule) is not { } calendar) return Refusal.Conflict(Phrase.Of("config.no_schedule", swap.Schedule));
        // Only what is still theirs changes hands: what somebody else took over meanwhile stays with them.
        AddOverrides(db, swap, calendar, swap.Asker, swap.Asked, new(swap.StartsAt, swap.EndsAt), now);
        if (swap is { ReturnStartsAt: { } from, ReturnEndsAt: { } to }) AddOverrides(db, swap, calendar, swap.Asked, swap.Asker, new(from, to), now);
        return swap;
    }, cancel);

    public Task<Outcome<HandoverNote>> WriteNoteAsync(HandoverInput input, Actor actor, CancellationToken cancel) => DoAsync<HandoverNote>(async (db, now) =>
    {
        if (!await IsScheduleAsync(db, input.Schedule, cancel)) return Refusal.Invalid("schedule", Phrase.Of("config.no_schedule", input.Schedule));
        var note = new HandoverNote { Schedule = input.Schedule, At = now, By = actor.Name, Text = input.Text };
        db.HandoverNotes.Add(note);
        db.Audit.Add(AuditEntry.Of(actor, "on_call.note", input.Schedule, null, new { input.Text }, now));
        return note;
    }, cancel);

    /// <summary>Creates a schedule, or makes one as written.</summary>
    /// <param name="name">The one that is changed; null: a new one.</param>
    public Task<Outcome<Policy>> SaveAsync(string? name, ScheduleInput input, uint? version, Actor actor, CancellationToken cancel) => DoAsync<Policy>(async (db, now) =>
    {
        var row = name is null ? null : await FindAsync(db, name, cancel);
        if (name is not null && row is null) return Refusal.NotFound("schedule", name);
        if (row?.FromFile == true) return Refusal.Conflict(Phrase.Of("refused.from_file", row.Name));
        if (row is not null && version is not null && version != row.Version) return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
        if (row is not null && row.Name != input.Name) return Refusal.Invalid("name", Phrase.Of("on_call.no_rename"));
        if (row is null && await IsScheduleAsync(db, input.Name, cancel)) return Refusal.Invalid("name", Phrase.Of("input.taken", input.Name));
        // Who took turns already may have left meanwhile: that is an alert of its own, and no reason to refuse another change.
        var before = row is null ? [] : Json.Parse<ScheduleInput>(row.Definition).NamedPeople().Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var people = await db.People.Where(p => p.IsActive).Select(p => p.Name).ToListAsync(cancel);
        if (input.NamedPeople().Where(p => !people.Contains(p.Name, StringComparer.Ordinal) && !before.Contains(p.Name)).Select(p => new FieldError(p.Field, Phrase.Of("on_call.no_person", p.Name))).ToList() is { Count: > 0 } strangers) return Refusal.Invalid(strangers);
        db.Audit.Add(AuditEntry.Of(actor, row is null ? "schedule.create" : "schedule.update", input.Name, row is null ? null : Json.Parse<ScheduleInput>(row.Definition), input, now));
        row ??= db.Policies.Add(new() { Kind = PolicyKind.Schedule, Name = input.Name }).Entity;
        row.Definition = Json.Text(input);
        await ChangeSignal.PublishAsync(db, Policy.Topic, 0, cancel);
        return row;
    }, cancel);

    public Task<Outcome<Policy>> DeleteAsync(string name, Actor actor, CancellationToken cancel) => DoAsync<Policy>(async (db, now) =>
    {
        if (await FindAsync(db, name, cancel) is not { } row) return Refusal.NotFound("schedule", name);
        if (row.FromFile) return Refusal.Conflict(Phrase.Of("refused.from_file", name));
        if (await db.EscalationsNamingAsync($"schedule:{name}", cancel) is { Count: > 0 } users) return Refusal.Conflict(Phrase.Of("inventory.in_use", name, string.Join(", ", users)));
        db.Audit.Add(AuditEntry.Of(actor, "schedule.delete", name, Json.Parse<ScheduleInput>(row.Definition), null, now));
        db.Policies.Remove(row);
        await ChangeSignal.PublishAsync(db, Policy.Topic, 0, cancel);
        return row;
    }, cancel);

    private static void AddOverrides(OpsDbContext db, OnCallSwap swap, OnCallCalendar calendar, string from, string to, Span span, DateTimeOffset now)
    {
        foreach (var shift in calendar.Shifts(span.Start, span.End).Where(s => s.Person == from))
            db.OnCallChanges.Add(new() { Schedule = swap.Schedule, Kind = OnCallChangeKind.Override, Person = to, StartsAt = shift.Start, EndsAt = shift.End, Note = swap.Note, CreatedBy = to, CreatedAt = now, SwapId = swap.Id });
    }

    private Task<Outcome<T>> DoAsync<T>(Func<OpsDbContext, DateTimeOffset, Task<Outcome<T>>> act, CancellationToken cancel) => contexts.InTransactionAsync<T>(async db =>
    {
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('picasoft-ops on-call'))", cancel);
        var done = await act(db, time.GetUtcNow());
        if (!done.IsDone) return done;
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, 0, cancel);
        return done;
    }, cancel);

    private static Task<Policy?> FindAsync(OpsDbContext db, string name, CancellationToken cancel) => db.Policies.SingleOrDefaultAsync(p => p.Kind == PolicyKind.Schedule && p.Name == name, cancel);

    private static Task<bool> IsScheduleAsync(OpsDbContext db, string name, CancellationToken cancel) => db.Policies.AnyAsync(p => p.Kind == PolicyKind.Schedule && p.Name == name, cancel);

    private static Task<bool> IsPersonAsync(OpsDbContext db, string name, CancellationToken cancel) => db.People.AnyAsync(p => p.Name == name && p.IsActive, cancel);

    private static object Shown(OnCallChange c) => new { c.Kind, c.Person, c.StartsAt, c.EndsAt, c.Note };

    private static object Shown(OnCallSwap s) => new { s.State, s.Asker, s.Asked, s.StartsAt, s.EndsAt, s.ReturnStartsAt, s.ReturnEndsAt, s.Note };
}
