namespace Picasoft.Ops.Core.Logs;

/// <summary>Syslog's severities (RFC 5424 §6.2.1), worst first; the number is the one on the wire.</summary>
public enum LogSeverity
{
    Emergency,
    Alert,
    Critical,
    Error,
    Warning,
    Notice,
    Info,
    Debug,
}

/// <summary>The way a line came in.</summary>
public enum LogOrigin
{
    Syslog,
    Loki,
    Otlp,
    File,
    Journal,
    /// <summary>Pasted by somebody to try a rule; never stored.</summary>
    Sample,
}

/// <summary>
/// One line of a log, as bytes in the buffer of whoever received it: it lives as long as the call it is handed to. Nothing is copied and
/// nothing decoded before a rule wants the line, since nearly no line is wanted.
/// </summary>
public readonly ref struct LogLine
{
    /// <summary>The time as the sender wrote it (see <see cref="LogTime"/>); empty: it said none.</summary>
    public ReadOnlySpan<byte> Stamp { get; init; }

    /// <summary>When we received it; counts where the sender's clock cannot be believed.</summary>
    public DateTimeOffset Received { get; init; }

    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>The program: <c>sshd</c>, <c>postfix/smtp</c>, a container's name.</summary>
    public ReadOnlySpan<byte> App { get; init; }

    /// <summary>The process, when it was said.</summary>
    public ReadOnlySpan<byte> Process { get; init; }

    /// <summary>What was said. UTF-8 as a rule, and any bytes at all without it.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    public LogSeverity Severity { get; init; }

    public LogOrigin Origin { get; init; }
}
