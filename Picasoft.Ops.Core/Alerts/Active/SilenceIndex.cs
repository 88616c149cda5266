using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>Finds the silences whose matchers an alert matches: most name one value of one label, and are looked up by it. Pure.</summary>
public sealed class SilenceIndex
{
    private readonly Dictionary<ulong, List<Entry>> _byPair = [];
    private readonly List<Entry> _others = [];

    /// <param name="silences">A silence whose matchers cannot be read mutes nothing: rather one page too many.</param>
    public SilenceIndex(IEnumerable<Silence> silences)
    {
        foreach (var silence in silences)
        {
            var read = MatcherParser.ParseAll(silence.Matchers);
            if (!read.IsDone || read.Value.Count == 0) continue;
            var entry = new Entry(silence, [.. read.Value.Select(m => new ContentMatcher(m))]);
            if (read.Value.FirstOrDefault(m => m is { Kind: MatchKind.Equal, Value.Length: > 0 }) is not { } equal)
            {
                _others.Add(entry);
                continue;
            }
            var key = LabelHash.Add(LabelHash.Add(LabelHash.Start, System.Text.Encoding.UTF8.GetBytes(equal.Name)), System.Text.Encoding.UTF8.GetBytes(equal.Value));
            if (!_byPair.TryGetValue(key, out var same)) _byPair.Add(key, same = []);
            same.Add(entry);
        }
    }

    /// <summary>In the order in which they were made; whether they are active now is for the caller to see.</summary>
    public Silence[] Matching(AlertContent alert)
    {
        if (_byPair.Count + _others.Count == 0) return [];
        List<Silence>? found = null;
        var pairs = alert.Pairs;
        while (_byPair.Count > 0 && pairs.MoveNext() && pairs.Kind == PairKind.Label)
            if (_byPair.TryGetValue(LabelHash.Add(LabelHash.Add(LabelHash.Start, pairs.Name), pairs.Value), out var same)) Take(same);
        Take(_others);
        return found is null ? [] : [.. found.OrderBy(s => s.Id)];

        void Take(List<Entry> entries)
        {
            foreach (var entry in entries)
                if (ContentMatcher.All(entry.Matchers, alert)) (found ??= []).Add(entry.Silence);
        }
    }

    /// <summary>The same for labels that rules made of those of an alert.</summary>
    public Silence[] Matching(LabelSet labels)
    {
        if (_byPair.Count + _others.Count == 0) return [];
        using var batch = new AlertBatch();
        foreach (var (name, value) in labels) batch.Add(PairKind.Label, name, value);
        batch.End(default);
        return Matching(new AlertContent(batch.ContentOf(batch.Alerts[0]).ToArray()));
    }

    private sealed record Entry(Silence Silence, ContentMatcher[] Matchers);
}
