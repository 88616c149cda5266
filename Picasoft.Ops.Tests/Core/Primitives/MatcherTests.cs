using CsCheck;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Primitives;

public class MatcherTests
{
    private static readonly LabelSet _mail = LabelSet.Of(("service", "mail"), ("severity", "critical"));

    [Theory]
    [InlineData("service=\"mail\"", true)]
    [InlineData("service=mail", true)]
    [InlineData("service = \"mail\"", true)]
    [InlineData("service!=\"mail\"", false)]
    [InlineData("service=~\"ma.*\"", true)]
    [InlineData("service=~\"ai\"", false)] // anchored at both ends
    [InlineData("service!~\"web|chat\"", true)]
    [InlineData("host=\"\"", true)] // absent is empty
    [InlineData("host!=\"\"", false)]
    [InlineData("severity=~\"critical|high\"", true)]
    [InlineData("\"service\"=\"mail\"", true)] // as since Alertmanager 0.27
    [InlineData("\"a=b\"=\"\"", true)]
    [InlineData("température=\"\"", true)]
    [InlineData("service=~mai\\w", true)]
    public void A_matcher_reads_as_in_Alertmanager(string text, bool matches) =>
        Assert.Equal(matches, MatcherParser.Parse(text).Value.Matches(_mail));

    [Theory]
    [InlineData("", "matcher.empty")]
    [InlineData("service", "matcher.no_operator")]
    [InlineData("service!mail", "matcher.no_operator")]
    [InlineData("=mail", "matcher.no_operator")]
    [InlineData("1a=mail", "matcher.bad_name")]
    [InlineData("service=\"mail", "matcher.bad_quotes")]
    [InlineData("service=ma\"il", "matcher.bad_quotes")]
    [InlineData("service=~\"(\"", "matcher.bad_regex")]
    [InlineData("service=~\"(a)\\\\1\"", "matcher.bad_regex")] // a back-reference could take exponential time
    public void A_wrong_matcher_is_refused_and_says_why(string text, string key) =>
        Assert.Equal(key, Assert.Single(MatcherParser.Parse(text).Refusal!.Errors).Message.Key);

    [Fact]
    public void What_a_matcher_prints_reads_back() =>
        Gen.Select(Gen.String[Gen.Char["ab_ =\"\\é"], 1, 5], Gen.String, Gen.Enum<MatchKind>()).Where((_, value, kind) => kind is MatchKind.Equal or MatchKind.NotEqual || !value.Any(c => !char.IsAsciiLetterOrDigit(c)))
            .Sample((name, value, kind) =>
            {
                var matcher = new Matcher(name, kind, value);
                return MatcherParser.Parse(matcher.ToString()).Value.Equals(matcher);
            });

    [Fact]
    public void No_text_breaks_the_parser() => Gen.String.Sample(text => { _ = MatcherParser.Parse(text).Refusal; });

    [Fact]
    public void Every_wrong_matcher_of_a_list_is_named()
    {
        var refusal = MatcherParser.ParseAll(["a=1", "b", "c=~\"(\""]).Refusal!;
        Assert.Equal(["matchers[1]", "matchers[2]"], refusal.Errors.Select(e => e.Field));
    }
}
