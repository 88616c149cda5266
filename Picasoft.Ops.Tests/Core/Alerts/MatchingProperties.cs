using System.Text.RegularExpressions;
using CsCheck;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Alerts;

/// <summary>Matching has three ways to say the same: matchers on label sets, on labels as they lie in memory, and the index over many silences. They agree, with each other and with the definition.</summary>
public class MatchingProperties
{
    private static readonly string[] _names = ["service", "host", "é"];
    private static readonly string[] _values = ["", "mail", "mail2", "a b", "été", "x\"y", "line\nfeed", "𝄞"];
    private static readonly string[] _patterns = ["", "mail", "mail.*", "mail|a b", ".+", ".*", "[a-z]+2?", "été", "x.y", "m"];

    private static readonly Gen<LabelSet> _labels = Gen.Int[0, _values.Length - 1].Array[_names.Length].Select(v => LabelSet.Of(_names.Zip(v, (name, i) => KeyValuePair.Create(name, _values[i]))));

    private static readonly Gen<Matcher> _matcher = Gen.Select(Of(_names), Gen.Enum<MatchKind>(), Of(_values), Of(_patterns))
        .Select((name, kind, value, pattern) => new Matcher(name, kind, kind is MatchKind.Regex or MatchKind.NotRegex ? pattern : value));

    private static readonly DateTimeOffset _now = new(2026, 11, 25, 21, 0, 0, TimeSpan.Zero);

    // Some are active, some are to come, some are over.
    private static readonly Gen<Silence[]> _silences = Gen.Select(_matcher.List[1, 3], Gen.Int[-2, 2]).List[0, 12].Select(some => some.Select((s, i) => new Silence
    {
        Id = i + 1,
        Matchers = [.. s.Item1.Select(m => m.ToString())],
        StartsAt = _now.AddHours(s.Item2),
        EndsAt = _now.AddHours(s.Item2 + 1.5),
    }).ToArray());

    [Fact]
    public void A_matcher_means_what_Alertmanager_says() => Gen.Select(_matcher, _labels).Sample((matcher, labels) =>
    {
        var value = labels.TryGetValue(matcher.Name, out var given) ? given : ""; // absent is empty
        var expected = matcher.Kind switch
        {
            MatchKind.Equal => value == matcher.Value,
            MatchKind.NotEqual => value != matcher.Value,
            MatchKind.Regex => Whole(matcher.Value, value),
            _ => !Whole(matcher.Value, value),
        };
        Assert.Equal(expected, matcher.Matches(labels));
        // The same of labels as they lie in memory. (A silence that only asks for what is absent is read all the same.)
        Assert.Equal(expected, new SilenceIndex([new Silence { Id = 1, Matchers = [matcher.ToString()] }]).Matching(labels).Length == 1);
    });

    [Fact]
    public void A_matcher_and_its_opposite_part_all_alerts() => Gen.Select(_matcher, _labels).Sample((matcher, labels) =>
    {
        var opposite = new Matcher(matcher.Name, matcher.Kind switch { MatchKind.Equal => MatchKind.NotEqual, MatchKind.NotEqual => MatchKind.Equal, MatchKind.Regex => MatchKind.NotRegex, _ => MatchKind.Regex }, matcher.Value);
        return matcher.Matches(labels) != opposite.Matches(labels);
    });

    [Fact]
    public void The_index_finds_the_silences_that_looking_at_each_finds() => Gen.Select(_silences, _labels).Sample((silences, labels) =>
    {
        var each = silences.Where(s => MatcherParser.ParseAll(s.Matchers).Value.All(m => m.Matches(labels))).Select(s => s.Id).ToList();
        Assert.Equal(each, new SilenceIndex(silences).Matching(labels).Select(s => s.Id));
        Assert.Equal(each.Where(id => silences[id - 1].StateAt(_now) == SilenceState.Active), new Silencing(silences, _now).Muting(labels).Select(s => s.Id));
    });

    // .NET's own engine, backtracking: another one than the matcher's. A dot is no line feed, as in Go.
    private static bool Whole(string pattern, string value) => Regex.IsMatch(value, $@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static Gen<string> Of(string[] some) => Gen.Int[0, some.Length - 1].Select(i => some[i]);
}
