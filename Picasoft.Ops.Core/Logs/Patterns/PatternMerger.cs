using System.Runtime.InteropServices;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>
/// Decides which words of patterns with the same number of places are values: patterns that differ at one place only are a family, and a family with many more members than
/// a sentence has alternatives is one pattern with a hole. What "many" is depends on the place: after <c>user</c> two names are enough, the first word of a line is seldom a value.
/// Then the same for two places at once. Pure.
/// </summary>
internal sealed class PatternMerger(IReadOnlyCollection<Pattern> patterns)
{
    private const int MaxRounds = 4;

    /// <summary>Words of a pattern that pairs are made of: a longer one has enough in common without.</summary>
    private const int MaxPaired = 14;

    private const int MaxForPairs = 512, MinForFrames = 64, FrameMembers = 16;

    /// <returns>Groups that are one, with what they have in common.</returns>
    public List<(List<Pattern> Group, string?[] Into)> Merge()
    {
        var live = patterns.Select(p => new Member(p)).ToList();
        for (var round = 0; round < MaxRounds; round++)
        {
            var before = live.Count;
            live = Once(live, Singles(live));
            if (live.Count == before && live.Count <= MaxForPairs) live = Once(live, Pairs(live));
            if (live.Count == before && live.Count >= MinForFrames) live = Once(live, Frames(live));
            if (live.Count == before) break;
        }
        return [.. live.Where(m => m.Of.Count > 1).Select(m => (m.Of, m.Words))];
    }

    private static List<Member> Once(List<Member> live, IEnumerable<Family> families)
    {
        var gone = new HashSet<Member>(ReferenceEqualityComparer.Instance);
        var merged = new Dictionary<ulong, Member>();
        foreach (var family in families.OrderByDescending(f => f.Strength))
        {
            var members = family.Members.Where(m => !gone.Contains(m)).ToList();
            if (members.Count < 2 || members.Count * 2 < family.Members.Count) continue;
            gone.UnionWith(members);
            var member = Member.Join(members, family.Places);
            if (merged.TryGetValue(member.Hash, out var there)) there.Of.AddRange(member.Of);
            else merged.Add(member.Hash, member);
        }
        if (gone.Count == 0) return live;
        var next = new List<Member>(live.Count);
        foreach (var kept in live.Where(m => !gone.Contains(m)))
        {
            if (merged.TryGetValue(kept.Hash, out var there)) there.Of.AddRange(kept.Of);
            else next.Add(kept);
        }
        next.AddRange(merged.Values);
        return next;
    }

    private static IEnumerable<Family> Singles(List<Member> live)
    {
        foreach (var (places, members) in Families(live, 2, (member, keys) =>
        {
            for (var i = 0; i < member.Words.Length; i++)
                if (member.IsOpen(i)) keys.Add((member.Without(i), i, -1));
        }))
        {
            var strength = Strength(members, places.First, 1);
            if (strength >= 1) yield return new(members, [places.First], strength);
        }
    }

    private static IEnumerable<Family> Pairs(List<Member> live)
    {
        foreach (var (places, members) in Families(live, 4, (member, keys) =>
        {
            if (member.Constants < 4) return;
            var open = Enumerable.Range(1, member.Words.Length - 1).Where(member.IsOpen).Take(MaxPaired).ToArray();
            for (var a = 0; a < open.Length; a++)
                for (var b = a + 1; b < open.Length; b++) keys.Add((member.Without(open[a], open[b]), open[a], open[b]));
        }))
        {
            var strength = Math.Min(Strength(members, places.First, 2), Strength(members, places.Second, 2));
            if (strength >= 1) yield return new(members, [places.First, places.Second], strength);
        }
    }

    /// <summary>
    /// Among many patterns, those that share their frequent words and differ in the rest: any number of places at once (as SLCT, LogCluster and Brain see lines).
    /// </summary>
    private static IEnumerable<Family> Frames(List<Member> live)
    {
        var seen = new Dictionary<ulong, int>();
        foreach (var member in live)
            for (var i = 0; i < member.Words.Length; i++) CollectionsMarshal.GetValueRefOrAddDefault(seen, member.Part(i), out _)++;
        var frequent = Math.Max(FrameMembers, live.Count / 200);
        foreach (var group in live.GroupBy(m => m.Frame(i => seen[m.Part(i)] >= frequent)).Where(g => g.Count() >= FrameMembers))
        {
            var members = group.ToList();
            var places = Enumerable.Range(0, members[0].Words.Length).Where(i => members[0].IsOpen(i) && seen[members[0].Part(i)] < frequent).ToArray();
            var kept = members[0].Constants - places.Count(i => members[0].Words[i] is not null);
            if (places.Length == 0 || kept < 2 || kept < places.Length) continue;
            if (places.All(i => members.Select(m => m.Words[i]).Distinct(StringComparer.Ordinal).Take(FrameMembers / 2).Count() == FrameMembers / 2)) yield return new(members, places, 1);
        }
    }

    private static IEnumerable<((int First, int Second) Places, List<Member> Members)> Families(List<Member> live, int least, Action<Member, List<(ulong, int, int)>> keysOf)
    {
        // Counted first: nearly all families have one member, and need no list.
        var counts = new Dictionary<(ulong, int, int), int>();
        var keys = new List<(ulong, int, int)>();
        foreach (var member in live)
        {
            keys.Clear();
            keysOf(member, keys);
            foreach (var key in keys) CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;
        }
        var families = new Dictionary<(ulong, int, int), List<Member>>();
        foreach (var member in live)
        {
            keys.Clear();
            keysOf(member, keys);
            foreach (var key in keys)
            {
                if (counts[key] < least) continue;
                ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(families, key, out _);
                (list ??= []).Add(member);
            }
        }
        return families.Select(f => ((f.Key.Item2, f.Key.Item3), f.Value));
    }

    /// <summary>How far the alternatives at a place outnumber what a sentence would have; from 1 on they are values.</summary>
    /// <param name="free">Places that differ in the family.</param>
    private static double Strength(List<Member> members, int place, int free)
    {
        var alternatives = new HashSet<string>(StringComparer.Ordinal);
        var hole = false;
        var names = 0;
        foreach (var member in members)
        {
            if (member.Words[place] is not { } word) hole = true;
            else if (alternatives.Add(word) && TokenKinds.IsName(word)) names++;
        }
        if (alternatives.Count == 0) return 0;
        var constants = members[0].Constants - (members[0].Words[place] is null ? 0 : free);
        var before = place > 0 ? members[0].Words[place - 1] : null;
        var needed = place == 0 ? 12 : before is not null && TokenKinds.IsNaming(before) ? 2 : before == "=" ? 4 : constants >= 8 ? 5 : 6;
        if (place > 0 && IsSeries(alternatives)) needed = 2;
        if (place > 0 && names * 2 >= alternatives.Count) needed = Math.Min(needed, 3);
        if (hole && constants >= 4) needed = Math.Min(needed, 3); // values stand there already
        return (alternatives.Count + (hole ? 2 : 0)) / (double)needed;
    }

    /// <summary><c>cpu0</c>, <c>cpu1</c>: one of several.</summary>
    private static bool IsSeries(HashSet<string> words)
    {
        var first = words.First();
        return words.All(w => TokenKinds.IsNumbered(w) && !TokenKinds.IsProtocol(w) && w.AsSpan(0, w.Length - 1).SequenceEqual(first.AsSpan(0, first.Length - 1)));
    }

    private sealed record Family(List<Member> Members, int[] Places, double Strength);

    private sealed class Member
    {
        private readonly ulong[] _parts;

        public Member(Pattern pattern) : this(pattern.Words, [pattern]) { }

        private Member(string?[] words, List<Pattern> of)
        {
            Words = words;
            Of = of;
            _parts = new ulong[words.Length];
            Hash = WordHash.Length(words.Length);
            for (var i = 0; i < words.Length; i++)
            {
                _parts[i] = words[i] is { } word ? WordHash.Of(word, i) : WordHash.Hole(i);
                Hash += _parts[i];
                if (words[i] is { } text && char.IsLetter(text[0])) Constants++;
            }
        }

        public string?[] Words { get; }

        public List<Pattern> Of { get; }

        public ulong Hash { get; }

        /// <summary>Words that say something.</summary>
        public int Constants { get; }

        public ulong Part(int place) => _parts[place];

        /// <summary>The hash with a hole there.</summary>
        public ulong Without(int place) => Hash - _parts[place] + WordHash.Hole(place);

        public ulong Without(int first, int second) => Without(first) - _parts[second] + WordHash.Hole(second);

        /// <summary>The hash with holes wherever a word is not <paramref name="frequent"/>.</summary>
        public ulong Frame(Func<int, bool> frequent)
        {
            var hash = Hash;
            for (var i = 0; i < Words.Length; i++)
                if (IsOpen(i) && !frequent(i)) hash += WordHash.Hole(i) - _parts[i];
            return hash;
        }

        /// <summary>Punctuation is never a value.</summary>
        public bool IsOpen(int place) => Words[place] is not { } word || char.IsLetterOrDigit(word[^1]) || char.IsLetterOrDigit(word[0]);

        public static Member Join(List<Member> members, int[] places)
        {
            var words = (string?[])members[0].Words.Clone();
            foreach (var place in places) words[place] = null;
            return new(words, [.. members.SelectMany(m => m.Of)]);
        }
    }
}
