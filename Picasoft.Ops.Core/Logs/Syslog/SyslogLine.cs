namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>
/// Takes one syslog message apart: RFC 5424, RFC 3164, and what programs send that is nearly one of them (Docker's four forms, rsyslog's own).
/// Never fails: what cannot be understood is text from whoever sent it. Pure, copies nothing.
/// </summary>
public static class SyslogLine
{
    private const LogSeverity Unsaid = LogSeverity.Notice; // RFC 3164 §4.3.3: without PRI it is user.notice
    private static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    /// <param name="message">Without its framing.</param>
    /// <param name="peer">Who sent it, when the message does not say.</param>
    public static LogLine Parse(ReadOnlySpan<byte> message, ReadOnlySpan<byte> peer, DateTimeOffset received, LogOrigin origin = LogOrigin.Syslog)
    {
        message = message.TrimEnd("\r\n\0"u8);
        var severity = Unsaid;
        var rest = message;
        if (Priority(message, out var priority, out var length))
        {
            severity = (LogSeverity)(priority & 7);
            rest = message[length..];
            if (rest.StartsWith("1 "u8)) return Rfc5424(rest[2..], peer, severity, received, origin);
            rest = rest.TrimStart((byte)' '); // Docker's default puts one there
        }
        return Rfc3164(rest, peer, severity, received, origin);
    }

    private static bool Priority(ReadOnlySpan<byte> message, out int priority, out int length)
    {
        (priority, length) = (0, 0);
        if (message.Length < 3 || message[0] != '<') return false;
        for (var i = 1; i < message.Length && i <= 4; i++)
        {
            if (message[i] == '>' && i > 1)
            {
                length = i + 1;
                return priority <= 191;
            }
            if (message[i] is < (byte)'0' or > (byte)'9') return false;
            priority = priority * 10 + message[i] - '0';
        }
        return false;
    }

    private static LogLine Rfc5424(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> peer, LogSeverity severity, DateTimeOffset received, LogOrigin origin)
    {
        var stamp = Word(ref rest);
        var host = Word(ref rest);
        var app = Word(ref rest);
        var process = Word(ref rest);
        Word(ref rest); // MSGID
        Structured(ref rest);
        if (rest.StartsWith(Bom)) rest = rest[3..];
        return new()
        {
            Stamp = Said(stamp),
            Received = received,
            Host = Said(host).IsEmpty ? peer : Said(host),
            App = Said(app),
            Process = Said(process),
            Text = rest,
            Severity = severity,
            Origin = origin,
        };
    }

    private static LogLine Rfc3164(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> peer, LogSeverity severity, DateTimeOffset received, LogOrigin origin)
    {
        var stamp = Stamp(ref rest);
        var host = peer;
        var hasHost = false;
        // A host stands only after a time, and what ends like a tag is one: Docker on the local socket leaves the host out.
        if (!stamp.IsEmpty && rest.IndexOf((byte)' ') is > 0 and var end && rest[..end].IndexOfAny((byte)':', (byte)'[') < 0 | IsAddress(rest[..end]))
        {
            host = rest[..end];
            rest = rest[(end + 1)..];
            hasHost = true;
        }
        Tag(ref rest, hasHost, out var app, out var process);
        return new() { Stamp = stamp, Received = received, Host = host, App = app, Process = process, Text = rest, Severity = severity, Origin = origin };
    }

    // An IPv6 address is full of colons, but does not end in one and has no bracket.
    private static bool IsAddress(ReadOnlySpan<byte> word) => word.Count((byte)':') >= 2 && word[^1] != ':' && word.IndexOfAnyExcept("0123456789abcdefABCDEF:.%"u8) < 0;

    private static ReadOnlySpan<byte> Stamp(scoped ref ReadOnlySpan<byte> rest)
    {
        // "Nov 25 17:04:05 " or "2026-11-25T17:04:05.123456+01:00 "
        var length = 0;
        if (rest.Length >= 15 && rest[3] == ' ' && rest[6] == ' ' && rest[9] == ':' && rest[12] == ':' && rest[0] is >= (byte)'A' and <= (byte)'S') length = 15;
        else if (rest.Length >= 20 && rest[4] == '-' && rest[7] == '-' && rest[10] == 'T' && rest.IndexOf((byte)' ') is >= 19 and <= 40 and var space) length = space;
        if (length == 0) return default;
        var stamp = rest[..length];
        rest = rest[length..].TrimStart((byte)' ');
        return stamp;
    }

    /// <summary><c>sshd[123]: </c>, <c>postfix/smtp[9]: </c>, <c>kernel: </c>; anything else is no tag, and all of it text.</summary>
    private static void Tag(scoped ref ReadOnlySpan<byte> rest, bool hasHost, out ReadOnlySpan<byte> app, out ReadOnlySpan<byte> process)
    {
        app = process = default;
        var end = rest[..Math.Min(rest.Length, 128)].IndexOfAny(": ["u8);
        if (end <= 0) return;
        if (rest[end] == ' ')
        {
            // A tag without a colon, as rsyslog's imfile sends it; rsyslog reads it so as well.
            if (!hasHost || end > 32) return;
            app = rest[..end];
            rest = rest[(end + 1)..];
            return;
        }
        var name = rest[..end];
        ReadOnlySpan<byte> number = default;
        if (rest[end] == '[')
        {
            var length = rest[(end + 1)..Math.Min(rest.Length, end + 64)].IndexOf((byte)']');
            if (length < 0) return;
            number = rest.Slice(end + 1, length);
            end += length + 2;
        }
        if (end < rest.Length && rest[end] == ':') end++;
        else if (number.IsEmpty) return;
        if (end < rest.Length && rest[end] == ' ') end++;
        rest = rest[end..];
        app = name;
        process = number;
    }

    private static ReadOnlySpan<byte> Word(scoped ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)' ');
        var word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return word;
    }

    // "-" or elements in brackets, whose quoted values may hold an escaped bracket.
    private static void Structured(scoped ref ReadOnlySpan<byte> rest)
    {
        if (rest.StartsWith("-"u8)) rest = rest[1..];
        while (rest.StartsWith("["u8))
        {
            var (quoted, at) = (false, 1);
            for (; at < rest.Length; at++)
            {
                if (rest[at] == '\\' && quoted) at++;
                else if (rest[at] == '"') quoted = !quoted;
                else if (rest[at] == ']' && !quoted) break;
            }
            if (at >= rest.Length) return; // broken: then it is part of the text
            rest = rest[(at + 1)..];
        }
        if (rest.StartsWith(" "u8)) rest = rest[1..];
    }

    private static ReadOnlySpan<byte> Said(ReadOnlySpan<byte> word) => word.SequenceEqual("-"u8) ? default : word;
}
