using System.Globalization;
using System.Text;

namespace Picasoft.Ops.Core.Logs.Matching;

/// <summary>
/// What every match of a regular expression must hold: the idea of Google Code Search (R. Cox, 2012) and of Hyperscan's decomposition (Wang et al., NSDI 2019), in its simplest form.
/// Errs on the side of knowing nothing. Pure.
/// </summary>
/// <param name="Any">One of these, in lower-case ASCII; empty: nothing is known.</param>
/// <param name="Exact">The pattern is this text and nothing else.</param>
public sealed record RequiredLiterals(IReadOnlyList<string> Any, string? Exact)
{
    /// <summary>A shorter literal is in every other line.</summary>
    public const int MinLength = 3;

    private const int MaxAlternatives = 64;
    private const int MaxLength = 32;

    private static readonly RequiredLiterals _nothing = new([], null);

    /// <param name="pattern">A pattern that compiled.</param>
    public static RequiredLiterals Of(string pattern)
    {
        try
        {
            var reader = new Reader(pattern);
            var node = reader.Alternation();
            if (reader.IsLost) return _nothing;
            var any = node.Exact is { Length: >= MinLength } text ? [text] : node.Any ?? [];
            var folded = any.Select(l => Fold(l, reader.IgnoresCase)).ToList();
            if (folded.Count == 0 || folded.Exists(l => l.Length < MinLength)) folded = [];
            return new(folded.Distinct(StringComparer.Ordinal).ToList(), reader.IgnoresCase || reader.HasAnchors || node.Exact is null or "" ? null : node.Exact);
        }
        catch (FormatException)
        {
            return _nothing; // a corner of the syntax that this does not read: the engine will look at every line
        }
    }

    // Letters beyond ASCII fold in ways that bytes do not show: then the longest part without them must do. A scan needs no more than the beginning of a long literal.
    private static string Fold(string literal, bool ignoresCase)
    {
        if (ignoresCase && literal.Any(c => c > 127)) literal = literal.Split([.. literal.Where(c => c > 127).Distinct()]).MaxBy(p => p.Length) ?? "";
        if (literal.Length > MaxLength) literal = literal[..(char.IsHighSurrogate(literal[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
        return string.Create(literal.Length, literal, (to, from) => { for (var i = 0; i < to.Length; i++) to[i] = from[i] is >= 'A' and <= 'Z' ? (char)(from[i] | 0x20) : from[i]; });
    }

    /// <summary>What is known of a part: it is exactly this text, or it holds one of these, or neither.</summary>
    private readonly record struct Node(string? Exact, IReadOnlyList<string>? Any)
    {
        public IReadOnlyList<string>? Best => Exact is { Length: > 0 } ? [Exact] : Any;
    }

    private sealed class Reader(string pattern)
    {
        private int _at;

        public bool IgnoresCase { get; private set; }

        public bool HasAnchors { get; private set; }

        public bool IsLost => _at < pattern.Length;

        private bool More => _at < pattern.Length;

        public Node Alternation()
        {
            var branches = new List<Node> { Sequence() };
            while (More && pattern[_at] == '|')
            {
                _at++;
                branches.Add(Sequence());
            }
            if (branches.Count == 1) return branches[0];
            if (branches.Exists(b => b.Best is null)) return default;
            var all = branches.SelectMany(b => b.Best!).Distinct(StringComparer.Ordinal).ToList();
            return all.Count > MaxAlternatives ? default : new(null, all);
        }

        private Node Sequence()
        {
            var (run, runs, isExact) = (new StringBuilder(), new List<IReadOnlyList<string>>(), true);
            while (More && pattern[_at] is not ('|' or ')'))
            {
                var node = Atom();
                if (Quantifier() is { } least)
                {
                    isExact = false;
                    Flush();
                    if (least > 0 && node.Best is { } best) runs.Add(best);
                }
                else if (node.Exact is { } text) run.Append(text);
                else
                {
                    isExact = false;
                    Flush();
                    if (node.Any is { } any) runs.Add(any);
                }
            }
            if (isExact) return new(run.ToString(), null);
            Flush();
            return new(null, runs.Count == 0 ? null : runs.MaxBy(r => (Math.Min(r.Min(l => l.Length), 12), -r.Count, r.Min(l => l.Length))));

            void Flush()
            {
                if (run.Length > 0) runs.Add([run.ToString()]);
                run.Clear();
            }
        }

        /// <summary>The least number of times; null: there is no quantifier, so exactly once.</summary>
        private int? Quantifier()
        {
            if (!More) return null;
            int? least = pattern[_at] switch { '*' or '?' => 0, '+' => 1, _ => null };
            if (least is not null) _at++;
            else if (pattern[_at] == '{' && Count() is { } count) least = count;
            if (least is not null && More && pattern[_at] == '?') _at++;
            return least;
        }

        private int? Count()
        {
            var end = pattern.IndexOf('}', _at);
            if (end < 0) return null;
            var inside = pattern[(_at + 1)..end];
            if (inside.Length == 0 || !char.IsAsciiDigit(inside[0]) || !inside.All(c => char.IsAsciiDigit(c) || c == ',') || inside.Count(c => c == ',') > 1) return null;
            _at = end + 1;
            return int.TryParse(inside.Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var least) ? least : 0;
        }

        private Node Atom()
        {
            var c = pattern[_at++];
            switch (c)
            {
                case '^' or '$':
                    HasAnchors = true;
                    return new("", null);
                case '.': return default;
                case '[':
                    Class();
                    return default;
                case '(': return Group();
                case '\\': return Escape();
                default:
                    if (!char.IsHighSurrogate(c) || !More) return new(c.ToString(), null);
                    return new(string.Concat(c, pattern[_at++]), null);
            }
        }

        private Node Group()
        {
            if (More && pattern[_at] == '?')
            {
                _at++;
                if (!More) throw new FormatException();
                switch (pattern[_at])
                {
                    case '#':
                        _at = pattern.IndexOf(')', _at) + 1;
                        if (_at == 0) throw new FormatException();
                        return new("", null);
                    case '<' or '\'':
                        _at = pattern.IndexOf(pattern[_at] == '<' ? '>' : '\'', _at + 1) + 1;
                        if (_at == 0) throw new FormatException();
                        break;
                    default:
                        var end = pattern.AsSpan(_at).IndexOfAny(':', ')') + _at;
                        var flags = pattern[_at..end];
                        if (flags.Any(f => f is not ('i' or 'm' or 's' or 'n' or '-'))) throw new FormatException(); // (?x) changes what the rest means
                        IgnoresCase |= flags.Contains('i', StringComparison.Ordinal);
                        _at = end + 1;
                        if (pattern[end] == ')') return new("", null);
                        break;
                }
            }
            var inner = Alternation();
            if (!More) throw new FormatException();
            _at++;
            return inner;
        }

        private Node Escape()
        {
            if (!More) throw new FormatException();
            var c = pattern[_at++];
            switch (c)
            {
                case 'b' or 'B' or 'A' or 'z' or 'Z' or 'G':
                    HasAnchors = true;
                    return new("", null);
                case 'd' or 'D' or 'w' or 'W' or 's' or 'S': return default;
                case 't': return new("\t", null);
                case 'p' or 'P':
                    _at = pattern.IndexOf('}', _at) + 1;
                    if (_at == 0) throw new FormatException();
                    return default;
                case 'x' or 'u':
                    var length = c == 'x' ? 2 : 4;
                    if (_at + length > pattern.Length) throw new FormatException();
                    var code = (char)int.Parse(pattern.AsSpan(_at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                    _at += length;
                    return char.IsSurrogate(code) ? default : new(code.ToString(), null);
                default:
                    if (char.IsAsciiLetterOrDigit(c)) throw new FormatException();
                    return new(c.ToString(), null);
            }
        }

        private void Class()
        {
            if (More && pattern[_at] == '^') _at++;
            for (var first = true; More; first = false)
            {
                var c = pattern[_at++];
                if (c == ']' && !first) return;
                if (c == '\\') _at++;
                else if (c == '[' && _at >= 2 && pattern[_at - 2] == '-' && !first) Class(); // .NET's subtraction
            }
            throw new FormatException();
        }
    }
}
