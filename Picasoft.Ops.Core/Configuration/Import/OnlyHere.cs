using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>Matchers for "these, but none of those". Pure.</summary>
internal static class OnlyHere
{
    /// <summary>More ways than this nobody would read.</summary>
    private const int MostWays = 16;

    /// <summary>Lists of matchers, at least one of which matches exactly what <paramref name="own"/> matches and none of <paramref name="others"/> does; null: too many. None: nothing is left.</summary>
    public static IReadOnlyList<IReadOnlyList<string>>? Of(IReadOnlyList<string> own, IEnumerable<IReadOnlyList<string>> others)
    {
        var mine = MatcherParser.ParseAll(own);
        if (!mine.IsDone) return null;
        List<IReadOnlyList<string>> ways = [own];
        foreach (var other in others)
        {
            var theirs = MatcherParser.ParseAll(other);
            if (!theirs.IsDone) return null;
            if (theirs.Value.Any(t => mine.Value.Any(m => Excludes(m, t)))) continue;
            // Not all of theirs: at least one of them does not match.
            ways = [.. ways.SelectMany(way => theirs.Value.Except(mine.Value).Select(t => Opposite(t).ToString()).Select(not => way.Contains(not, StringComparer.Ordinal) ? way : [.. way, not])).DistinctBy(w => string.Join('\n', w), StringComparer.Ordinal)];
            if (ways.Count > MostWays) return null;
        }
        return ways;
    }

    // Two values of one label, or a matcher and its opposite: nothing matches both.
    private static bool Excludes(Matcher one, Matcher other) =>
        one.Name == other.Name && ((one.Kind == MatchKind.Equal && !other.Matches(LabelSet.Of((one.Name, one.Value)))) || (other.Kind == MatchKind.Equal && !one.Matches(LabelSet.Of((other.Name, other.Value)))) || one.ToString() == Opposite(other).ToString());

    private static Matcher Opposite(Matcher matcher) => new(matcher.Name, matcher.Kind switch { MatchKind.Equal => MatchKind.NotEqual, MatchKind.NotEqual => MatchKind.Equal, MatchKind.Regex => MatchKind.NotRegex, _ => MatchKind.Regex }, matcher.Value);
}
