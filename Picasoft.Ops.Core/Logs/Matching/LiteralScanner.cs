namespace Picasoft.Ops.Core.Logs.Matching;

/// <summary>
/// Finds which of many literals stand in a line, all at once: the shifts of Wu and Manber ("A fast algorithm for multi-pattern searching", TR 94-17, 1994) over pairs of bytes.
/// Most of a line is jumped over. Ignores the case of ASCII letters, and may err towards "yes" for other letters: whoever asks looks closer.
/// </summary>
internal sealed class LiteralScanner
{
    private const int Pairs = 1 << 14;
    private readonly byte[] _shift = new byte[Pairs];
    private readonly ushort[] _first = new ushort[Pairs]; // 1 + where the bucket of a pair begins in _literals; 0: it is empty
    private readonly (byte[] Bytes, int Id, bool IsLast)[] _literals;
    private readonly int _window;

    /// <param name="literals">Lower-case, in UTF-8, each at least two bytes long, with what <see cref="Scan"/> is to say of it.</param>
    public LiteralScanner(IReadOnlyList<(byte[] Bytes, int Id)> literals)
    {
        _window = Math.Min(literals.Min(l => l.Bytes.Length), 32);
        Array.Fill(_shift, (byte)(_window - 1));
        foreach (var (bytes, _) in literals)
            for (var i = 0; i + 1 < _window; i++)
            {
                ref var shift = ref _shift[Pair(bytes[i], bytes[i + 1])];
                shift = Math.Min(shift, (byte)(_window - 2 - i));
            }
        var buckets = literals.GroupBy(l => Pair(l.Bytes[_window - 2], l.Bytes[_window - 1])).ToList();
        var all = new List<(byte[], int, bool)>(literals.Count);
        foreach (var bucket in buckets)
        {
            _first[bucket.Key] = checked((ushort)(all.Count + 1));
            all.AddRange(bucket.Select(l => (l.Bytes, l.Id, false)));
            all[^1] = (all[^1].Item1, all[^1].Item2, true);
        }
        _literals = [.. all];
    }

    /// <summary>Sets the bit of each literal's id that stands in the text.</summary>
    /// <param name="lower">The text with ASCII in lower case.</param>
    /// <returns>Whether there was one.</returns>
    public bool Scan(ReadOnlySpan<byte> lower, Span<ulong> found)
    {
        var any = false;
        for (var at = _window - 2; at + 1 < lower.Length;)
        {
            var pair = Pair(lower[at], lower[at + 1]);
            var shift = _shift[pair];
            if (shift > 0)
            {
                at += shift;
                continue;
            }
            var text = lower[(at - _window + 2)..];
            for (var i = _first[pair] - 1; i >= 0; i++)
            {
                ref readonly var literal = ref _literals[i];
                if (text.StartsWith(literal.Bytes))
                {
                    found[literal.Id >> 6] |= 1UL << (literal.Id & 63);
                    any = true;
                }
                if (literal.IsLast) break;
            }
            at++;
        }
        return any;
    }

    private static int Pair(byte a, byte b) => ((a & 127) << 7) | (b & 127);
}
