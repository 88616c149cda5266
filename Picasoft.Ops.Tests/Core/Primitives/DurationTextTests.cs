using System.Globalization;
using CsCheck;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Primitives;

public class DurationTextTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("0s", 0)]
    public void People_write_lengths_of_time_in_short(string text, double milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var value));
        Assert.Equal(milliseconds, value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("1h 30m")]
    [InlineData("99999d")]
    [InlineData("1e9s")]
    [InlineData("30sec")]
    public void What_is_not_a_length_of_time_is_refused(string? text) => Assert.False(DurationText.TryParse(text, out _));

    [Fact]
    public void What_is_written_out_reads_back_the_same() =>
        Gen.Long[0, 3_000L * 86_400_000].Sample(ms =>
        {
            var value = TimeSpan.FromMilliseconds(ms);
            return DurationText.TryParse(DurationText.Exact(value), out var back) && back == value;
        });

    [Theory]
    [InlineData("14d", "fr", "14j")]
    [InlineData("1d12h", "fr", "1j12h")]
    [InlineData("14 j", "", "14d")]
    [InlineData("1j 12h", "", "1d12h")]
    [InlineData("90s", "fr", "90s")]
    [InlineData("14j", "en", "14d")]
    [InlineData("14 jours", "", "14 jours")]
    [InlineData("soon", "fr", "soon")]
    public void A_form_says_them_in_the_units_of_its_reader_and_takes_them_back(string text, string culture, string expected) =>
        Assert.Equal(expected, DurationText.In(text, CultureInfo.GetCultureInfo(culture)));

    [Theory]
    [InlineData("00:00:00.340", "en", "340 ms")]
    [InlineData("00:00:03.500", "fr", "3,5 s")]
    [InlineData("00:04:10", "en", "4 min 10 s")]
    [InlineData("02:05:00", "en", "2 h 5 min")]
    [InlineData("3.02:00:00", "fr", "3 j 2 h")]
    [InlineData("12.02:00:00", "en", "12 d")]
    public void Humans_are_told_two_units_at_most(string value, string culture, string expected) =>
        Assert.Equal(expected, DurationText.Rough(TimeSpan.Parse(value, CultureInfo.InvariantCulture), CultureInfo.GetCultureInfo(culture)));
}
