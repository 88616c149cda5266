using System.IO.Compression;
using System.Text;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Syslog;

namespace Picasoft.Ops.Web.Compat;

/// <summary>What Loki's clients and OpenTelemetry's have in common: names and values around a line that say whose it is, and a body that is bounded.</summary>
internal static class PushedLines
{
    /// <summary>Largest body, unpacked, in bytes.</summary>
    public const int MaxBody = 32 * 1024 * 1024;

    private static readonly string[] _hosts = ["host.name", "host", "hostname", "nodename", "node_name", "node", "instance"];
    private static readonly string[] _apps = ["app", "service.name", "service_name", "syslog_identifier", "container_name", "container.name", "container", "compose_service", "unit", "process.executable.name", "k8s.container.name", "job", "filename", "log.file.path"];
    private static readonly string[] _levels = ["level", "severity", "detected_level", "priority"];

    /// <summary>Reads a body, unpacked if it is packed; null: it is too large.</summary>
    /// <exception cref="InvalidDataException">It is not what its header says.</exception>
    public static async Task<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        await using var body = request.Headers.ContentEncoding.ToString().ToLowerInvariant() switch
        {
            "" or "identity" or "snappy" => request.Body, // what Prometheus' world calls snappy is unpacked by whoever reads it
            "gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress),
            var other => throw new InvalidDataException($"Content-Encoding {other} is not known; send gzip or nothing"),
        };
        using var read = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await body.ReadAsync(buffer, cancel)) > 0)
        {
            if (read.Length + count > MaxBody) return null;
            read.Write(buffer, 0, count);
        }
        return read.ToArray();
    }

    /// <summary>Hands in a line. A line that carries syslog's own header, since it came out of a file that syslog wrote, is taken by that.</summary>
    /// <param name="find">The value of a name; null: there is none.</param>
    /// <param name="nanoseconds">Since 1970; 0: not said.</param>
    public static void Accept(LogGate gate, LogOrigin origin, Func<string, string?> find, ulong nanoseconds, LogSeverity? severity, ReadOnlySpan<byte> text, DateTimeOffset now)
    {
        var named = SyslogLine.Parse(text, default, now, origin);
        var hasHeader = !named.Stamp.IsEmpty && !named.App.IsEmpty;
        Span<byte> stamp = stackalloc byte[20];
        nanoseconds.TryFormat(stamp, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        var level = severity ?? SeverityOf(First(find, _levels)) ?? (hasHeader ? named.Severity : LogSeverity.Info);
        if (hasHeader)
        {
            gate.Accept(new LogLine { Stamp = named.Stamp, Received = now, Host = named.Host, App = named.App, Process = named.Process, Text = named.Text, Severity = level, Origin = origin });
            return;
        }
        gate.Accept(new LogLine
        {
            Stamp = nanoseconds == 0 ? default : stamp[..length],
            Received = now,
            Host = Encoding.UTF8.GetBytes(First(find, _hosts) ?? ""),
            App = Encoding.UTF8.GetBytes(First(find, _apps) ?? ""),
            Text = text,
            Severity = level,
            Origin = origin,
        });
    }

    /// <summary>When a sender should try again.</summary>
    public static void ComeAgain(HttpContext http) => http.Response.Headers.RetryAfter = "5";

    /// <summary>A level in any of the words that programs use.</summary>
    public static LogSeverity? SeverityOf(string? word) => word?.ToLowerInvariant() switch
    {
        "emerg" or "emergency" or "panic" or "0" => LogSeverity.Emergency,
        "alert" or "1" => LogSeverity.Alert,
        "crit" or "critical" or "fatal" or "2" => LogSeverity.Critical,
        "err" or "error" or "eror" or "3" => LogSeverity.Error,
        "warn" or "warning" or "4" => LogSeverity.Warning,
        "notice" or "5" => LogSeverity.Notice,
        "info" or "information" or "informational" or "6" => LogSeverity.Info,
        "debug" or "trace" or "7" => LogSeverity.Debug,
        _ => null,
    };

    private static string? First(Func<string, string?> find, string[] names)
    {
        foreach (var name in names)
            if (find(name) is { Length: > 0 } value) return value;
        return null;
    }
}
