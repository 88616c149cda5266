using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>Who is on call in one schedule at an instant.</summary>
/// <param name="Shifts">Nobody: a gap.</param>
/// <param name="Next">Who comes after them.</param>
public sealed record OnCallNow(ScheduleInput Schedule, IReadOnlyList<Shift> Shifts, Shift? Next, bool IsBestEffort);

/// <summary>A shift of somebody whose own calendar says that they are away.</summary>
public sealed record Conflict(Shift Shift, Span Away);

/// <summary>All that the calendar page of one schedule shows.</summary>
public sealed record CalendarView(
    OnCallCalendar Calendar, bool FromFile, uint Version, IReadOnlyList<Shift> Shifts, IReadOnlyList<Gap> Gaps, IReadOnlyList<Conflict> Conflicts, IReadOnlyList<OnCallChange> Changes, IReadOnlyList<OnCallSwap> Swaps,
    HandoverNote? Note, IReadOnlyList<Burden> Burdens);

/// <summary>A time somebody was on call, and what they handled in it.</summary>
/// <param name="Handled">Numbers of the incidents that they acknowledged or resolved.</param>
/// <param name="GoesOn">They are on call now: the end is only how far the record was written.</param>
public sealed record ServedPeriod(OnCallPeriod Period, IReadOnlyList<long> Handled, bool GoesOn);

/// <summary>What the pages and the API read about who is on call.</summary>
public sealed class OnCallQueries(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Who carries how much is counted over so long a time before now; what is planned ahead counts as far.</summary>
    public static readonly TimeSpan FairnessWindow = TimeSpan.FromDays(56);

    /// <summary>Of every schedule; of the past as it was written down, else as it is planned.</summary>
    public async Task<IReadOnlyList<OnCallNow>> AtAsync(DateTimeOffset? at, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        var when = at?.ToUniversalTime() ?? now;
        var book = await BookAsync(db, when.AddDays(-32), cancel);
        var past = when >= now ? [] : await db.OnCallPeriods.AsNoTracking().Where(p => p.StartsAt <= when && p.EndsAt > when).ToListAsync(cancel);
        return [.. book.All.Select(c =>
        {
            var shifts = past.Where(p => p.Schedule == c.Schedule.Name).ToList() is { Count: > 0 } written
                ? [.. written.Where(p => p.Person is not null).Select(p => new Shift(p.Person!, new(p.StartsAt, p.EndsAt), ShiftSource.Rotation, 0, null))]
                : c.At(when);
            var ends = shifts.Count == 0 ? when : shifts.Min(s => s.End);
            return new OnCallNow(c.Schedule, shifts, c.Shifts(ends, ends.AddDays(31)).FirstOrDefault(s => s.End > ends && !shifts.Any(n => n.Person == s.Person && n.End > ends)), c.IsBestEffort(when));
        })];
    }

    public async Task<OnCallCalendar?> CalendarAsync(string schedule, DateTimeOffset since, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return (await BookAsync(db, since, cancel)).Find(schedule);
    }

    public async Task<OnCallBook> BookAsync(DateTimeOffset since, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await BookAsync(db, since, cancel);
    }

    /// <summary>Everything about a schedule in an interval; null when there is none by that name.</summary>
    public async Task<CalendarView?> ViewAsync(string schedule, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        (from, to) = (from.ToUniversalTime(), to.ToUniversalTime());
        var now = time.GetUtcNow();
        var row = await db.Policies.AsNoTracking().SingleOrDefaultAsync(p => p.Kind == PolicyKind.Schedule && p.Name == schedule, cancel);
        if (row is null) return null;
        var earliest = from < now - FairnessWindow ? from : now - FairnessWindow;
        var changes = await db.OnCallChanges.AsNoTracking().Where(c => c.Schedule == schedule && c.EndsAt > earliest).OrderBy(c => c.StartsAt).ToListAsync(cancel);
        var calendar = new OnCallCalendar(Json.Parse<ScheduleInput>(row.Definition), changes);
        var shifts = calendar.Shifts(from, to);
        var served = await db.OnCallPeriods.AsNoTracking().Where(p => p.Schedule == schedule && p.Person != null && p.EndsAt > now - FairnessWindow).ToListAsync(cancel);
        var ahead = calendar.Shifts(now, now + FairnessWindow).Select(s => (s.Person, s.Span));
        var burdens = Fairness.Of(served.Select(p => (p.Person!, new Span(p.StartsAt, p.EndsAt))).Concat(ahead), calendar.People, calendar.Clock);
        var swaps = await db.OnCallSwaps.AsNoTracking().Where(s => s.Schedule == schedule && s.State == SwapState.Proposed).OrderBy(s => s.Id).ToListAsync(cancel);
        var note = await db.HandoverNotes.AsNoTracking().Where(n => n.Schedule == schedule).OrderByDescending(n => n.Id).FirstOrDefaultAsync(cancel);
        return new(calendar, row.FromFile, row.Version, shifts, calendar.Gaps(from > now ? from : now, to), await ConflictsAsync(db, shifts, now, cancel), [.. changes.Where(c => c.EndsAt > from && c.StartsAt < to)], swaps, note, burdens);
    }

    /// <summary>Who was on call, the newest first, with what they handled.</summary>
    public async Task<IReadOnlyList<ServedPeriod>> HistoryAsync(string? schedule, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        (from, to) = (from.ToUniversalTime(), to.ToUniversalTime());
        var periods = await db.OnCallPeriods.AsNoTracking().Where(p => (schedule == null || p.Schedule == schedule) && p.EndsAt > from && p.StartsAt < to).OrderByDescending(p => p.StartsAt).ThenBy(p => p.Id).Take(1000).ToListAsync(cancel);
        var handled = await db.Timeline.AsNoTracking().Where(t => t.At >= from && t.At < to && t.ActorKind == ActorKind.Person && (t.Kind == TimelineKind.Acknowledged || t.Kind == TimelineKind.Resolved)).Select(t => new { t.By, t.At, t.IncidentNumber }).ToListAsync(cancel);
        // The record is written once a minute: what ends where it ends, just now, goes on.
        var ends = periods.GroupBy(p => p.Schedule, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(p => p.EndsAt), StringComparer.Ordinal);
        return [.. periods.Select(p => new ServedPeriod(
            p,
            [.. handled.Where(h => h.By == p.Person && h.At >= p.StartsAt && h.At < p.EndsAt).Select(h => h.IncidentNumber).Distinct().Order()],
            p.EndsAt == ends[p.Schedule] && time.GetUtcNow() - p.EndsAt < TimeSpan.FromMinutes(5)))];
    }

    /// <summary>Swaps that wait for somebody's answer.</summary>
    public async Task<IReadOnlyList<OnCallSwap>> SwapsForAsync(string person, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.OnCallSwaps.AsNoTracking().Where(s => s.State == SwapState.Proposed && s.Asked == person).OrderBy(s => s.Id).ToListAsync(cancel);
    }

    /// <summary>How many stretches somebody's own calendar says that they are away in, from now on.</summary>
    public async Task<int> AbsencesAsync(long person, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        return await db.Absences.CountAsync(a => a.PersonId == person && a.EndsAt > now, cancel);
    }

    /// <summary>Names of all who can be put on call.</summary>
    public async Task<IReadOnlyList<string>> PeopleAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.People.AsNoTracking().Where(p => p.IsActive).OrderBy(p => p.Name).Select(p => p.Name).ToListAsync(cancel);
    }

    /// <summary>Names of those who may act when they are called.</summary>
    public async Task<IReadOnlyList<string>> RespondersAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.People.AsNoTracking().Where(p => p.IsActive && p.Role != Role.Viewer).OrderBy(p => p.Name).Select(p => p.Name).ToListAsync(cancel);
    }

    internal static async Task<IReadOnlyList<Conflict>> ConflictsAsync(OpsDbContext db, IReadOnlyList<Shift> shifts, DateTimeOffset since, CancellationToken cancel)
    {
        var away = await (from a in db.Absences.AsNoTracking() join p in db.People on a.PersonId equals p.Id where a.EndsAt > since select new { p.Name, a.StartsAt, a.EndsAt }).ToListAsync(cancel);
        return [.. shifts.SelectMany(s => away.Where(a => a.Name == s.Person && s.Span.Touches(new(a.StartsAt, a.EndsAt))).Select(a => new Conflict(s, s.Span.And(new(a.StartsAt, a.EndsAt)))))];
    }

    private static async Task<OnCallBook> BookAsync(OpsDbContext db, DateTimeOffset since, CancellationToken cancel) =>
        await OnCallBook.ReadAsync(db, await PolicyBook.ReadAsync(db, cancel), since, cancel);
}
