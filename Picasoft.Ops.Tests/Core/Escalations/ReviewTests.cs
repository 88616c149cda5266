using System.Globalization;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Escalations;

public sealed class ReviewTests
{
    private static readonly DateTimeOffset _monday = new(2026, 11, 22, 23, 0, 0, TimeSpan.Zero); // midnight in Paris
    private static readonly WallClock _paris = WallClock.Of("Europe/Paris");

    private static ReviewedIncident At(long number, double hours, string title, double? takenAfter = null, bool byItself = false) =>
        new(number, title, "wiki", Severity.High, _monday.AddHours(hours), ["camille"], takenAfter is null ? null : "camille", takenAfter is { } m ? _monday.AddHours(hours).AddMinutes(m) : null, _monday.AddHours(hours + 1), byItself ? null : "camille");

    [Fact]
    public void A_week_says_what_called_at_night_how_long_it_took_and_what_was_noise()
    {
        var review = Review.Of([At(3, 3, "Disk"), At(1, 10, "Disk", byItself: true), At(2, 12, "Wiki | <b>", 4), At(4, 23, "Wiki | <b>", 20), At(5, 30, "Disk", byItself: true)], _monday, _monday.AddDays(7), _paris);
        Assert.Equal((3, TimeSpan.FromMinutes(20), 0.4), (review.AtNight, review.Acknowledged, review.NoiseRatio));
        Assert.Equal([3, 1, 2, 4, 5], review.Incidents.Select(i => i.Number));
        Assert.Equal(("Disk", 3, 2, 5), (review.Noisy[0].Title, review.Noisy[0].Times, review.Noisy[0].Noise, review.Noisy[0].Newest));

        var text = review.Markdown(CultureInfo.GetCultureInfo("en"), _paris);
        Assert.StartsWith("# On call from 2026-11-23 to 2026-11-29\n", text, StringComparison.Ordinal);
        Assert.Contains("| 2 | 2026-11-23 12:00 | Wiki \\| &lt;b> | camille | camille (4 min) |", text, StringComparison.Ordinal);
        Assert.Contains("- Disk: 3 times, 2 for nothing", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quiet_week_is_one() => Assert.Equal((0, null, 0d), (Review.Of([], _monday, _monday.AddDays(7), _paris) is var r ? (r.AtNight, r.Acknowledged, r.NoiseRatio) : default));
}
