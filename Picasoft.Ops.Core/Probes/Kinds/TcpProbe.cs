using System.Net;
using System.Net.Sockets;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which version of IP a check uses.</summary>
public enum IpVersion
{
    /// <summary>Whatever the name resolves to, in the order the system prefers.</summary>
    Any,
    Ipv4,
    Ipv6,
}

/// <summary>What to connect to, and what should be said.</summary>
public sealed record TcpSettings
{
    [Setting(Required = true, MaxLength = 253, Example = "mail.example.org")]
    public string Host { get; init; } = "";

    [Setting(Required = true, Min = "1", Max = "65535", Example = "25")]
    public int? Port { get; init; }

    /// <summary>Sent once connected; <c>\r \n \t \\</c> may be written with a backslash. Hidden: it may hold a password.</summary>
    [Setting(Seen = true)]
    public Secret? Send { get; init; }

    /// <summary>Text that must appear in the answer; only the first 64 KiB of it are read.</summary>
    [Setting(MaxLength = 1024, Example = "220 ")]
    public string? Expect { get; init; }

    public IpVersion IpVersion { get; init; }

    /// <summary>Keep an idle connection open, and check at once when the target ends it. Null: when the interval is at most <see cref="WatchRunner.Tight"/>.</summary>
    public bool? Watch { get; init; }
}

/// <summary>A TCP connection can be made; and, if asked, says what is expected.</summary>
public sealed class TcpProbe : Probe<TcpSettings>
{
    private const int MaxAnswer = 64 * 1024;

    public override string Kind => "tcp";

    public override ProbeGroup Group => ProbeGroup.Network;

    protected override string Target(TcpSettings settings) => Endpoint(settings.Host, settings.Port ?? 0);

    protected override WatchedEndpoint? Watched(TcpSettings settings, TimeSpan interval) => WatchRunner.Wanted(settings.Watch, interval) ? new(settings.Host, settings.Port ?? 0, settings.IpVersion) : null;

    protected override async ValueTask<Observation> CheckAsync(TcpSettings settings, ProbeContext context, CancellationToken cancel)
    {
        var port = settings.Port ?? 0;
        try
        {
            using var socket = await ConnectAsync(settings.Host, port, settings.IpVersion, cancel);
            if (settings.Send is { IsEmpty: false } send) await socket.SendAsync(Encoding.UTF8.GetBytes(Unescaped(send.Reveal())), cancel);
            return string.IsNullOrEmpty(settings.Expect) ? Observation.Up : await ExpectAsync(socket, settings.Expect, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, settings.Host, port));
        }
    }

    private static async Task<Observation> ExpectAsync(Socket socket, string expected, CancellationToken cancel)
    {
        var buffer = new byte[MaxAnswer];
        var wanted = Encoding.UTF8.GetBytes(expected);
        var length = 0;
        while (length < MaxAnswer)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            if (read == 0) break;
            length += read;
            if (buffer.AsSpan(0, length).IndexOf(wanted) >= 0) return Observation.Up;
        }
        return length == 0 ? Observation.Down("probe.closed") : Observation.Down("probe.text_missing", ProbeReasons.Shown(expected));
    }

    /// <summary>Connects to the first address of a name that answers.</summary>
    internal static async Task<Socket> ConnectAsync(string host, int port, IpVersion version, CancellationToken cancel)
    {
        var addresses = await LookupRunner.FindAsync(host, cancel);
        if (version != IpVersion.Any)
        {
            addresses = Array.FindAll(addresses, a => a.AddressFamily == (version == IpVersion.Ipv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6));
            if (addresses.Length == 0) throw new ProbeFailure(Phrase.Of("probe.no_address", ProbeReasons.Shown(host), version == IpVersion.Ipv4 ? "IPv4" : "IPv6"));
        }
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancel);
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    internal static string Endpoint(string host, int port) => host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]:{port}" : $"{host}:{port}";

    private static string Unescaped(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length) { result.Append(text[i]); continue; }
            result.Append(text[++i] switch { 'r' => '\r', 'n' => '\n', 't' => '\t', '\\' => '\\', var other => other });
        }
        return result.ToString();
    }
}
