using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>
/// The clock on the wall of a time zone. A time that the clock jumps over is the instant of the jump; a time that comes twice is the first of both.
/// So later on the wall is never earlier in fact: turns on it have no gaps and no overlaps. Pure.
/// </summary>
public sealed class WallClock(TimeZoneInfo zone)
{
    public TimeZoneInfo Zone => zone;

    public static WallClock Of(string timeZone) => new(TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone) ? zone : TimeZoneInfo.Utc);

    /// <summary>What the clock shows.</summary>
    public DateTime Local(DateTimeOffset at) => DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(at, zone).DateTime, DateTimeKind.Unspecified);

    /// <summary>When it shows this.</summary>
    public DateTimeOffset Instant(DateTime local)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(local)) local = new DateTime(local.Ticks - local.Ticks % TimeSpan.TicksPerMinute, DateTimeKind.Unspecified).AddMinutes(1);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    /// <summary>The stretches of these hours that touch an interval, in order; of overlapping ones each by itself.</summary>
    public IEnumerable<Span> Windows(IReadOnlyList<HoursInput> hours, DateTimeOffset from, DateTimeOffset to)
    {
        var last = DateOnly.FromDateTime(Local(to)).AddDays(1);
        for (var day = DateOnly.FromDateTime(Local(from)).AddDays(-2); day <= last; day = day.AddDays(1))
        {
            var weekday = (Weekday)(((int)day.DayOfWeek + 6) % 7);
            foreach (var window in hours.Where(h => h.Days.Count == 0 || h.Days.Contains(weekday)))
            {
                if (Handoff.Clock(window.From) is not { } begins || Handoff.Clock(window.To) is not { } ends) continue;
                var span = new Span(Instant(day.ToDateTime(begins)), Instant(day.AddDays(ends <= begins ? 1 : 0).ToDateTime(ends)));
                if (span.Start < to && span.End > from && span.Start < span.End) yield return span;
            }
        }
    }
}

/// <summary>From an instant to before another.</summary>
public readonly record struct Span(DateTimeOffset Start, DateTimeOffset End)
{
    public TimeSpan Length => End - Start;

    public bool Contains(DateTimeOffset at) => Start <= at && at < End;

    public bool Touches(Span other) => Start < other.End && other.Start < End;

    /// <summary>What both have; empty when nothing.</summary>
    public Span And(Span other) => new(Start > other.Start ? Start : other.Start, End < other.End ? End : other.End);
}
