using System.Globalization;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Shell;
using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Tests.Web.Ui;

public sealed class ChipTests : BunitContext
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);

    public ChipTests()
    {
        Services.AddTexts();
        Services.AddSingleton<TimeProvider>(new FakeTimeProvider(_now));
    }

    [Fact]
    public void A_severity_is_a_word_and_a_shape_not_only_a_colour()
    {
        using var _ = Language("fr");
        var chip = Render<SeverityChip>(p => p.Add(c => c.Severity, Severity.Critical)).Find("span");
        Assert.Equal(("Critique", "chip sev-critical"), (chip.TextContent, chip.ClassName));
    }

    [Fact]
    public void Every_severity_and_state_has_a_word_in_both_languages()
    {
        foreach (var language in new[] { "en", "fr" })
        {
            using var _ = Language(language);
            foreach (var severity in Enum.GetValues<Severity>()) Assert.DoesNotContain("severity.", Render<SeverityChip>(p => p.Add(c => c.Severity, severity)).Markup, StringComparison.Ordinal);
            foreach (var state in Enum.GetValues<IncidentState>()) Assert.DoesNotContain("state.", Render<StateChip>(p => p.Add(c => c.State, state)).Markup, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("en", 3, "just now")]
    [InlineData("en", 59, "59 s ago")]
    [InlineData("en", 60, "1 min ago")]
    [InlineData("fr", 4 * 60 + 59, "il y a 4 min")]
    [InlineData("fr", 47 * 3600, "il y a 47 h")]
    [InlineData("fr", 49 * 3600, "il y a 2 j")]
    [InlineData("fr", -600, "dans 10 min")]
    [InlineData("fr", -(2 * 3600 - 12), "dans 1 h 59 min")]
    [InlineData("en", -(12 * 3600 + 600), "in 12 h")]
    [InlineData("en", -(2 * 86400 + 23 * 3600), "in 2 d 23 h")]
    public void An_age_is_said_in_one_unit_and_a_wait_in_two_rounded_down(string language, int seconds, string said)
    {
        using var _ = Language(language);
        var time = Render<TimeAgo>(p => p.Add(t => t.At, _now.AddSeconds(-seconds))).Find("time");
        Assert.Equal(said, time.TextContent);
        Assert.Equal(_now.AddSeconds(-seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), time.GetAttribute("datetime"));
    }

    private static Restore Language(string name)
    {
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new(name);
        return new(before);
    }

    private sealed class Restore(CultureInfo before) : IDisposable
    {
        public void Dispose() => CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = before;
    }
}
