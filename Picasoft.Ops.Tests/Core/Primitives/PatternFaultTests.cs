using System.Globalization;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Primitives;

public sealed class PatternFaultTests
{
    [Theory]
    [InlineData("(a", "a “(” is not closed; for the character itself write \\( (at character 2)")]
    [InlineData("a)", "a “)” closes nothing; for the character itself write \\) (at character 2)")]
    [InlineData("[a", "a “[” is not closed; for the character itself write \\[ (at character 2)")]
    [InlineData("*a", "before a *, + or ? stands nothing to repeat; for the character itself write a \\ before it (at character 1)")]
    [InlineData("a**", "two signs of repetition follow each other; put brackets around what the first repeats (at character 3)")]
    [InlineData("a{3,2}", "the numbers of a repetition {…} are too large, or the wrong way round (at character 6)")]
    [InlineData("[z-a]", "a range in […] goes from the smaller to the larger character, as in a-z (at character 4)")]
    [InlineData("a\\", "it ends with a lone \\; for the character itself write \\\\ (at character 2)")]
    [InlineData("\\y", "what follows a \\ has no meaning; for the character itself write \\\\ (at character 2)")]
    [InlineData("\\p{Nope}", "\\p wants a known category in braces, as in \\p{L} (at character 8)")]
    [InlineData("(a)\\2", "it refers to a group that is not there (at character 5)")]
    [InlineData("(?<0>a)", "the name of a group is made of letters, digits and “_”, as in (?<name>…) (at character 4)")]
    [InlineData("(?~a)", "what begins with “(?” is not known, or not closed (at character 3)")]
    [InlineData("(?(a)b|c|d)", "a condition (?(…)…|…) is not written as it should be (at character 11)")]
    [InlineData("(?=a)", "look-around, back-references and repetitions that need too much memory cannot be used, because patterns run in linear time")]
    [InlineData("(?P<x>a)(b", "a “(” is not closed; for the character itself write \\(")] // .NET was given another text: its place is none in ours
    public void What_is_wrong_with_a_pattern_is_said_to_people(string pattern, string why)
    {
        var phrase = LogPattern.WhyNot(pattern)!;
        Assert.Equal(why, phrase.In(new("en")));
        Assert.NotEqual(why, phrase.In(new("fr")));
    }

    [Fact]
    public void Every_mistake_that_the_engine_knows_has_words_in_both_languages() => Assert.All(Enum.GetValues<RegexParseError>(), error =>
        Assert.All(["en", "fr"], language => Assert.DoesNotContain("pattern.", Phrase.Of(PatternFault.KeyOf(error)).In(new CultureInfo(language)), StringComparison.Ordinal)));

    [Theory]
    [InlineData("service=~\"(\"", "\"(\" is not a usable regular expression: a “(” is not closed; for the character itself write \\(.")]
    [InlineData("service=~\"a\\\\\"", "\"a\\\" is not a usable regular expression: it ends with a lone \\; for the character itself write \\\\.")]
    [InlineData("service=~\"[[:vowel:]]\"", "\"[[:vowel:]]\" is not a usable regular expression: [:…:] wants a known name, as in [[:alpha:]].")]
    [InlineData("service=~\"[\\\\D]\"", "\"[\\D]\" is not a usable regular expression: \\D, \\W and \\S cannot be used within […].")]
    [InlineData("service=~\"(?=a)\"", "\"(?=a)\" is not a usable regular expression: what begins with “(?” is not known, or not closed.")]
    public void So_it_is_of_a_matcher(string matcher, string said) => Assert.Equal(said, Assert.Single(MatcherParser.Parse(matcher).Refusal!.Errors).Message.In(new("en")));
}
