using System.Globalization;
using CsCheck;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.OnCall;

public sealed class OnCallCalendarTests
{
    private static readonly string[] _names = ["camille", "sacha", "robin", "alex", "dominique"];

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static ScheduleInput Tech(params string[] people) => new() { Name = "tech", Rotation = new() { People = people, Every = TimeSpan.FromDays(7), Handoff = "Monday 18:00", StartsOn = "2026-10-05" } };

    private static string[] Said(OnCallCalendar calendar, string from, string to) =>
        [.. calendar.Shifts(At(from), At(to)).Select(s => $"{s.Person} {calendar.Clock.Local(s.Start):ddd dd HH:mm}-{calendar.Clock.Local(s.End):ddd dd HH:mm}")];

    [Fact]
    public void Turns_change_at_the_same_hour_of_the_wall_in_summer_and_in_winter()
    {
        var calendar = new OnCallCalendar(Tech("camille", "sacha"), []);
        Assert.Equal(
            ["camille Mon 19 18:00-Mon 26 18:00", "sacha Mon 26 18:00-Mon 02 18:00"],
            Said(calendar, "2026-10-19T18:00+02:00", "2026-11-02T18:00+01:00"));
        // The week in which the clock goes back has an hour more.
        Assert.Equal(TimeSpan.FromHours(7 * 24 + 1), calendar.Shifts(At("2026-10-19T18:00+02:00"), At("2026-10-26T18:00+01:00"))[0].Span.Length);
    }

    [Fact]
    public void The_hour_that_the_clock_jumps_over_is_nobodys_and_the_hour_that_comes_twice_has_one_owner()
    {
        // Turns of an hour through both nights: 2026-03-29 02:00 does not exist in Paris, 2026-10-25 02:00 comes twice.
        var schedule = new ScheduleInput { Name = "tech", Rotation = new() { People = ["camille", "sacha"], Every = TimeSpan.FromHours(1), Handoff = "00:00", StartsOn = "2026-03-28" } };
        var calendar = new OnCallCalendar(schedule, []);
        foreach (var (from, hours) in new[] { ("2026-03-28T23:00Z", 23), ("2026-10-24T22:00Z", 25) })
        {
            var shifts = calendar.Shifts(At(from), At(from).AddHours(hours));
            Assert.Equal(TimeSpan.FromHours(hours), shifts.Aggregate(TimeSpan.Zero, (sum, s) => sum + s.Span.Length));
            Assert.All(shifts.Zip(shifts.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
        }
    }

    [Fact]
    public void An_override_stands_in_a_shift_comes_before_the_rotation_and_the_last_layer_counts()
    {
        var schedule = new ScheduleInput
        {
            Name = "tech",
            Layers =
            [
                new() { Rotation = new() { People = ["camille"] } },
                new() { Rotation = new() { People = ["sacha"] }, Only = [new() { Days = [Weekday.Tuesday], From = "20:00", To = "08:00" }] },
            ],
        };
        OnCallChange[] changes =
        [
            new() { Id = 1, Schedule = "tech", Kind = OnCallChangeKind.Shift, Person = "robin", StartsAt = At("2026-11-24T10:00+01:00"), EndsAt = At("2026-11-24T12:00+01:00") },
            new() { Id = 2, Schedule = "tech", Kind = OnCallChangeKind.Override, Person = "alex", StartsAt = At("2026-11-24T11:00+01:00"), EndsAt = At("2026-11-24T13:00+01:00") },
            new() { Id = 3, Schedule = "other", Kind = OnCallChangeKind.Override, Person = "nobody", StartsAt = At("2026-11-24T00:00+01:00"), EndsAt = At("2026-11-26T00:00+01:00") },
        ];
        Assert.Equal(
            ["camille Tue 24 00:00-Tue 24 10:00", "robin Tue 24 10:00-Tue 24 11:00", "alex Tue 24 11:00-Tue 24 13:00", "camille Tue 24 13:00-Tue 24 20:00", "sacha Tue 24 20:00-Wed 25 08:00", "camille Wed 25 08:00-Thu 26 00:00"],
            Said(new(schedule, changes), "2026-11-24T00:00+01:00", "2026-11-26T00:00+01:00"));
    }

    [Fact]
    public void Two_who_wrote_themselves_in_are_on_call_together()
    {
        OnCallChange[] changes =
        [
            new() { Id = 1, Schedule = "tech", Kind = OnCallChangeKind.Shift, Person = "robin", StartsAt = At("2026-11-26T18:00Z"), EndsAt = At("2026-11-27T06:00Z") },
            new() { Id = 2, Schedule = "tech", Kind = OnCallChangeKind.Shift, Person = "alex", StartsAt = At("2026-11-26T20:00Z"), EndsAt = At("2026-11-27T06:00Z") },
        ];
        var calendar = new OnCallCalendar(new() { Name = "tech" }, changes);
        Assert.Equal(["robin", "alex"], calendar.At(At("2026-11-26T21:00Z")).Select(s => s.Person));
        Assert.Equal([new(At("2026-11-26T00:00Z"), At("2026-11-26T18:00Z")), new(At("2026-11-27T06:00Z"), null)], calendar.Gaps(At("2026-11-26T00:00Z"), At("2026-11-28T00:00Z")));
    }

    [Fact]
    public void A_gap_in_best_effort_hours_is_none()
    {
        var schedule = new ScheduleInput
        {
            Name = "tech",
            Layers = [new() { Rotation = new() { People = ["camille"] }, Only = [new() { From = "08:00", To = "22:00" }] }],
            BestEffort = [new() { From = "23:00", To = "08:00" }],
        };
        var gaps = new OnCallCalendar(schedule, []).Gaps(At("2026-11-24T12:00+01:00"), At("2026-11-25T12:00+01:00"));
        Assert.Equal([new(At("2026-11-24T22:00+01:00"), At("2026-11-24T23:00+01:00"))], gaps);
    }

    [Fact]
    public void A_gap_that_goes_on_where_one_stops_looking_has_its_own_end()
    {
        var schedule = new ScheduleInput { Name = "tech", Layers = [new() { Rotation = new() { People = ["camille"] }, Only = [new() { From = "08:00", To = "22:00" }] }] };
        var gaps = new OnCallCalendar(schedule, []).Gaps(At("2026-11-24T12:00+01:00"), At("2026-11-25T00:00+01:00"));
        Assert.Equal([new(At("2026-11-24T22:00+01:00"), At("2026-11-25T08:00+01:00"))], gaps); // and the one of the next night is none of these
    }

    [Fact]
    public void In_a_rotation_every_instant_has_exactly_one_owner_in_every_zone()
    {
        var zones = new[] { "Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "Asia/Kathmandu" };
        Gen.Select(Gen.Int[0, zones.Length - 1], Gen.Int[1, 5], Gen.Int[60, 60 * 24 * 20], Gen.Int[0, 24 * 60 - 1], Gen.Int[0, 365 * 20], Gen.Int[1, 90 * 24]).Sample((zone, count, minutes, handoff, day, hours) =>
        {
            var schedule = new ScheduleInput { Name = "s", TimeZone = zones[zone], Rotation = new() { People = _names[..count], Every = TimeSpan.FromMinutes(minutes), Handoff = TimeOnly.MinValue.AddMinutes(handoff).ToString("HH:mm", CultureInfo.InvariantCulture) } };
            var from = new DateTimeOffset(2008, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day);
            var to = from.AddHours(hours);
            var shifts = new OnCallCalendar(schedule, []).Shifts(from, to);
            Assert.Equal(from, shifts[0].Start);
            Assert.Equal(to, shifts[^1].End);
            foreach (var (one, next) in shifts.Zip(shifts.Skip(1))) Assert.Equal(one.End, next.Start);
            Assert.All(shifts, s => Assert.True(s.Start < s.End));
        }, iter: 300);
    }

    [Fact]
    public void An_interval_cut_in_two_says_the_same_as_the_whole()
    {
        Gen.Select(Gen.Int[0, 2000], Gen.Int[2, 800], Gen.Double[0.01, 0.99]).Sample((start, hours, cut) =>
        {
            var from = At("2026-09-01T00:00Z").AddHours(start);
            var to = from.AddHours(hours);
            var middle = from + (to - from) * cut;
            OnCallChange[] changes = [new() { Id = 1, Schedule = "tech", Person = "robin", StartsAt = from.AddHours(hours / 3.0), EndsAt = from.AddHours(hours / 2.0) }];
            var calendar = new OnCallCalendar(Tech("camille", "sacha", "alex"), changes);
            string OwnerAt(DateTimeOffset at, IEnumerable<Shift> shifts) => string.Join(',', shifts.Where(s => s.Span.Contains(at)).Select(s => s.Person));
            var (whole, halves) = (calendar.Shifts(from, to), calendar.Shifts(from, middle).Concat(calendar.Shifts(middle, to)).ToList());
            for (var at = from; at < to; at = at.AddMinutes(97)) Assert.Equal(OwnerAt(at, whole), OwnerAt(at, halves));
        }, iter: 200);
    }

    [Theory]
    [InlineData("Monday 18:00", Weekday.Monday, "18:00")]
    [InlineData("dimanche 9:30", Weekday.Sunday, "09:30")]
    [InlineData("07:00", null, "07:00")]
    public void A_hand_off_is_read_as_people_write_it(string text, Weekday? day, string time) => Assert.Equal(new Handoff(day, TimeOnly.Parse(time, CultureInfo.InvariantCulture)), Handoff.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("Mondy 18:00")]
    [InlineData("Monday 25:00")]
    [InlineData("Monday")]
    public void What_is_no_hand_off_is_refused(string text) => Assert.Null(Handoff.Parse(text));

    [Fact]
    public void Who_carries_how_much_is_counted_with_nights_and_weekends()
    {
        var clock = WallClock.Of("Europe/Paris");
        // Friday 18:00 to Monday 08:00: 62 hours, of which 48 at the weekend and 3 nights of 9 hours, the last one cut at 07:00.
        var burden = Fairness.Of([("camille", new Span(At("2026-11-20T18:00+01:00"), At("2026-11-23T08:00+01:00")))], ["camille", "sacha"], clock);
        Assert.Equal([("camille", 62, 27, 48, 1), ("sacha", 0, 0, 0, 0)], burden.Select(b => (b.Person, (int)b.Hours, (int)b.NightHours, (int)b.WeekendHours, (int)b.Share)));
    }
}
