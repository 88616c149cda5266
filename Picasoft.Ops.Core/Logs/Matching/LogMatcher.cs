using System.Numerics;
using System.Text;

namespace Picasoft.Ops.Core.Logs.Matching;

/// <summary>A rule that a line concerns, and how.</summary>
public readonly record struct LogHit(CompiledRule Rule, LogRole Role);

/// <summary>
/// All rules that look at the lines of some machine and program, as one: a single pass over the bytes says which patterns may match, and only these are asked.
/// Can be shared by threads; each brings a <see cref="LogScratch"/> of its own.
/// </summary>
public sealed class LogMatcher
{
    /// <summary>Literals shorter than this would make the others' jumps short: they are looked for apart.</summary>
    private const int Long = 6;

    private readonly Entry[] _entries;
    private readonly ulong[] _always;
    private readonly LiteralScanner[] _scanners;

    public LogMatcher(IReadOnlyList<CompiledRule> rules)
    {
        Rules = rules;
        _entries = [.. rules.SelectMany(r => new[] { new Entry(r, LogRole.Match, r.Match), new Entry(r, LogRole.Follow, r.Follow!), new Entry(r, LogRole.End, r.End!) }.Where(e => e.Pattern is not null))];
        _always = new ulong[(_entries.Length + 63) / 64];
        var literals = new List<(byte[] Bytes, int Id)>();
        foreach (var (id, entry) in _entries.Index())
        {
            if (entry.Pattern.Literals.Count == 0) _always[id >> 6] |= 1UL << (id & 63);
            literals.AddRange(entry.Pattern.Literals.Select(l => (Encoding.UTF8.GetBytes(l), id)));
        }
        _scanners = [.. literals.GroupBy(l => l.Bytes.Length >= Long).Select(g => new LiteralScanner([.. g]))];
    }

    public IReadOnlyList<CompiledRule> Rules { get; }

    /// <summary>Finds what the line means to the rules.</summary>
    /// <param name="into">Emptied first. Nearly always stays empty.</param>
    public void Match(in LogLine line, LogScratch scratch, List<LogHit> into)
    {
        into.Clear();
        if (_entries.Length == 0) return;
        var found = scratch.Bits(_always);
        var lower = scratch.Lower(line.Text);
        foreach (var scanner in _scanners) scanner.Scan(lower, found);
        var decoded = default(ReadOnlySpan<char>);
        for (var word = 0; word < found.Length; word++)
        {
            for (var bits = found[word]; bits != 0; bits &= bits - 1)
            {
                ref readonly var entry = ref _entries[(word << 6) + BitOperations.TrailingZeroCount(bits)];
                if (line.Severity > entry.Rule.MaxSeverity) continue;
                if (decoded.IsEmpty && !(entry.Pattern.IsExact && entry.Rule.Unless is null)) decoded = scratch.Decode(line.Text);
                if (!entry.Pattern.IsMatch(line.Text, decoded)) continue;
                if (entry.Role == LogRole.Match && entry.Rule.Unless is { } unless && unless.IsMatch(line.Text, decoded)) continue;
                into.Add(new(entry.Rule, entry.Role));
            }
        }
    }

    private readonly record struct Entry(CompiledRule Rule, LogRole Role, LogPattern Pattern);
}

/// <summary>Memory that a thread uses again for every line.</summary>
public sealed class LogScratch
{
    private byte[] _lower = new byte[4096];
    private char[] _decoded = new char[4096];
    private ulong[] _bits = new ulong[8];

    internal Span<ulong> Bits(ulong[] from)
    {
        if (_bits.Length < from.Length) _bits = new ulong[from.Length];
        from.CopyTo(_bits, 0);
        return _bits.AsSpan(0, from.Length);
    }

    internal ReadOnlySpan<byte> Lower(ReadOnlySpan<byte> text)
    {
        if (_lower.Length < text.Length) _lower = new byte[BitOperations.RoundUpToPowerOf2((uint)text.Length)];
        // Stops at the first byte that is not ASCII: from there on byte by byte, which such lines are rare enough for.
        Ascii.ToLower(text, _lower, out var done);
        for (; done < text.Length; done++) _lower[done] = text[done] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[done] | 0x20) : text[done];
        return _lower.AsSpan(0, text.Length);
    }

    internal ReadOnlySpan<char> Decode(ReadOnlySpan<byte> text)
    {
        if (_decoded.Length < text.Length) _decoded = new char[BitOperations.RoundUpToPowerOf2((uint)text.Length)];
        return _decoded.AsSpan(0, Encoding.UTF8.GetChars(text, _decoded));
    }
}
