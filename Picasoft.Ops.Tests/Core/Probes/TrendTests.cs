using CsCheck;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Trends;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class TrendTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly _today = new(2026, 11, 25);

    [Fact]
    public void What_grows_evenly_is_full_when_arithmetic_says_so()
    {
        // 10 a day, 500 at noon yesterday, limit 1000: fifty days from then.
        var forecast = Forecast.Of(Days(28, day => 500 - (10 * day)), 1000, _now)!;
        Assert.Equal(10, forecast.PerDay, 6);
        Assert.Equal(49, (forecast.At - _now).TotalDays, 1);
        Assert.Equal(28, forecast.Days);
    }

    [Fact]
    public void What_falls_towards_its_limit_is_empty_when_arithmetic_says_so()
    {
        var forecast = Forecast.Of(Days(14, day => 50 + (10 * day)), 0, _now)!;
        Assert.Equal(-10, forecast.PerDay, 6);
        Assert.Equal(4, (forecast.At - _now).TotalDays, 1);
    }

    [Fact]
    public void A_sawtooth_that_is_emptied_every_few_days_never_fills() =>
        Assert.Null(Forecast.Of(Days(28, day => 900 - (100 * (day % 4))), 1000, _now));

    [Fact]
    public void A_sawtooth_whose_teeth_grow_does()
    {
        // The teeth: up 30 a day and down 90 every third; beneath them 5 a day.
        var forecast = Forecast.Of(Days(28, day => 900 - (5 * day) - (3 * (day % 3))), 1000, _now)!;
        Assert.InRange(forecast.PerDay, 4, 6);
        Assert.InRange((forecast.At - _now).TotalDays, 14, 26);
    }

    [Fact]
    public void A_disk_that_somebody_made_room_on_begins_anew()
    {
        // It grew by 20 a day until eight days ago, lost 500, and grows by 10 a day since.
        double Level(int day) => day >= 8 ? 950 - (20 * (day - 8)) : 450 + (10 * (7 - day));
        var forecast = Forecast.Of(Days(28, Level), 1000, _now)!;
        Assert.Equal(10, forecast.PerDay, 6);
        Assert.Equal(8, forecast.Days);
        Assert.InRange((forecast.At - _now).TotalDays, 45, 50);
        Assert.Null(Forecast.Of(Days(28, day => day >= 3 ? Level(day + 5) : 450), 1000, _now)); // too soon after it to say
    }

    [Fact]
    public void One_wild_day_changes_little()
    {
        var forecast = Forecast.Of(Days(28, day => day == 5 ? 990 : 500 - (10 * day)), 1000, _now);
        Assert.True(forecast is null || Math.Abs(forecast.PerDay - 10) < 1);
        Assert.Equal(10, Forecast.Of(Days(28, day => day == 20 ? 990 : 500 - (10 * day)), 1000, _now)!.PerDay, 0.5);
    }

    [Fact]
    public void Noise_without_direction_is_hardly_ever_a_trend()
    {
        var alarms = 0;
        Gen.Double[0, 100].Array[28].Sample(noise => { if (Forecast.Of(Days(28, day => 400 + noise[day]), 1000, _now) is { } f && f.At - _now < TimeSpan.FromDays(7)) Interlocked.Increment(ref alarms); }, iter: 2000, seed: "0N0XIzNsQ0O2");
        Assert.InRange(alarms, 0, 2);
    }

    [Fact]
    public void The_line_of_Theil_and_Sen_goes_through_most_points()
    {
        var line = TheilSen.Through([(0, 1), (1, 3), (2, 5), (3, 700), (4, 9), (5, 11), (6, -300), (7, 15)])!;
        Assert.Equal(2, line.Slope, 0.01);
        Assert.Equal(1, line.Intercept, 0.5);
        Assert.Null(TheilSen.Through([(1, 1)]));
    }

    [Fact]
    public void Twice_as_slow_as_at_the_same_hours_of_past_weeks_is_a_drift()
    {
        var drift = Drift.Of(Hours((week, _) => week == 0 ? 400 : 150), _now)!;
        Assert.Equal((150, 400, 4), (drift.Was, drift.Is, drift.Weeks));
        Assert.Null(Drift.Of(Hours((_, _) => 150), _now));
        Assert.Null(Drift.Of(Hours((week, _) => week == 0 ? 40 : 10), _now)); // four times as slow, and nobody notices
        Assert.Null(Drift.Of(Hours((week, hour) => week == 0 && hour < 4 ? 400 : 150), _now)); // not long enough
        Assert.Null(Drift.Of(Hours((week, _) => week is 0 or 2 ? 400 : 150), _now)); // it has been as slow before
        Assert.Null(Drift.Of(Hours((week, _) => week == 0 ? 400 : week == 1 ? 150 : double.NaN), _now)); // one week says nothing
    }

    [Fact]
    public void An_hour_that_is_slow_every_week_is_not()
    {
        var medians = new Dictionary<DateTimeOffset, double>();
        for (var back = 1; back <= 24 * 29; back++)
            if (_now.AddHours(-back) is var hour) medians[hour] = hour is { DayOfWeek: DayOfWeek.Wednesday, Hour: >= 6 and < 12 } ? 900 : 100;
        Assert.Null(Drift.Of(medians, _now));
    }

    [Fact]
    public void A_slot_that_only_grows_is_told_from_one_that_is_read()
    {
        const double Gib = 1024.0 * 1024 * 1024;
        Assert.Equal((Gib, 11 * Gib), SlotGrowth.Of([.. Enumerable.Range(0, 11).Select(h => (_now.AddHours(h - 11), (h + 1) * Gib))]) is { } growth ? (growth.From, growth.To) : default);
        Assert.Null(SlotGrowth.Of([.. Enumerable.Range(0, 24).Select(h => (_now.AddHours(h - 24), h % 4 * Gib))]));
        Assert.Null(SlotGrowth.Of([.. Enumerable.Range(0, 24).Select(h => (_now.AddHours(h - 24), h * 1000.0))]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{}")]
    [InlineData("""{"values":[1],"from":"2026-11-01T00:00:00Z","now":"2026-11-02T00:00:00Z"}""")]
    [InlineData("""{"values":[1,2],"from":"2026-11-03T00:00:00Z","now":"2026-11-02T00:00:00Z"}""")]
    public void What_is_not_a_picture_is_none(string text) => Assert.Null(TrendPicture.Parse(text));

    [Fact]
    public void A_picture_survives_its_annotation()
    {
        var picture = new TrendPicture([.. Enumerable.Range(0, 700).Select(i => i / 3.0)], _now.AddDays(-28), _now, 1000, _now.AddDays(3), "B");
        var read = TrendPicture.Parse(picture.ToString())!;
        Assert.InRange(read.Values.Count, 100, 200);
        Assert.Equal((picture.From, picture.Now, picture.Limit, picture.Reached, picture.Unit), (read.From, read.Now, read.Limit, read.Reached, read.Unit));
    }

    /// <param name="count">Whole days before today.</param>
    /// <param name="value">By how many days ago it was, yesterday being 0.</param>
    private static List<(DateOnly, double)> Days(int count, Func<int, double> value) => [.. Enumerable.Range(0, count).Reverse().Select(day => (_today.AddDays(-1 - day), value(day)))];

    /// <param name="value">By week (0: today) and hours ago (0: the last whole one).</param>
    private static Dictionary<DateTimeOffset, double> Hours(Func<int, int, double> value) =>
        (from week in Enumerable.Range(0, 5) from hour in Enumerable.Range(0, 6) let ms = value(week, hour) where double.IsFinite(ms) select (At: _now.AddDays(-7 * week).AddHours(-1 - hour), ms)).ToDictionary(p => p.At, p => p.ms);
}
