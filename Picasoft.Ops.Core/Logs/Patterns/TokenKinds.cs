using System.Buffers;
using System.Collections.Frozen;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>What a piece of text is, by its shape alone. General knowledge about logs; nothing here is about one program.</summary>
internal static class TokenKinds
{
    /// <summary>Punctuation that is a token of its own.</summary>
    public static readonly SearchValues<char> Separators = SearchValues.Create("=,;:()[]{}<>\"'|");

    /// <summary>Where a word ends.</summary>
    public static readonly SearchValues<char> WordEnds = SearchValues.Create("=,;:()[]{}<>\"'| \t\r\n\v\f\0\u0001\u001f");

    /// <summary>What only separates: whitespace, and the control characters that stored patterns are written with.</summary>
    public static bool IsGap(char c) => char.IsWhiteSpace(c) || c is '\0' or '\u0001' or '\u001f';

    private static readonly SearchValues<char> _letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _units = Set(StringComparer.OrdinalIgnoreCase,
        "b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "byte", "bytes", "ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "h", "hour", "hours", "d", "day", "days", "hz", "khz", "mhz", "ghz");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _constants = Set(StringComparer.Ordinal,
        "true", "false", "True", "False", "TRUE", "FALSE", "null", "NULL", "nil", "None", "NaN", "UTC", "GMT", "CET", "CEST", "EST", "EDT", "PST", "PDT", "CST", "CDT", "MST", "MDT");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _days = Set(StringComparer.Ordinal, "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _months = Set(StringComparer.Ordinal, "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _naming = Set(StringComparer.Ordinal,
        "user", "username", "host", "hostname", "name", "file", "device", "node", "service", "module", "client", "server", "interface", "domain", "package", "unit");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _levels = Set(StringComparer.OrdinalIgnoreCase,
        "trace", "debug", "info", "information", "notice", "warn", "warning", "error", "err", "crit", "critical", "fatal", "severe", "alert", "emerg", "emergency", "panic", "failure");

    public static bool IsUnit(ReadOnlySpan<char> word) => word.Length <= 7 && _units.Contains(word);

    /// <summary>Words after which a name follows, as in <c>for user camille</c>.</summary>
    public static bool IsNaming(ReadOnlySpan<char> word) => word.Length <= 9 && _naming.Contains(word);

    /// <summary>Words whose value nobody may see.</summary>
    public static bool IsSecret(ReadOnlySpan<char> word) =>
        word.EndsWith("password", StringComparison.OrdinalIgnoreCase) || word.EndsWith("passwd", StringComparison.OrdinalIgnoreCase) || word.EndsWith("secret", StringComparison.OrdinalIgnoreCase)
        || word.EndsWith("token", StringComparison.OrdinalIgnoreCase) || word.EndsWith("apikey", StringComparison.OrdinalIgnoreCase) || word.EndsWith("api_key", StringComparison.OrdinalIgnoreCase) || word.Equals("pwd", StringComparison.OrdinalIgnoreCase);

    public static bool IsMonth(ReadOnlySpan<char> word) => word.Length == 3 && _months.Contains(word);

    public static bool IsLevel(ReadOnlySpan<char> word) => word.Length is > 2 and < 12 && char.IsAsciiLetterUpper(word[0]) && _levels.Contains(word);

    /// <summary>A word whose shape says that it is a value: it has a digit, is a path, an address, a truth value, a day.</summary>
    public static bool IsValue(ReadOnlySpan<char> word)
    {
        if (word.ContainsAnyInRange('0', '9')) return !IsNumbered(word);
        if (word.Length == 3 && _days.Contains(word)) return true;
        if (word.Length is > 2 and < 6 && _constants.Contains(word)) return true;
        if (word.ContainsAny('\\', '@') && word.Length > 1) return true;
        return word.Count('/') >= 2;
    }

    /// <summary>Letters and one digit: <c>eth0</c>, <c>cpu3</c>, <c>IPv6</c>. What it is, only its neighbours tell.</summary>
    public static bool IsNumbered(ReadOnlySpan<char> word) => word.Length > 2 && char.IsAsciiDigit(word[^1]) && !word[..^1].ContainsAnyExcept(_letters);

    /// <summary>Numbered words that are not one of several: they are read as words.</summary>
    public static bool IsProtocol(ReadOnlySpan<char> word) => word.Length == 4 && word[..3].Equals("ipv", StringComparison.OrdinalIgnoreCase);

    /// <summary>A word that looks like a name rather than prose: <c>com.example.App</c>, <c>mail-out</c>, <c>disk_b</c>.</summary>
    public static bool IsName(ReadOnlySpan<char> word) => word.Length > 2 && (word[1..^1].IndexOfAny("._-/$@") >= 0 || IsNumbered(word));

    /// <summary>How many characters of a time or a duration (<c>12:30</c>, <c>1:02:03.456</c>) stand at the start; 0 for none.</summary>
    public static int ClockTime(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExcept("0123456789:.,");
        if (end >= 0 && char.IsLetter(text[end])) return 0;
        text = end < 0 ? text : text[..end];
        text = text.TrimEnd(":.,");
        var colon = text.IndexOf(':');
        if (colon is < 1 or > 3 || text.Length < colon + 3 || !char.IsAsciiDigit(text[colon + 1]) || !char.IsAsciiDigit(text[colon + 2])) return 0;
        if (text.Length > colon + 3 && text[colon + 3] is not (':' or '.' or ',')) return 0;
        return text.Length;
    }

    /// <summary>How many characters of an address with colons (IPv6, MAC) stand at the start; 0 for none.</summary>
    public static int ColonAddress(ReadOnlySpan<char> text)
    {
        int at = 0, run = 0, colons = 0;
        var digit = false;
        for (; at < text.Length && at < 64; at++)
        {
            var c = text[at];
            if (c == ':') { colons++; run = 0; }
            else if (char.IsAsciiHexDigit(c)) { if (++run > 4) return 0; digit |= char.IsAsciiDigit(c); }
            else break;
        }
        if (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '-' or '.')) return 0;
        return colons >= 2 && digit ? at : 0;
    }

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(StringComparer comparer, params string[] words) =>
        words.ToFrozenSet(comparer).GetAlternateLookup<ReadOnlySpan<char>>();
}
