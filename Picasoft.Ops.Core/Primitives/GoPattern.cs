using System.Globalization;
using System.Text;

namespace Picasoft.Ops.Core.Primitives;

/// <summary>
/// Regular expressions as Prometheus' world writes them (Go's RE2), told to .NET: the classes <c>\d \w \s \b</c> mean ASCII, <c>[</c> within brackets is itself,
/// and what only .NET knows is refused, so that a pattern does not mean something else here.
/// </summary>
internal static class GoPattern
{
    private const int MaxRepeat = 1000;

    private static readonly Dictionary<string, string> _named = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @"\t ",
        ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = " -~",
        ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @"\t\n\v\f\r ",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    /// <exception cref="ArgumentException">Not one of Go's.</exception>
    public static string ToDotNet(string pattern)
    {
        var to = new StringBuilder(pattern.Length + 16);
        for (var i = 0; i < pattern.Length;)
        {
            switch (pattern[i])
            {
                case '\\': i = Escape(pattern, i, to, inClass: false); break;
                case '[': i = Class(pattern, i, to); break;
                case '(': i = Group(pattern, i, to); break;
                case '{': i = Repeat(pattern, i, to); break;
                case '$': to.Append(@"\z"); i++; break; // .NET's would also match before a last line feed
                default: to.Append(pattern[i++]); break;
            }
        }
        return to.ToString();
    }

    private static int Escape(string pattern, int i, StringBuilder to, bool inClass)
    {
        if (i + 1 >= pattern.Length) throw Wrong("pattern.backslash", "trailing backslash at end of expression");
        var c = pattern[i + 1];
        var negated = char.IsAsciiLetterUpper(c);
        switch (c)
        {
            case 'd' or 'w' or 's' or 'D' or 'W' or 'S':
                var set = char.ToLowerInvariant(c) switch { 'd' => "0-9", 'w' => "0-9A-Za-z_", _ => @"\t\n\f\r " };
                if (inClass && negated) throw Wrong("pattern.class_within", $"\\{c} within brackets"); // .NET has no ASCII class to negate inside another
                to.Append(inClass ? set : negated ? $"[^{set}]" : $"[{set}]");
                return i + 2;
            case 'b' or 'B' when !inClass:
                to.Append('\\').Append(c);
                return i + 2;
            case 'A' or 'z' when !inClass:
                to.Append('\\').Append(c);
                return i + 2;
            case 'Q' when !inClass:
                var end = pattern.IndexOf(@"\E", i + 2, StringComparison.Ordinal);
                foreach (var literal in pattern.AsSpan(i + 2, (end < 0 ? pattern.Length : end) - i - 2)) Literal(literal, to);
                return end < 0 ? pattern.Length : end + 2;
            case 'a' or 'f' or 't' or 'n' or 'r' or 'v':
                to.Append('\\').Append(c);
                return i + 2;
            case 'x': return Hex(pattern, i, to);
            case 'p' or 'P': return Category(pattern, i, to);
            case >= '0' and <= '7' when c == '0' || (i + 2 < pattern.Length && pattern[i + 2] is >= '0' and <= '7'):
                var length = 1;
                while (length < 3 && i + 1 + length < pattern.Length && pattern[i + 1 + length] is >= '0' and <= '7') length++;
                Literal((char)Convert.ToInt32(pattern.Substring(i + 1, length), 8), to);
                return i + 1 + length;
        }
        if (c > 127 || char.IsAsciiLetterOrDigit(c)) throw Wrong("pattern.escape", $"invalid escape sequence: `\\{c}`");
        Literal(c, to);
        return i + 2;
    }

    private static int Hex(string pattern, int i, StringBuilder to)
    {
        var braced = i + 2 < pattern.Length && pattern[i + 2] == '{';
        var end = braced ? pattern.IndexOf('}', i) : i + 4;
        var digits = end < 0 || end > pattern.Length ? "" : pattern[(i + (braced ? 3 : 2))..end];
        if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code is < 0 or > 0xFFFF) throw Wrong("pattern.escape", $"invalid escape sequence: `\\x{digits}`");
        Literal((char)code, to);
        return braced ? end + 1 : end;
    }

    private static int Category(string pattern, int i, StringBuilder to)
    {
        var braced = i + 2 < pattern.Length && pattern[i + 2] == '{';
        var end = braced ? pattern.IndexOf('}', i) : i + 3;
        var name = end < 0 || end > pattern.Length ? "" : pattern[(i + (braced ? 3 : 2))..end];
        var negated = (pattern[i + 1] == 'P') ^ name.StartsWith('^');
        name = name.TrimStart('^');
        if (name.Length is not (1 or 2)) throw Wrong("pattern.category", $"invalid character class range: `\\p{{{name}}}`"); // scripts such as Greek: .NET does not know them
        to.Append(negated ? @"\P{" : @"\p{").Append(name).Append('}');
        return braced ? end + 1 : end;
    }

    private static int Class(string pattern, int i, StringBuilder to)
    {
        to.Append('[');
        var at = i + 1;
        if (at < pattern.Length && pattern[at] == '^') to.Append(pattern[at++]);
        for (var first = true; at < pattern.Length; first = false)
        {
            switch (pattern[at])
            {
                case ']' when !first:
                    to.Append(']');
                    return at + 1;
                case '[' when at + 1 < pattern.Length && pattern[at + 1] == ':' && pattern.IndexOf(":]", at + 2, StringComparison.Ordinal) is > 0 and var end:
                    var name = pattern[(at + 2)..end];
                    if (!_named.TryGetValue(name, out var set)) throw Wrong("pattern.class_name", $"invalid character class range: `[:{name}:]`");
                    to.Append(set);
                    at = end + 2;
                    break;
                case '\\': at = Escape(pattern, at, to, inClass: true); break;
                case '[' or ']': to.Append('\\').Append(pattern[at++]); break;
                default: to.Append(pattern[at++]); break;
            }
        }
        throw Wrong("pattern.open_class", "missing closing ]: `" + pattern[i..] + "`");
    }

    private static int Group(string pattern, int i, StringBuilder to)
    {
        if (i + 1 >= pattern.Length || pattern[i + 1] != '?')
        {
            to.Append("(?:"); // nobody asks what a group held
            return i + 1;
        }
        var rest = pattern.AsSpan(i + 2);
        if (rest.StartsWith("P<") || (rest.StartsWith("<") && !rest.StartsWith("<=") && !rest.StartsWith("<!")))
        {
            var close = pattern.IndexOf('>', i);
            var name = close < 0 ? "" : pattern[(pattern.IndexOf('<', i) + 1)..close];
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) throw Wrong("pattern.group_name", $"invalid named capture: `{pattern[i..]}`");
            to.Append("(?:");
            return close + 1;
        }
        var end = i + 2;
        while (end < pattern.Length && pattern[end] is 'i' or 'm' or 's' or 'U' or '-') end++;
        if (end >= pattern.Length || pattern[end] is not (':' or ')') || pattern[(i + 2)..end].Contains('U', StringComparison.Ordinal)) throw Wrong("pattern.group", $"invalid or unsupported Perl syntax: `{pattern[i..Math.Min(end + 1, pattern.Length)]}`");
        to.Append(pattern, i, end + 1 - i);
        return end + 1;
    }

    private static int Repeat(string pattern, int i, StringBuilder to)
    {
        var end = pattern.IndexOf('}', i);
        var inside = end < 0 ? "" : pattern[(i + 1)..end];
        var parts = inside.Split(',');
        var counts = parts.Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1).ToArray();
        if (parts.Length > 2 || counts[0] < 0 || (parts.Length == 2 && parts[1].Length > 0 && counts[1] < 0))
        {
            to.Append(@"\{");
            return i + 1;
        }
        if (counts.Max() > MaxRepeat || (parts.Length == 2 && parts[1].Length > 0 && counts[1] < counts[0])) throw Wrong("pattern.count", $"invalid repeat count: `{{{inside}}}`");
        to.Append('{').Append(inside).Append('}');
        return end + 1;
    }

    private static void Literal(char c, StringBuilder to) => to.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");

    private static PatternException Wrong(string key, string what) => new(what, Phrase.Of(key), null);
}

/// <summary>Not a usable regular expression; the message says why to Alertmanager's clients, in Go's words where they are known.</summary>
/// <param name="why">The same for people.</param>
public sealed class PatternException(string what, Phrase why, Exception? inner) : ArgumentException("error parsing regexp: " + what, inner)
{
    public Phrase Why => why;
}
