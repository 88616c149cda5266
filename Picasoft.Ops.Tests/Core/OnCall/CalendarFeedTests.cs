using System.Globalization;
using Picasoft.Ops.Core.OnCall;
using Calendar = Ical.Net.Calendar;

namespace Picasoft.Ops.Tests.Core.OnCall;

/// <summary>Judged by a real parser, and by what RFC 5545 says of lines.</summary>
public sealed class CalendarFeedTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static readonly ScheduleInput _tech = new() { Name = "tech", Title = "Équipe; technique, de nuit\\jour", Rotation = new() { People = ["camille", "sacha"], Every = TimeSpan.FromDays(1), Handoff = "18:00" } };

    [Fact]
    public void A_calendar_program_reads_every_shift_with_a_stable_identity()
    {
        var shifts = new OnCallCalendar(_tech, []).Shifts(_now, _now.AddDays(10));
        var text = CalendarFeed.Write(shifts.Select(s => (_tech, s)), "tech", "https://ops.example.org", _now);
        Assert.DoesNotMatch("[^\r]\n", text);
        Assert.All(text.Split("\r\n"), line => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(line), 0, 75));
        var read = Calendar.Load(text)!;
        Assert.Equal(shifts.Select(s => (s.Start.UtcDateTime, s.End.UtcDateTime)), read.Events.OrderBy(e => e.DtStart!.AsUtc).Select(e => (e.DtStart!.AsUtc, e.DtEnd!.AsUtc)));
        Assert.Equal($"{shifts[0].Person} · {_tech.Title}", read.Events.Single(e => e.DtStart!.AsUtc == shifts[0].Start.UtcDateTime).Summary);
        var again = Calendar.Load(CalendarFeed.Write(new OnCallCalendar(_tech, []).Shifts(_now, _now.AddDays(20)).Select(s => (_tech, s)), "tech", "https://ops.example.org", _now.AddHours(3)))!;
        Assert.Subset(again.Events.Select(e => e.Uid).ToHashSet(), read.Events.Select(e => e.Uid).ToHashSet());
    }

    [Fact]
    public void A_shift_that_goes_on_for_ever_is_the_same_event_the_next_time_it_is_read()
    {
        var alone = _tech with { Rotation = _tech.Rotation! with { People = ["camille"] } };
        var (read, again) = (Read(_now), Read(_now.AddDays(4)));
        Assert.Equal((read.Uid, read.DtStart, read.DtEnd), (again.Uid, again.DtStart, again.DtEnd));
        Assert.Equal((new DateTime(2026, 10, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2027, 6, 1, 0, 0, 0, DateTimeKind.Utc)), (read.DtStart!.AsUtc, read.DtEnd!.AsUtc));

        Ical.Net.CalendarComponents.CalendarEvent Read(DateTimeOffset at)
        {
            var shown = CalendarFeed.ShownAt(at);
            return Assert.Single(Calendar.Load(CalendarFeed.Write(new OnCallCalendar(alone, []).Shifts(shown.Start, shown.End).Select(s => (alone, s)), "tech", "https://ops.example.org", at))!.Events);
        }
    }

    [Fact]
    public void Busy_times_are_read_with_repetitions_zones_and_whole_days_and_free_ones_are_not()
    {
        const string Text = """
            BEGIN:VCALENDAR
            VERSION:2.0
            PRODID:-//test//test//EN
            BEGIN:VEVENT
            UID:1
            DTSTAMP:20261101T000000Z
            DTSTART;TZID=Europe/Paris:20261102T180000
            DTEND;TZID=Europe/Paris:20261102T200000
            RRULE:FREQ=WEEKLY
            SUMMARY:Choir
            END:VEVENT
            BEGIN:VEVENT
            UID:2
            DTSTAMP:20261101T000000Z
            DTSTART;VALUE=DATE:20261128
            DTEND;VALUE=DATE:20261130
            SUMMARY:Away
            END:VEVENT
            BEGIN:VEVENT
            UID:3
            DTSTAMP:20261101T000000Z
            DTSTART:20261126T100000Z
            DTEND:20261126T110000Z
            TRANSP:TRANSPARENT
            SUMMARY:Only a reminder
            END:VEVENT
            END:VCALENDAR
            """;
        var busy = CalendarFeed.ReadBusy(Text, _now, _now.AddDays(7), WallClock.Of("Europe/Paris"))!;
        Assert.Equal(["2026-11-27T23:00 2026-11-29T23:00", "2026-11-30T17:00 2026-11-30T19:00"], busy.OrderBy(b => b.Start).Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Start.UtcDateTime:yyyy-MM-ddTHH:mm} {b.End.UtcDateTime:yyyy-MM-ddTHH:mm}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>Sign in</html>")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:nonsense\nEND:VEVENT\nEND:VCALENDAR")]
    public void What_is_no_calendar_never_throws(string text) => Assert.True(CalendarFeed.ReadBusy(text, _now, _now.AddDays(7), WallClock.Of("UTC")) is null or { Count: 0 });
}
