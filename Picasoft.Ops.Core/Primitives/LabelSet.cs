using System.Collections;
using System.Text;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>The labels of an alert: names and values in ordinal order of the name, no empty values. Equal sets are equal. Prometheus' data model.</summary>
public sealed class LabelSet : IReadOnlyDictionary<string, string>, IEquatable<LabelSet>
{
    private const int Few = 64;

    private readonly KeyValuePair<string, string>[] _pairs;

    private LabelSet(KeyValuePair<string, string>[] sorted) => _pairs = sorted;

    public static LabelSet Empty { get; } = new([]);

    /// <summary>Labels with an empty value are dropped, as Alertmanager does. A name given twice: the last one counts.</summary>
    public static LabelSet Of(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var pairs = labels.ToArray();
        if (IsInOrder(pairs)) return new(pairs);
        // Stable, so that of two with one name the last one stays the last.
        if (pairs.Length <= Few) Sort(pairs);
        else pairs = [.. pairs.OrderBy(p => p.Key, StringComparer.Ordinal)];
        return new(IsInOrder(pairs) ? pairs : [.. pairs.Where((p, i) => p.Value.Length > 0 && (i + 1 == pairs.Length || !string.Equals(pairs[i + 1].Key, p.Key, StringComparison.Ordinal)))]);
    }

    private static void Sort(KeyValuePair<string, string>[] pairs)
    {
        for (var i = 1; i < pairs.Length; i++)
        {
            var (pair, j) = (pairs[i], i - 1);
            for (; j >= 0 && string.CompareOrdinal(pairs[j].Key, pair.Key) > 0; j--) pairs[j + 1] = pairs[j];
            pairs[j + 1] = pair;
        }
    }

    private static bool IsInOrder(KeyValuePair<string, string>[] pairs)
    {
        for (var i = 0; i < pairs.Length; i++)
            if (pairs[i].Value.Length == 0 || (i > 0 && string.CompareOrdinal(pairs[i - 1].Key, pairs[i].Key) >= 0)) return false;
        return true;
    }

    public static LabelSet Of(params (string Name, string Value)[] labels) => Of(labels.Select(l => KeyValuePair.Create(l.Name, l.Value)));

    public int Count => _pairs.Length;

    /// <summary>The value, or "" when there is no such label: what matchers compare with.</summary>
    public string this[string name] => TryGetValue(name, out var value) ? value : "";

    public IEnumerable<string> Keys => _pairs.Select(p => p.Key);

    public IEnumerable<string> Values => _pairs.Select(p => p.Value);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, out string value)
    {
        foreach (var pair in _pairs)
        {
            if (!string.Equals(pair.Key, key, StringComparison.Ordinal)) continue;
            value = pair.Value;
            return true;
        }
        value = "";
        return false;
    }

    /// <summary>
    /// Identity of the set: FNV-1a 64 over name, 0xFF, value, 0xFF in order, 16 hexadecimal digits.
    /// Prometheus' <c>model.LabelSet.Fingerprint</c>, so that the fingerprints of Alertmanager's clients agree with ours.
    /// </summary>
    public string Fingerprint()
    {
        var hash = LabelHash.Start;
        foreach (var (name, value) in _pairs) hash = LabelHash.Add(LabelHash.Add(hash, Encoding.UTF8.GetBytes(name)), Encoding.UTF8.GetBytes(value));
        return LabelHash.Text(hash);
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_pairs).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(LabelSet? other) => other is not null && _pairs.AsSpan().SequenceEqual(other._pairs);

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() => _pairs.Aggregate(0, (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));

    public override string ToString() => "{" + string.Join(", ", _pairs.Select(p => $"{p.Key}=\"{p.Value}\"")) + "}";
}

/// <summary>The arithmetic of <see cref="LabelSet.Fingerprint"/>, for labels that are bytes already: add each name and each value, in order.</summary>
public static class LabelHash
{
    public const ulong Start = 14695981039346656037UL;

    private const ulong Prime = 1099511628211UL;

    public static ulong Add(ulong hash, ReadOnlySpan<byte> text)
    {
        foreach (var b in text) hash = unchecked((hash ^ b) * Prime);
        return unchecked((hash ^ 0xFF) * Prime);
    }

    public static string Text(ulong hash) => hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
