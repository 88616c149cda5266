namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>
/// Finds where the message of a line begins, after what programs write before it: times, levels, threads, loggers, process numbers. Knows the habits that loggers share (syslog, log4j,
/// Python, glog, Android, columns), no program in particular. What is left of a header does no harm: it is the same in all lines of a kind, or a value.
/// </summary>
internal static class LogHeader
{
    private const int MaxChunks = 16, FarLevel = 14, SyslogWithin = 90;

    public static ReadOnlySpan<char> Strip(ReadOnlySpan<char> line)
    {
        var rest = line.Trim();
        var syslog = AfterSyslog(rest);
        rest = syslog > 0 ? rest[syslog..] : rest[AfterEpoch(rest)..];
        var message = Generic(rest, syslog > 0);
        return message.IsEmpty ? rest : message;
    }

    /// <summary><c>Jun 14 15:16:01 host program[12]: </c>, also after some other words.</summary>
    private static int AfterSyslog(ReadOnlySpan<char> line)
    {
        for (var at = 0; at + 16 < line.Length && at < SyslogWithin; at++)
        {
            if (at > 0 && line[at - 1] != ' ') continue;
            if (line[at + 3] != ' ' || !TokenKinds.IsMonth(line.Slice(at, 3))) continue;
            var time = line.Slice(at + 4, Math.Min(12, line.Length - at - 4)).TrimStart(' ');
            var day = time.IndexOf(' ');
            if (day is < 1 or > 2 || time.Length < day + 9 || time[day + 3] != ':' || time[day + 6] != ':') continue;
            var start = at + line[at..].IndexOf(time[day..(day + 9)], StringComparison.Ordinal) + 9;
            return start < line.Length && line[start] == ' ' ? AfterTag(line, start + 1) : 0;
        }
        return 0;
    }

    private static int AfterTag(ReadOnlySpan<char> line, int host)
    {
        var space = line[host..].IndexOf(' ');
        if (space < 0) return 0;
        var tag = host + space + 1;
        var end = line[tag..].IndexOf(' ');
        if (end < 0) return tag;
        var after = tag + end;
        if (after > tag && line[after - 1] == ':') return after + 1;
        // program[1] (of.something[2]): message
        if (after + 1 < line.Length && line[after + 1] == '(' && line[after..].IndexOf("):", StringComparison.Ordinal) is > 0 and < 120 and var close) return after + close + 2;
        return tag;
    }

    /// <summary>Supercomputers write seconds since 1970 in one of the first columns; columns after it are left to <see cref="Generic"/>.</summary>
    private static int AfterEpoch(ReadOnlySpan<char> line)
    {
        var at = 0;
        for (var i = 0; i < 7 && at < line.Length; i++)
        {
            var chunk = Chunk(line[at..], out var length);
            if (chunk.Length == 10 && chunk[0] == '1' && chunk.IndexOfAnyExceptInRange('0', '9') < 0) return at + length;
            at += length;
        }
        return 0;
    }

    private static ReadOnlySpan<char> Generic(ReadOnlySpan<char> line, bool afterSyslog)
    {
        var at = 0;
        bool time = false, level = false;
        if (!afterSyslog && FarLevelEnd(line) is > 0 and var far) (at, level, time) = (far, true, true);
        for (var i = 0; i < MaxChunks && at < line.Length; i++)
        {
            var rest = line[at..];
            if (char.IsWhiteSpace(rest[0])) { at++; continue; }
            var chunk = Chunk(rest, out var length);
            if (rest[0] == '[' && Closing(rest) is > 0 and var close)
            {
                at += close + 1;
                if (TokenKinds.IsLevel(rest[1..close].Trim())) level = true;
                else if (rest[1..close].ContainsAnyInRange('0', '9')) time = true;
                if (at < line.Length && line[at] == ':') at++;
                continue;
            }
            if (chunk is "-" or "|" or ":" or "::") { at += length; continue; }
            if (IsStamp(chunk) && (time || IsTime(chunk) || IsTime(Chunk(rest[length..], out _))))
            {
                time = true;
                var bar = chunk.IndexOf('|');
                if (bar > 0) return AfterBars(rest);
                at += length;
                continue;
            }
            if (!level && TokenKinds.IsLevel(chunk.TrimEnd(":,"))) { level = true; at += length; continue; }
            if (!level && time && chunk.Length == 1 && "VDIWEFCT".Contains(chunk[0], StringComparison.Ordinal)) { level = true; at += length; continue; }
            if (level && IsLogger(chunk, rest[Math.Min(rest.Length, length)..], rest)) { at += length; level = false; time = false; if (!rest[length..].TrimStart().StartsWith("[")) break; continue; }
            // program.exe - message
            if (time && !level && rest.IndexOf(" - ", StringComparison.Ordinal) is > 0 and < 40 and var dash && rest[..dash].Count(' ') < 2) at += dash + 3;
            break;
        }
        return line[at..].TrimStart();
    }

    /// <summary>A level within the first columns, with nothing but columns before it.</summary>
    private static int FarLevelEnd(ReadOnlySpan<char> line)
    {
        var at = 0;
        for (var i = 0; i < FarLevel && at < line.Length; i++)
        {
            var chunk = Chunk(line[at..], out var length);
            at += length;
            if (chunk.IndexOfAnyExceptInRange('A', 'Z') < 0 && TokenKinds.IsLevel(chunk)) return at;
            if (chunk.ContainsAnyInRange('a', 'z') && !chunk.ContainsAnyInRange('0', '9')) return 0;
        }
        return 0;
    }

    /// <summary>The name of what logs: <c>dfs.DataNode:</c>, a tag before a colon or before a wide gap.</summary>
    private static bool IsLogger(ReadOnlySpan<char> chunk, ReadOnlySpan<char> after, ReadOnlySpan<char> rest)
    {
        if (chunk.EndsWith(":") && chunk.IndexOfAny("=(\"'/") < 0) return true;
        if (chunk.IndexOfAny("=(\"'/:") >= 0) return false;
        return chunk.Contains('.') && (after.TrimStart().StartsWith("[") || after.TrimStart().StartsWith(":") || after.TrimStart().StartsWith("- ")) || (rest.Length > chunk.Length + 2 && rest[chunk.Length] == ' ' && rest[chunk.Length + 1] == ' ');
    }

    /// <summary>A time, a date, a number: digits with what stands between them in times.</summary>
    private static bool IsStamp(ReadOnlySpan<char> chunk)
    {
        var bar = chunk.IndexOf('|');
        if (bar > 0) chunk = chunk[..bar];
        chunk = chunk.TrimEnd(",:");
        return !chunk.IsEmpty && char.IsAsciiDigit(chunk[0]) && (chunk.Count('.') < 3 || chunk.ContainsAny('-', '/')) && chunk.IndexOfAnyExcept("0123456789:./-,+TZ") < 0;
    }

    private static bool IsTime(ReadOnlySpan<char> chunk) => chunk.Count(':') >= 2 || chunk.Count('-') >= 2 || chunk.Count('/') >= 2;

    /// <summary>Where the bracket that starts here closes; 0 for nowhere near.</summary>
    private static int Closing(ReadOnlySpan<char> text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length && i < 160; i++)
        {
            if (text[i] == '[') depth++;
            else if (text[i] == ']' && --depth == 0) return i;
        }
        return 0;
    }

    /// <summary><c>time|part|number|message</c>.</summary>
    private static ReadOnlySpan<char> AfterBars(ReadOnlySpan<char> line)
    {
        for (var bar = line.IndexOf('|'); bar is >= 0 and < 40 && !line[..bar].Contains(' '); bar = line.IndexOf('|')) line = line[(bar + 1)..];
        return line;
    }

    private static ReadOnlySpan<char> Chunk(ReadOnlySpan<char> text, out int length)
    {
        var start = 0;
        while (start < text.Length && char.IsWhiteSpace(text[start])) start++;
        var end = text[start..].IndexOfAny(" \t");
        end = end < 0 ? text.Length : start + end;
        length = end;
        return text[start..end];
    }
}
