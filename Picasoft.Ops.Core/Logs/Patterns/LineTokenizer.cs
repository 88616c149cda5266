namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>
/// Cuts a line into words, punctuation and values, and writes what says the same thing in the same way: a run of values is one value, <c>(1.2 KB)</c> after a number adds
/// nothing, <c>()</c> is an empty value. Allocates nothing.
/// </summary>
internal static class LineTokenizer
{
    /// <summary>Tokens of a line that are looked at; what follows does not tell lines apart.</summary>
    public const int MaxTokens = 128;

    /// <summary>Characters of a line that are looked at.</summary>
    public const int MaxLength = 4096;

    /// <param name="tokens">Room for <see cref="MaxTokens"/>.</param>
    /// <returns>How many there are.</returns>
    public static int Read(ReadOnlySpan<char> line, Span<LineToken> tokens)
    {
        if (line.Length > MaxLength) line = line[..(char.IsHighSurrogate(line[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
        var count = 0;
        var at = 0;
        while (at < line.Length && count < MaxTokens)
        {
            var c = line[at];
            if (TokenKinds.IsGap(c)) { at++; continue; }
            var space = at == 0 || TokenKinds.IsGap(line[at - 1]);
            var free = at == 0 || !char.IsLetterOrDigit(line[at - 1]);
            var length = free ? Whole(line, at) : 0;
            if (length == 0 && count > 0 && line[tokens[count - 1].Start] == '=' && !tokens[count - 1].IsValue) length = Assigned(line, at);
            if (length > 0)
            {
                count = Add(line, tokens, count, new(at, length, true, space));
                at += length;
                continue;
            }
            if (TokenKinds.Separators.Contains(c))
            {
                // An object written out, Name{…}: what stands within changes.
                if (c == '{' && !space && Braced(line, at) is > 2 and var braced)
                {
                    count = Add(line, tokens, count, new(at, braced, true, false));
                    at += braced;
                    continue;
                }
                count = Add(line, tokens, count, new(at, 1, false, space));
                at++;
                if (c == '(' && at < line.Length && line[at] == ')' && count < MaxTokens) count = Add(line, tokens, count, new(at, 0, true, false)); // an empty value
                continue;
            }
            at = Word(line, at, space, tokens, ref count);
        }
        return Tidy(line, tokens, count);
    }

    private static int Word(ReadOnlySpan<char> line, int at, bool space, Span<LineToken> tokens, ref int count)
    {
        var rest = line[at..];
        var length = rest.IndexOfAny(TokenKinds.WordEnds);
        if (length < 0) length = rest.Length;
        var dots = rest[..length].IndexOf("...", StringComparison.Ordinal);
        if (dots > 0) length = dots; // "enabled.......0": the dots only fill
        if (dots == 0)
        {
            length = rest[..length].IndexOfAnyExcept('.') is > 0 and var only ? only : length;
            count = Add(line, tokens, count, new(at, length, false, space));
            return at + length;
        }
        var word = rest[..length];
        if (rest[length..].StartsWith("://"))
        {
            length += PathLength(rest[length..]);
            count = Add(line, tokens, count, new(at, length, true, space));
            return at + length;
        }
        var core = word.TrimEnd(".!?");
        if (core.IsEmpty) core = word;
        var follows = rest[length..].TrimStart(' ');
        var value = TokenKinds.IsValue(core)
            || IsSecret(line, tokens[..count])
            || (TokenKinds.IsMonth(core) && !follows.IsEmpty && char.IsAsciiDigit(follows[0]));
        count = Add(line, tokens, count, new(at, core.Length, value, space));
        if (core.Length < length && count < MaxTokens) count = Add(line, tokens, count, new(at + core.Length, length - core.Length, false, false));
        return at + length;
    }

    /// <summary>What comes next is a password or the like: <c>password=…</c>, <c>token: …</c>.</summary>
    private static bool IsSecret(ReadOnlySpan<char> line, ReadOnlySpan<LineToken> before) =>
        before.Length > 1 && Is(line, before[^1], "=:") && TokenKinds.IsSecret(line.Slice(before[^2].Start, before[^2].Length));

    /// <summary>The length of a path or an address that starts here; 0 for none.</summary>
    private static int Whole(ReadOnlySpan<char> line, int at)
    {
        var c = line[at];
        if (c == '/' && at + 1 < line.Length && !char.IsWhiteSpace(line[at + 1]) && line[at + 1] != '/') return PathLength(line[at..]);
        if (c != ':' && !char.IsAsciiHexDigit(c)) return 0;
        return TokenKinds.ColonAddress(line[at..]) is > 0 and var address ? address : char.IsAsciiDigit(c) ? TokenKinds.ClockTime(line[at..]) : 0;
    }

    /// <summary>The length of a whole value after <c>=</c>: quoted, or an object written out; 0 for none.</summary>
    private static int Assigned(ReadOnlySpan<char> line, int at)
    {
        if (line[at] is '"' or '\'')
        {
            var close = line[(at + 1)..].IndexOf(line[at]);
            return close is >= 0 and < 160 ? close + 2 : 0;
        }
        var name = line[at..].IndexOfAny(TokenKinds.WordEnds);
        return name > 0 && line[at + name] == '{' ? Braced(line, at + name) is > 0 and var braced ? name + braced : 0 : 0;
    }

    private static int Braced(ReadOnlySpan<char> line, int at)
    {
        var depth = 0;
        for (var i = at; i < line.Length; i++)
        {
            if (line[i] == '{') depth++;
            else if (line[i] == '}' && --depth == 0) return i + 1 - at;
        }
        return 0;
    }

    private static int PathLength(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAny(" \t\r\n\"'<>|)");
        if (length < 0) length = text.Length;
        return Math.Max(1, text[..length].TrimEnd(".,;:]").Length);
    }

    /// <summary>Joins values that stand together.</summary>
    private static int Add(ReadOnlySpan<char> line, Span<LineToken> tokens, int count, LineToken token)
    {
        if (token.IsValue && count > 0)
        {
            if (tokens[count - 1].IsValue) return Extend(tokens, count - 1, token);
            if (count > 1 && tokens[count - 2].IsValue && Is(line, tokens[count - 1], ",-|@./x+")) return Extend(tokens, count - 2, token);
        }
        // A unit after a number is part of it: 12 KB, 300 ms.
        if (count > 0 && tokens[count - 1].IsValue && TokenKinds.IsUnit(line.Slice(token.Start, token.Length)))
            return Extend(tokens, count - 1, token);
        tokens[count] = token;
        return count + 1;
    }

    private static int Extend(Span<LineToken> tokens, int at, LineToken with)
    {
        tokens[at] = tokens[at] with { Length = with.End - tokens[at].Start };
        return at + 1;
    }

    private static bool Is(ReadOnlySpan<char> line, LineToken token, ReadOnlySpan<char> oneOf) =>
        token is { IsValue: false, Length: 1 } && oneOf.Contains(line[token.Start]);

    private static int Tidy(ReadOnlySpan<char> line, Span<LineToken> tokens, int count)
    {
        var to = 0;
        for (var i = 0; i < count; i++)
        {
            var token = tokens[i];
            if (Is(line, token, "(") && to > 0 && i + 2 < count && tokens[to - 1].IsValue && tokens[i + 1].IsValue && Is(line, tokens[i + 2], ")") && TokenKinds.IsUnit(LastWord(line, tokens[i + 1])))
            {
                tokens[to - 1] = tokens[to - 1] with { Length = tokens[i + 2].End - tokens[to - 1].Start };
                i += 2;
                continue;
            }
            if (i + 1 < count && Is(line, token, "<") && tokens[i + 1].IsValue && TokenKinds.IsUnit(LastWord(line, tokens[i + 1])))
            {
                tokens[to++] = tokens[i + 1] with { Start = token.Start, Length = tokens[i + 1].End - token.Start, SpaceBefore = token.SpaceBefore };
                i++;
                continue;
            }
            tokens[to++] = token;
        }
        return to;
    }

    private static ReadOnlySpan<char> LastWord(ReadOnlySpan<char> line, LineToken token)
    {
        var text = line.Slice(token.Start, token.Length);
        return text[(text.LastIndexOf(' ') + 1)..];
    }
}
