using System.Globalization;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Primitives;

public class PhraseTests
{
    private static readonly CultureInfo _french = CultureInfo.GetCultureInfo("fr-FR");
    private static readonly CultureInfo _english = CultureInfo.GetCultureInfo("en-GB");

    [Fact]
    public void The_same_phrase_is_said_in_each_readers_language()
    {
        var phrase = Phrase.Of("input.expected_integer", "abc");
        Assert.Equal("\"abc\" is not a whole number.", phrase.In(_english));
        Assert.Equal("«\u202fabc\u202f» n’est pas un nombre entier.", phrase.In(_french));
    }

    [Fact]
    public void Instants_are_told_in_the_readers_zone()
    {
        var until = new DateTimeOffset(2026, 11, 22, 17, 0, 0, TimeSpan.Zero);
        Assert.Contains("18:00", Phrase.Of("timeline.acknowledged_until", until).In(_french, TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris")));
    }

    [Fact]
    public void Severities_and_states_are_words_of_the_readers_language()
    {
        var raised = Phrase.Of("timeline.severity", Severity.High, Severity.Critical);
        Assert.Equal(("Severity high → critical.", "Gravité haute → critique."), (raised.In(_english), raised.In(_french)));
        Assert.Contains("maintenant pris en charge,", Phrase.Of("incident.changed_meanwhile", "sacha", IncidentState.Acknowledged, "sacha").In(_french), StringComparison.Ordinal);
        foreach (var severity in Enum.GetValues<Severity>()) Assert.DoesNotContain("severity.", Phrase.Of("timeline.severity", severity, severity).In(_french), StringComparison.Ordinal);
        foreach (var state in Enum.GetValues<IncidentState>()) Assert.DoesNotContain("state.", Phrase.Of("incident.changed_meanwhile", "a", state, "b").In(_french), StringComparison.Ordinal);
    }

    [Fact]
    public void A_phrase_without_words_still_says_something() => Assert.Equal("no.such: 1, 2", Phrase.Of("no.such", 1, 2).In(_english));

    [Theory]
    [InlineData(0, "And 0 more alerts.", "Et 0 alerte de plus.")]
    [InlineData(1, "And 1 more alert.", "Et 1 alerte de plus.")]
    [InlineData(2, "And 2 more alerts.", "Et 2 alertes de plus.")]
    public void A_word_goes_with_its_number(int count, string english, string french) =>
        Assert.Equal((english, french), (Phrase.Of("timeline.more_joined", count).In(_english), Phrase.Of("timeline.more_joined", count).In(_french)));

    [Fact]
    public void Braces_in_a_value_are_only_text() => Assert.Contains("{0} {x}", Phrase.Of("input.expected_integer", "{0} {x}").In(_english));
}
