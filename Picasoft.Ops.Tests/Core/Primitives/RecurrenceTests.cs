using CsCheck;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Primitives;

public class RecurrenceTests
{
    private static Recurrence Paris(string schedule, int minutes) => Recurrence.Parse(schedule, "Europe/Paris", TimeSpan.FromMinutes(minutes)).Value;

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("2026-11-24T03:59:59Z", null)] // Tuesday, five o'clock in Paris is four in UTC
    [InlineData("2026-11-24T04:00:00Z", "2026-11-24T05:00:00Z")]
    [InlineData("2026-11-24T04:59:59Z", "2026-11-24T05:00:00Z")]
    [InlineData("2026-11-24T05:00:00Z", null)]
    [InlineData("2026-07-07T03:30:00Z", "2026-07-07T04:00:00Z")] // three in summer
    [InlineData("2026-11-25T04:30:00Z", null)] // Wednesday
    public void A_window_opens_on_the_clock_of_its_zone(string now, string? end) =>
        Assert.Equal(end is null ? null : Utc(end), Paris("0 5 * * 2", 60).EndAt(Utc(now)));

    [Fact]
    public void In_the_night_the_clock_jumps_ahead_a_window_that_does_not_exist_opens_after_the_gap()
    {
        // 2026-03-29, 02:00 becomes 03:00 (01:00 UTC).
        var window = Paris("30 2 * * *", 60);
        Assert.Null(window.EndAt(Utc("2026-03-29T00:59:00Z")));
        Assert.Equal(Utc("2026-03-29T02:00:00Z"), window.EndAt(Utc("2026-03-29T01:00:00Z")));
    }

    [Fact]
    public void In_the_night_an_hour_comes_twice_a_window_opens_once_and_lasts_its_real_length()
    {
        // 2026-10-25, 03:00 becomes 02:00 (01:00 UTC): 02:30 is 00:30 and 01:30 UTC.
        var window = Paris("30 2 * * *", 30);
        var open = Enumerable.Range(0, 240).Count(minute => window.EndAt(Utc("2026-10-25T00:00:00Z").AddMinutes(minute)) is not null);
        Assert.Equal(30, open);
        Assert.Equal(30, Enumerable.Range(0, 240).Count(minute => Paris("0 1 * * *", 30).EndAt(Utc("2026-10-24T22:00:00Z").AddMinutes(minute)) is not null));
    }

    [Fact]
    public void Every_mistake_is_named_at_once() =>
        Assert.Equal(["schedule", "time_zone", "duration"], Recurrence.Parse("every day", "Paris/France", TimeSpan.Zero).Refusal!.Errors.Select(e => e.Field));

    [Fact]
    public void A_window_is_open_exactly_from_each_beginning_for_its_length() =>
        Gen.Select(Gen.Int[0, 59], Gen.Int[0, 23], Gen.Int[1, 600], Gen.Int[0, 60 * 24 * 365]).Sample((minute, hour, length, offset) =>
        {
            var window = Paris($"{minute} {hour} * * *", length);
            var now = Utc("2026-01-01T00:00:00Z").AddMinutes(offset);
            var next = window.NextAfter(now)!.Value;
            Assert.NotNull(window.EndAt(next));
            Assert.NotNull(window.EndAt(next + window.Length - TimeSpan.FromSeconds(1)));
            Assert.Null(window.EndAt(next + window.Length)); // once a day, and shorter than half of one
        });
}
