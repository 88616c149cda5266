using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Core.Recovery.Steps;

/// <summary>Tells HAProxy what becomes of a server, through its runtime API. Source: HAProxy's management guide, section 9.3.</summary>
public static class HaproxyStepActions
{
    private const int MaxAnswer = 64 * 1024;

    /// <param name="lookOnly">Only sees whether the server is there.</param>
    public static async Task<StepOutcome> DoAsync(HaproxyStepInput step, bool lookOnly, CancellationToken cancel)
    {
        try
        {
            var before = StateOf(await AskAsync(step.Socket, $"show servers state {step.Backend}", cancel), step);
            if (before is null) return new(false, Phrase.Of("run.no_server", step.Backend, step.Server), null);
            if (lookOnly) return new(true, Phrase.Of("run.server_is", step.Server, before), null);
            var answer = (await AskAsync(step.Socket, $"set server {step.Backend}/{step.Server} state {Words.Of(step.Action!.Value)}", cancel)).Trim();
            // It says nothing when it did it; that it did is read, not believed.
            var after = StateOf(await AskAsync(step.Socket, $"show servers state {step.Backend}", cancel), step);
            return new(answer.Length == 0 && after == Words.Of(step.Action.Value), Phrase.Of("run.server_is", step.Server, after ?? "?"), answer.Length == 0 ? null : answer);
        }
        catch (SocketException e) { return new(false, Phrase.Of("run.unreached", (EndPointOf(step.Socket) is DnsEndPoint at ? ProbeReasons.Of(e, at.Host, at.Port) : ProbeReasons.OfPath(e, step.Socket))!), null); }
    }

    /// <summary>A path or <c>host:port</c>; null: neither.</summary>
    public static EndPoint? EndPointOf(string socket)
    {
        if (socket.StartsWith('/')) return socket.Length < 108 ? new UnixDomainSocketEndPoint(socket) : null;
        var colon = socket.LastIndexOf(':');
        return colon > 0 && int.TryParse(socket.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? new DnsEndPoint(socket[..colon].Trim('[', ']'), port) : null;
    }

    private static async Task<string> AskAsync(string socket, string command, CancellationToken cancel)
    {
        var end = EndPointOf(socket)!;
        using var connection = end is UnixDomainSocketEndPoint ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        await connection.ConnectAsync(end, cancel);
        await connection.SendAsync(Encoding.ASCII.GetBytes(command + "\n"), cancel);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (answer.Length < MaxAnswer && await connection.ReceiveAsync(buffer, cancel) is > 0 and var read) answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        return answer.ToString();
    }

    /// <summary>What people decided about the server: <c>ready</c>, <c>drain</c> or <c>maint</c>; null: it is not there.</summary>
    private static string? StateOf(string answer, HaproxyStepInput step)
    {
        var lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.FirstOrDefault(l => l.StartsWith("# ", StringComparison.Ordinal)) is not { } header) return null;
        var columns = header[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (name, state) = (Array.IndexOf(columns, "srv_name"), Array.IndexOf(columns, "srv_admin_state"));
        if (name < 0 || state < 0) return null;
        var server = lines.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(c => c.Length > state && c[name] == step.Server && !c[0].StartsWith('#'));
        // Bits: 0x01 to 0x04 maintenance (forced, inherited, by configuration), 0x08 and 0x10 drain.
        return server is null || !int.TryParse(server[state], NumberStyles.None, CultureInfo.InvariantCulture, out var bits) ? null : (bits & 0x07) != 0 ? "maint" : (bits & 0x18) != 0 ? "drain" : "ready";
    }
}
