using System.Net.WebSockets;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which WebSocket, and what it should say.</summary>
public sealed record WebsocketSettings : IChecked
{
    [Setting(Required = true, MaxLength = 2048, Example = "wss://team.example.org/websocket")]
    public string Url { get; init; } = "";

    /// <summary>Sent with the request; the values are never shown.</summary>
    [Setting(MaxLength = 8192)]
    public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>(StringComparer.Ordinal);

    [Setting(MaxLength = 100)]
    public string? Subprotocol { get; init; }

    /// <summary>Sent once it is open. Hidden: it may hold a password.</summary>
    [Setting(MaxLength = 8192, Seen = true)]
    public Secret? Send { get; init; }

    /// <summary>Text that must appear in a message within the timeout.</summary>
    [Setting(MaxLength = 1024)]
    public string? Expect { get; init; }

    public bool VerifyTls { get; init; } = true;

    public IEnumerable<FieldError> Check()
    {
        if (WebsocketProbe.Parse(Url) is not { } url) yield return new("url", Phrase.Of("probe.input.ws_url", Url));
        else if (url.UserInfo.Length > 0) yield return new("url", Phrase.Of("probe.input.url_user"));
        foreach (var name in Headers.Keys.Where(n => !HttpProbe.IsHeaderName(n))) yield return new(InputReader.Join("headers", name), Phrase.Of("probe.input.header_name"));
    }
}

/// <summary>A WebSocket opens and, if asked, says what is expected.</summary>
public sealed class WebsocketProbe(TimeProvider time) : Probe<WebsocketSettings>
{
    private const int MaxHeard = 256 * 1024;

    public override string Kind => "websocket";

    public override ProbeGroup Group => ProbeGroup.Web;

    protected override string Target(WebsocketSettings settings) => Parse(settings.Url) is { } url ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.SafeUnescaped) : "";

    protected override async ValueTask<Observation> CheckAsync(WebsocketSettings settings, ProbeContext context, CancellationToken cancel)
    {
        if (Parse(settings.Url) is not { } url) return Observation.Down("probe.bad_url");
        try
        {
            using var invoker = HttpProbe.Make((settings.VerifyTls, Fresh: true, IpVersion.Any), time);
            using var socket = new ClientWebSocket();
            socket.Options.CollectHttpResponseDetails = true;
            foreach (var (name, value) in settings.Headers) socket.Options.SetRequestHeader(name, value.Reveal());
            if (!string.IsNullOrWhiteSpace(settings.Subprotocol)) socket.Options.AddSubProtocol(settings.Subprotocol);
            try
            {
                await socket.ConnectAsync(url, invoker, cancel);
            }
            catch (WebSocketException) when ((int)socket.HttpStatusCode is not (0 or 101))
            {
                return Observation.Down("probe.status", (int)socket.HttpStatusCode, 101);
            }
            if (settings.Send is { IsEmpty: false } send) await socket.SendAsync(Encoding.UTF8.GetBytes(send.Reveal()), WebSocketMessageType.Text, true, cancel);
            var seen = string.IsNullOrEmpty(settings.Expect) ? Observation.Up : await ExpectAsync(socket, settings.Expect, cancel);
            if (socket.State == WebSocketState.Open) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancel);
            return seen;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, url.IdnHost, url.Port));
        }
    }

    private static async Task<Observation> ExpectAsync(ClientWebSocket socket, string expected, CancellationToken cancel)
    {
        var buffer = new byte[16 * 1024];
        var message = new StringBuilder();
        for (var heard = 0; heard < MaxHeard;)
        {
            var part = await socket.ReceiveAsync(buffer, cancel);
            if (part.MessageType == WebSocketMessageType.Close) return Observation.Down("probe.closed");
            heard += part.Count;
            message.Append(Encoding.UTF8.GetString(buffer, 0, part.Count));
            if (message.ToString().Contains(expected, StringComparison.Ordinal)) return Observation.Up;
            if (part.EndOfMessage) message.Clear();
        }
        return Observation.Down("probe.text_missing", ProbeReasons.Shown(expected));
    }

    internal static Uri? Parse(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme is "ws" or "wss") && uri.Host.Length > 0 ? uri : null;
}
