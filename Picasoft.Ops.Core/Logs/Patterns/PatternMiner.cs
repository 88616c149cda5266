using System.Runtime.InteropServices;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>
/// Finds the kinds of lines in a stream, in one pass and bounded memory. A line is first reduced to its words and holes by <see cref="LineTokenizer"/>; lines that read the same then
/// are one pattern. What is left, words that are values (names of people, hosts, programs), is found by <see cref="PatternMerger"/> from the patterns themselves, never from the lines
/// again. One set of parameters for every program. See ADR 14 for the papers and for what was measured. Not thread-safe.
/// </summary>
public sealed class PatternMiner
{
    private readonly Dictionary<ulong, Pattern> _patterns = [];
    private readonly Dictionary<int, Shelf> _shelves = [];
    private readonly PatternOptions _options;
    private long _lines;
    private int _nextId = 1;

    public PatternMiner(PatternOptions? options = null) => _options = options ?? new();

    /// <summary>The patterns that live.</summary>
    public IEnumerable<Pattern> Patterns => _patterns.Values;

    public int Count => _patterns.Count;

    /// <summary>Patterns that were forgotten because there were too many.</summary>
    public long Forgotten { get; private set; }

    /// <summary>The pattern of a line; a new one has <see cref="Pattern.Count"/> 1. Ask for its <see cref="Pattern.Current"/> later.</summary>
    public Pattern Add(ReadOnlySpan<char> line)
    {
        Span<LineToken> tokens = stackalloc LineToken[LineTokenizer.MaxTokens];
        Span<ulong> parts = stackalloc ulong[LineTokenizer.MaxTokens];
        var message = LogHeader.Strip(line);
        tokens = tokens[..LineTokenizer.Read(message, tokens)];
        var hash = WordHash.Length(tokens.Length);
        for (var i = 0; i < tokens.Length; i++)
        {
            parts[i] = tokens[i].IsValue ? WordHash.Hole(i) : WordHash.Of(message.Slice(tokens[i].Start, tokens[i].Length), i);
            hash += parts[i];
        }
        _lines++;
        ref var shelf = ref CollectionsMarshal.GetValueRefOrAddDefault(_shelves, tokens.Length, out _);
        shelf ??= new();
        var found = Find(hash, parts, shelf) ?? Create(message, tokens, hash, shelf);
        found.Count++;
        found.LastSeen = _lines;
        return found;
    }

    /// <summary>Looks for places that hold values in everything seen. Done by itself as patterns come; call it before results are read.</summary>
    public void Settle()
    {
        foreach (var shelf in _shelves.Values.Where(s => s.Unsettled > 0)) Settle(shelf);
    }

    /// <summary>Puts a stored pattern back.</summary>
    /// <param name="key">From <see cref="Pattern.ToKey"/>.</param>
    public Pattern Restore(string key, long count)
    {
        var pattern = Pattern.Parse(_nextId++, key);
        pattern.Count = count;
        return Keep(pattern);
    }

    private Pattern? Find(ulong hash, ReadOnlySpan<ulong> parts, Shelf shelf)
    {
        if (_patterns.TryGetValue(hash, out var found)) return found;
        foreach (var mask in shelf.Masks)
        {
            var masked = hash;
            foreach (var place in mask) masked += WordHash.Hole(place) - parts[place];
            if (_patterns.TryGetValue(masked, out found)) return found;
        }
        return null;
    }

    private Pattern Create(ReadOnlySpan<char> message, ReadOnlySpan<LineToken> tokens, ulong hash, Shelf shelf)
    {
        var words = new string?[tokens.Length];
        var spaced = new bool[tokens.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            spaced[i] = tokens[i].SpaceBefore;
            if (!tokens[i].IsValue) words[i] = message.Slice(tokens[i].Start, tokens[i].Length).ToString();
        }
        var pattern = new Pattern(_nextId++, words, spaced);
        if (_patterns.Count >= _options.MaxPatterns) Forget();
        _patterns[hash] = pattern;
        shelf.Patterns.Add(pattern);
        shelf.Unsettled++;
        pattern.LastSeen = _lines;
        if (shelf.Unsettled >= Math.Max(_options.SettleAfter, shelf.Patterns.Count / 4)) Settle(shelf);
        return pattern.Current;
    }

    private void Settle(Shelf shelf)
    {
        shelf.Unsettled = 0;
        foreach (var (group, into) in new PatternMerger(shelf.Patterns).Merge())
        {
            foreach (var old in group)
            {
                _patterns.Remove(old.Hash);
                shelf.Patterns.Remove(old);
            }
            var kept = Keep(new Pattern(_nextId++, into, group[0].Spaced));
            foreach (var old in group) old.MergeInto(kept);
        }
    }

    private Pattern Keep(Pattern pattern)
    {
        var hash = pattern.Hash;
        if (_patterns.TryGetValue(hash, out var there)) { pattern.MergeInto(there); return there; }
        ref var shelf = ref CollectionsMarshal.GetValueRefOrAddDefault(_shelves, pattern.Words.Length, out _);
        shelf ??= new();
        _patterns[hash] = pattern;
        shelf.Patterns.Add(pattern);
        shelf.Learn(pattern, _options.MaxMasks);
        return pattern;
    }

    private void Forget()
    {
        Settle();
        if (_patterns.Count < _options.MaxPatterns) return;
        // Merged ones and frequent ones are what was learnt; the rest is noise, the oldest first.
        foreach (var old in _patterns.Values.OrderBy(p => p.Count > 1).ThenBy(p => p.LastSeen).Take(_options.MaxPatterns / 4).ToList())
        {
            _patterns.Remove(old.Hash);
            _shelves[old.Words.Length].Patterns.Remove(old);
            old.IsForgotten = true;
            Forgotten++;
        }
    }

    /// <summary>The patterns with the same number of places.</summary>
    private sealed class Shelf
    {
        private readonly HashSet<string> _known = [];

        public HashSet<Pattern> Patterns { get; } = [];

        /// <summary>Which places hold words that are values: a line not found as it is, is looked for with these left out.</summary>
        public List<int[]> Masks { get; } = [];

        public int Unsettled { get; set; }

        public void Learn(Pattern pattern, int max)
        {
            if (Masks.Count >= max || Array.TrueForAll(pattern.Words, w => w is not null)) return;
            var holes = Enumerable.Range(0, pattern.Words.Length).Where(i => pattern.Words[i] is null).ToArray();
            if (holes.Length < pattern.Words.Length && _known.Add(string.Join(',', holes))) Masks.Add(holes);
        }
    }
}

/// <summary>The miner's limits; the same for everything it is used on.</summary>
public sealed record PatternOptions
{
    /// <summary>Patterns kept; beyond it the oldest that were seen once are forgotten.</summary>
    public int MaxPatterns { get; init; } = 20_000;

    /// <summary>New patterns of a length before it is looked at for values again.</summary>
    public int SettleAfter { get; init; } = 16;

    /// <summary>Sets of places tried for a line of a length.</summary>
    public int MaxMasks { get; init; } = 64;
}
