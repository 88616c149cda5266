using System.Globalization;
using Picasoft.Ops.Web.OnCall;

namespace Picasoft.Ops.Tests.Web.OnCall;

public sealed class DayRangeTests
{
    [Theory]
    [InlineData("2026-11-23", "2026-11-29", "en-GB", "23–29 Nov 2026")]
    [InlineData("2026-11-23", "2026-11-29", "fr-FR", "23–29 nov. 2026")]
    [InlineData("2026-11-30", "2026-12-06", "fr-FR", "30 nov. – 6 déc. 2026")]
    [InlineData("2026-12-28", "2027-01-03", "en-GB", "28 Dec 2026 – 3 Jan 2027")]
    [InlineData("2026-11-23", "2026-11-23", "en-GB", "23 Nov 2026")]
    public void What_both_days_share_is_said_once(string first, string last, string culture, string said) =>
        Assert.Equal(said, DayRange.Of(DateOnly.Parse(first, CultureInfo.InvariantCulture), DateOnly.Parse(last, CultureInfo.InvariantCulture), CultureInfo.GetCultureInfo(culture)));
}
