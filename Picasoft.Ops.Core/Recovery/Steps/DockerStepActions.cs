using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Core.Recovery.Steps;

/// <summary>Starts and stops containers through Docker's Engine API. Source: its reference, version 1.24 and later; Podman speaks it too.</summary>
public static class DockerStepActions
{
    /// <param name="lookOnly">Only sees whether the container is there.</param>
    public static async Task<StepOutcome> DoAsync(DockerStepInput step, bool lookOnly, CancellationToken cancel)
    {
        using var client = Client(step.Engine);
        try { return await DoAsync(client, step, lookOnly, cancel); }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            var reason = step.Engine.StartsWith('/') ? ProbeReasons.OfPath(e, step.Engine)! : ProbeReasons.Of(e, client.BaseAddress!.Host, client.BaseAddress.Port);
            return new(false, Phrase.Of("run.unreached", reason), null);
        }
    }

    private static async Task<StepOutcome> DoAsync(HttpClient client, DockerStepInput step, bool lookOnly, CancellationToken cancel)
    {
        var container = $"containers/{Uri.EscapeDataString(step.Container)}";
        if (await StateAsync(client, container, cancel) is not { } before) return new(false, Phrase.Of("run.no_container", step.Container), null);
        if (lookOnly) return new(true, Phrase.Of("run.container_is", step.Container, before), null);
        using var answer = await client.PostAsync($"{container}/{Words.Of(step.Action!.Value)}", null, cancel);
        var said = await answer.Content.ReadAsStringAsync(cancel);
        // 304: it was so already. What it is afterwards is read, not believed: one that ends at once was started too.
        var status = (int)answer.StatusCode;
        if (status is not (>= 200 and < 300 or 304)) return new(false, Phrase.Of("run.answered", status.ToString(CultureInfo.InvariantCulture)), said);
        var after = await StateAsync(client, container, cancel) ?? "?";
        return new(after == "running" == (step.Action != DockerAction.Stop), Phrase.Of("run.container_is", step.Container, after), said.Length == 0 ? null : said);
    }

    private static async Task<string?> StateAsync(HttpClient client, string container, CancellationToken cancel)
    {
        using var answer = await client.GetAsync($"{container}/json", cancel);
        if (answer.StatusCode == System.Net.HttpStatusCode.NotFound) return null;
        answer.EnsureSuccessStatusCode();
        try
        {
            var state = JsonElement.Parse(await answer.Content.ReadAsStringAsync(cancel)).GetProperty("State");
            return state.TryGetProperty("Status", out var status) ? status.GetString() : state.GetProperty("Running").GetBoolean() ? "running" : "exited";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException) { throw new HttpRequestException("the answer is not that of a Docker Engine", e); }
    }

    private static HttpClient Client(string engine)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        if (engine.StartsWith('/'))
            handler.ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try { await socket.ConnectAsync(new UnixDomainSocketEndPoint(engine), token); }
                catch { socket.Dispose(); throw; }
                return new NetworkStream(socket, ownsSocket: true);
            };
        return new(handler) { BaseAddress = new(engine.StartsWith('/') ? "http://docker/" : engine.TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 1024 * 1024 };
    }
}
