using System.Text;
using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>
/// What an alert says (labels, annotations, link) as one block of UTF-8, labels and annotations in order of their names. Equal blocks say the same:
/// an alert that is merely sent again is seen by comparing bytes, and thousands of them stay small in memory.
/// </summary>
public readonly struct AlertContent
{
    private readonly byte[] _bytes;

    /// <param name="bytes">As <see cref="AlertBatch"/> wrote it.</param>
    internal AlertContent(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Its labels, then its annotations, then at most one pair with an empty name: the link.</summary>
    public PairReader Pairs => new(_bytes);

    /// <summary>The value of a label; empty when there is none.</summary>
    public ReadOnlySpan<byte> this[ReadOnlySpan<byte> label]
    {
        get
        {
            var pairs = Pairs;
            while (pairs.MoveNext() && pairs.Kind == PairKind.Label)
                if (pairs.Name.SequenceEqual(label)) return pairs.Value;
            return [];
        }
    }

    public LabelSet Labels() => Set(PairKind.Label);

    public LabelSet Annotations() => Set(PairKind.Annotation);

    /// <summary>The link back to its source; null: none.</summary>
    public string? Link()
    {
        var pairs = Pairs;
        while (pairs.MoveNext())
            if (pairs.Kind == PairKind.Link) return Encoding.UTF8.GetString(pairs.Value);
        return null;
    }

    /// <summary>Writes the labels, or the annotations, as a JSON object.</summary>
    public void Write(Utf8JsonWriter json, PairKind kind)
    {
        json.WriteStartObject();
        var pairs = Pairs;
        while (pairs.MoveNext())
            if (pairs.Kind == kind) json.WriteString(pairs.Name, pairs.Value);
        json.WriteEndObject();
    }

    private LabelSet Set(PairKind kind)
    {
        var found = new List<KeyValuePair<string, string>>();
        var pairs = Pairs;
        while (pairs.MoveNext())
            if (pairs.Kind == kind) found.Add(new(Names.Of(pairs.Name), Encoding.UTF8.GetString(pairs.Value)));
        return LabelSet.Of(found);
    }
}

/// <summary>What a pair of an <see cref="AlertContent"/> is.</summary>
public enum PairKind : byte
{
    Label,
    Annotation,
    Link,
}

/// <summary>Walks over the pairs of an <see cref="AlertContent"/>. Each is: kind, length of the name, length of the value (seven bits a byte, the least first, as in LEB128), name, value.</summary>
public ref struct PairReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Most bytes before the name.</summary>
    internal const int MostHead = 11;

    private ReadOnlySpan<byte> _rest = bytes;

    public PairKind Kind { get; private set; }

    public ReadOnlySpan<byte> Name { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        Kind = (PairKind)_rest[0];
        var at = 1;
        var name = Length(ref at);
        var value = Length(ref at);
        Name = _rest.Slice(at, name);
        Value = _rest.Slice(at + name, value);
        _rest = _rest[(at + name + value)..];
        return true;
    }

    /// <summary>Writes what stands before the name; returns how many bytes that was.</summary>
    internal static int WriteHead(Span<byte> to, PairKind kind, int name, int value)
    {
        to[0] = (byte)kind;
        var at = 1;
        foreach (var length in (ReadOnlySpan<int>)[name, value])
        {
            var rest = (uint)length;
            for (; rest >= 0x80; rest >>= 7) to[at++] = (byte)(rest | 0x80);
            to[at++] = (byte)rest;
        }
        return at;
    }

    private readonly int Length(ref int at)
    {
        var length = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = _rest[at++];
            length |= (b & 0x7F) << shift;
            if (b < 0x80) return length;
        }
    }
}

/// <summary>The few names that labels have, each kept once.</summary>
internal static class Names
{
    private const int Most = 4096;
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    public static string Of(ReadOnlySpan<byte> utf8)
    {
        Span<char> chars = stackalloc char[64];
        if (utf8.Length > chars.Length) return Encoding.UTF8.GetString(utf8);
        var text = chars[..Encoding.UTF8.GetChars(utf8, chars)];
        var known = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(text, out var name)) return name;
        name = text.ToString();
        return _known.Count < Most ? _known.GetOrAdd(name, name) : name;
    }
}
