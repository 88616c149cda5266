using Cronos;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>
/// A window of time that comes again: a cron expression of five fields (minute, hour, day, month, weekday) on the clock of a time zone, and a length.
/// Where the clock jumps ahead, a beginning that does not exist is moved to the first instant after the gap; where an hour comes twice, a beginning counts once (Cronos' rules, those of Vixie cron).
/// The length is real time: two hours are two hours also in that night. Pure.
/// </summary>
public sealed class Recurrence
{
    /// <summary>Longest window.</summary>
    public static readonly TimeSpan MaxLength = TimeSpan.FromDays(31);

    private readonly CronExpression _cron;
    private readonly TimeZoneInfo _zone;

    private Recurrence(CronExpression cron, TimeZoneInfo zone, TimeSpan length) => (_cron, _zone, Length) = (cron, zone, length);

    public TimeSpan Length { get; }

    /// <summary>On whose clock it begins.</summary>
    public TimeZoneInfo Zone => _zone;

    /// <summary>Reads <c>0 5 * * 2</c> and <c>Europe/Paris</c>; every mistake is named.</summary>
    public static Outcome<Recurrence> Parse(string schedule, string? timeZone, TimeSpan length)
    {
        var errors = new List<FieldError>();
        CronExpression? cron = null;
        try { cron = CronExpression.Parse(schedule.Trim()); }
        catch (CronFormatException) { errors.Add(new("schedule", Phrase.Of("recurrence.bad_schedule", schedule))); }
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(string.IsNullOrWhiteSpace(timeZone) ? "UTC" : timeZone.Trim(), out var zone))
            errors.Add(new("time_zone", Phrase.Of("recurrence.bad_zone", timeZone)));
        if (length <= TimeSpan.Zero || length > MaxLength) errors.Add(new("duration", Phrase.Of("recurrence.bad_length", DurationText.Exact(MaxLength))));
        return errors.Count > 0 ? Refusal.Invalid(errors) : new Recurrence(cron!, zone!, length);
    }

    /// <summary>The end of the window that is open at an instant; null when none is. Where windows overlap, of the one that began first.</summary>
    public DateTimeOffset? EndAt(DateTimeOffset now)
    {
        var first = _cron.GetNextOccurrence(now.UtcDateTime - Length, _zone, inclusive: false);
        return first is { } start && start <= now.UtcDateTime ? new DateTimeOffset(start, TimeSpan.Zero) + Length : null;
    }

    /// <summary>The windows that open after an instant, at most <paramref name="count"/>.</summary>
    public IEnumerable<(DateTimeOffset Start, DateTimeOffset End)> After(DateTimeOffset now, int count)
    {
        for (var at = NextAfter(now); at is { } start && count > 0; at = NextAfter(start), count--) yield return (start, start + Length);
    }

    /// <summary>When the next window opens after an instant; null: never.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset now) => _cron.GetNextOccurrence(now.UtcDateTime, _zone) is { } next ? new DateTimeOffset(next, TimeSpan.Zero) : null;
}
