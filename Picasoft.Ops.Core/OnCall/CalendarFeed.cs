using System.Globalization;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;
using Calendar = Ical.Net.Calendar;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>Shifts as iCalendar (RFC 5545), and the other way round when somebody is away. Pure.</summary>
public static class CalendarFeed
{
    /// <summary>Most events that are read from somebody's calendar.</summary>
    public const int MaxEvents = 500;

    /// <summary>
    /// What a feed shows: a month back at least and half a year ahead, between beginnings of months. A shift that began before, or never ends, is cut there,
    /// and would be another one each time the feed is read if that moved with the clock.
    /// </summary>
    public static Span ShownAt(DateTimeOffset now)
    {
        var month = new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
        return new(month.AddMonths(-1), month.AddMonths(7));
    }

    /// <summary>A feed for calendar programs. The identity of an event stays the same as long as its shift begins when it did.</summary>
    /// <param name="shifts">With the schedule they are of.</param>
    public static string Write(IEnumerable<(ScheduleInput Schedule, Shift Shift)> shifts, string name, string url, DateTimeOffset now)
    {
        var calendar = new Calendar { ProductId = "-//Picasoft//Picasoft.Ops//EN", Method = "PUBLISH" };
        calendar.AddProperty("X-WR-CALNAME", name);
        calendar.AddProperty("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
        foreach (var (schedule, shift) in shifts)
        {
            calendar.Events.Add(new CalendarEvent
            {
                // No percent sign: some programs take %2C for a comma.
                Uid = string.Create(CultureInfo.InvariantCulture, $"{schedule.Name}-{shift.Start.ToUnixTimeSeconds()}-{Uri.EscapeDataString(shift.Person).Replace('%', '_')}@picasoft-ops"),
                Summary = $"{shift.Person} · {schedule.Shown}",
                DtStamp = new CalDateTime(now.UtcDateTime, "UTC"),
                DtStart = new CalDateTime(shift.Start.UtcDateTime, "UTC"),
                DtEnd = new CalDateTime(shift.End.UtcDateTime, "UTC"),
                Url = new Uri($"{url}/on-call?schedule={Uri.EscapeDataString(schedule.Name)}"),
            });
        }
        return new CalendarSerializer().SerializeToString(calendar) ?? "";
    }

    /// <summary>The stretches that a calendar has entries in; free ones (TRANSPARENT) and cancelled ones do not count. Null: it is no calendar.</summary>
    /// <param name="clock">Of entries that say only a day, or a time without a zone.</param>
    public static IReadOnlyList<Span>? ReadBusy(string text, DateTimeOffset from, DateTimeOffset to, WallClock clock)
    {
        Calendar? calendar;
        try { calendar = Calendar.Load(text); }
        catch (Exception e) when (e is not OutOfMemoryException) { return null; } // whatever the library stumbles over: it is not ours
        if (calendar is null) return null;
        try
        {
            return [.. calendar.Events.Where(e => e.Transparency != TransparencyType.Transparent && e.Status != "CANCELLED")
                .SelectMany(e => e.GetOccurrences(new CalDateTime(from.AddDays(-31).UtcDateTime, "UTC")).TakeWhile(o => Instant(o.Period.StartTime, clock) < to).Take(MaxEvents))
                .Select(o => new Span(Instant(o.Period.StartTime, clock), Instant(o.Period.EffectiveEndTime ?? o.Period.StartTime.AddDays(1), clock)))
                .Where(s => s.Length > TimeSpan.Zero && s.Touches(new(from, to))).Take(MaxEvents)];
        }
        catch (Exception e) when (e is not OutOfMemoryException) { return null; }
    }

    /// <summary>What opens somebody's feeds: <c>12.3fW…</c>.</summary>
    public static string KeyOf(Person person, LinkSigner signer) => string.Create(CultureInfo.InvariantCulture, $"{person.Id}.{signer.Sign(Signed(person.Id, person.FeedVersion))}");

    /// <summary>Whose feeds a key may open, before it is compared with their <see cref="Person.FeedVersion"/>.</summary>
    public static long? OwnerOf(string? key) => key?.Split('.', 2) is [var id, _] && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool Opens(string key, Person person, LinkSigner signer) => person.IsActive && signer.IsSigned(Signed(person.Id, person.FeedVersion), key.Split('.', 2)[^1]);

    private static string Signed(long id, int version) => string.Create(CultureInfo.InvariantCulture, $"feed:{id}:{version}");

    private static DateTimeOffset Instant(CalDateTime at, WallClock clock) =>
        at.HasTime && !at.IsFloating ? new(at.AsUtc, TimeSpan.Zero) : clock.Instant(at.Value);
}
