using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Primitives;

/// <summary>Patterns mean here what they mean in Alertmanager; the judge in Compat asks it about many more.</summary>
public class GoPatternTests
{
    [Theory]
    [InlineData("a", "a\n", false)] // $ is the very end
    [InlineData("a.b", "a\nb", false)]
    [InlineData("(?s)a.b", "a\nb", true)]
    [InlineData(@"\d+", "٣", false)]
    [InlineData(@"\w+", "é", false)]
    [InlineData("(?P<name>a)b", "ab", true)]
    [InlineData("[[:alpha:]]+", "ab", true)]
    [InlineData("[a-z-[aeiou]]", "b]", true)] // no subtraction: a set, then a bracket
    [InlineData(@"\Qa.b\E", "a.b", true)]
    [InlineData(@"\Qa.b\E", "axb", false)]
    [InlineData(@"\x41\x{42}", "AB", true)]
    [InlineData("a{,2}", "a{,2}", true)]
    [InlineData("(?i)mail", "MAIL", true)]
    public void A_pattern_means_what_it_means_in_Go(string pattern, string value, bool matches) =>
        Assert.Equal(matches, new Matcher("x", MatchKind.Regex, pattern).Matches(value));

    [Theory]
    [InlineData("(?=a)")]
    [InlineData("(?<=a)b")]
    [InlineData(@"(a)\1")]
    [InlineData("a)(b")]
    [InlineData("a**")]
    [InlineData("[a")]
    [InlineData(@"\e")]
    [InlineData("a{1001}")]
    [InlineData(@"a\")]
    public void What_Go_does_not_know_is_refused(string pattern) => Assert.ThrowsAny<ArgumentException>(() => new Matcher("x", MatchKind.Regex, pattern));
}
