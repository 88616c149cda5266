using Picasoft.Ops.Core.OnCall;

namespace Picasoft.Ops.Web.OnCall;

/// <summary>Who is on call, as the API shows it.</summary>
internal static class OnCallJson
{
    /// <summary>Fields of a saved schedule's answer that a change does not take.</summary>
    public static IReadOnlyCollection<string> ScheduleAnswered { get; } = ["fromFile"];

    public static object Of(OnCallNow now, DateTimeOffset at) => new
    {
        schedule = now.Schedule.Name,
        title = now.Schedule.Shown,
        at = at.UtcDateTime,
        timeZone = now.Schedule.TimeZone,
        people = now.Shifts.Select(s => s.Person).Distinct(StringComparer.Ordinal),
        shifts = now.Shifts.Select(Of),
        next = now.Next is null ? null : Of(now.Next),
        isGap = now.Shifts.Count == 0,
        bestEffort = now.IsBestEffort,
    };

    public static object Of(Shift s) => new { person = s.Person, startsAt = s.Start.UtcDateTime, endsAt = s.End.UtcDateTime, source = s.Source, layer = s.Layer == 0 ? (int?)null : s.Layer, overrideId = s.ChangeId };

    public static object Of(Gap g) => new { startsAt = g.Start.UtcDateTime, endsAt = g.End?.UtcDateTime };

    public static object Of(OnCallChange c) => new { id = c.Id, schedule = c.Schedule, kind = c.Kind, person = c.Person, startsAt = c.StartsAt.UtcDateTime, endsAt = c.EndsAt.UtcDateTime, note = c.Note, createdBy = c.CreatedBy, createdAt = c.CreatedAt.UtcDateTime, swap = c.SwapId };

    public static object Of(OnCallSwap s) => new
    {
        id = s.Id,
        schedule = s.Schedule,
        asker = s.Asker,
        asked = s.Asked,
        startsAt = s.StartsAt.UtcDateTime,
        endsAt = s.EndsAt.UtcDateTime,
        returnStartsAt = s.ReturnStartsAt?.UtcDateTime,
        returnEndsAt = s.ReturnEndsAt?.UtcDateTime,
        note = s.Note,
        state = s.State,
        createdAt = s.CreatedAt.UtcDateTime,
        answeredAt = s.AnsweredAt?.UtcDateTime,
    };

    public static object Of(HandoverNote n) => new { id = n.Id, schedule = n.Schedule, at = n.At.UtcDateTime, by = n.By, text = n.Text };

    public static object Of(CalendarView v) => new
    {
        schedule = v.Calendar.Schedule.Name,
        definition = v.Calendar.Schedule,
        fromFile = v.FromFile,
        version = v.Version,
        shifts = v.Shifts.Select(Of),
        gaps = v.Gaps.Select(Of),
        away = v.Conflicts.Select(c => new { person = c.Shift.Person, startsAt = c.Away.Start.UtcDateTime, endsAt = c.Away.End.UtcDateTime }),
        overrides = v.Changes.Select(Of),
        swaps = v.Swaps.Select(Of),
        handover = v.Note is null ? null : Of(v.Note),
        fairness = v.Burdens,
    };
}
