using System.Globalization;
using System.Net;

namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>How syslog is heard at one place.</summary>
public enum SyslogTransport
{
    Udp,
    Tcp,
    Tls,
}

/// <summary>One of the places of <c>OPS_SYSLOG</c>: <c>tcp://127.0.0.1:5514</c>, <c>udp://[::]:514</c>, <c>tls://0.0.0.0:6514?cert=/etc/ops/syslog.pem&amp;key=/etc/ops/syslog.key&amp;clients=/etc/ops/clients.pem</c>.</summary>
/// <param name="Certificate">PEM file of the certificate and those above it.</param>
/// <param name="Key">PEM file of its key; null: it is in the same file.</param>
/// <param name="Clients">PEM file of the authorities whose certificates senders must show; null: none is asked for.</param>
public sealed record SyslogEndpoint(SyslogTransport Transport, IPEndPoint Address, string? Certificate = null, string? Key = null, string? Clients = null)
{
    /// <summary>Reads a list, separated by commas.</summary>
    /// <exception cref="FormatException">What is wrong, as a sentence.</exception>
    public static IReadOnlyList<SyslogEndpoint> Read(string list) => [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(One)];

    public override string ToString() => $"{Transport.ToString().ToLowerInvariant()}://{Address}";

    private static SyslogEndpoint One(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || !Enum.TryParse<SyslogTransport>(uri.Scheme, ignoreCase: true, out var transport))
            throw new FormatException($"OPS_SYSLOG: \"{text}\" is not a place to listen: write tcp://127.0.0.1:5514, udp://… or tls://….");
        if (!IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && uri.Host != "localhost")
            throw new FormatException($"OPS_SYSLOG: \"{uri.Host}\" in \"{text}\" is not an IP address of this machine: write 127.0.0.1, or 0.0.0.0 for all.");
        var values = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p.ElementAtOrDefault(1) ?? ""), StringComparer.Ordinal);
        if (values.Keys.FirstOrDefault(k => k is not ("cert" or "key" or "clients")) is { } unknown) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"OPS_SYSLOG: \"{unknown}\" in \"{text}\" is not known; known are cert, key and clients."));
        if (transport == SyslogTransport.Tls && !values.ContainsKey("cert")) throw new FormatException($"OPS_SYSLOG: \"{text}\" needs a certificate: add ?cert=FILE&key=FILE.");
        var port = uri.Port >= 0 ? uri.Port : transport == SyslogTransport.Tls ? 6514 : 514;
        return new(transport, new(address ?? IPAddress.Loopback, port), values.GetValueOrDefault("cert"), values.GetValueOrDefault("key"), values.GetValueOrDefault("clients"));
    }
}
