using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>Steps through web applications: Mattermost, of which no package is to be had, played as its API is documented; and WebSockets. Etherpad: <see cref="EtherpadProbesTests"/>.</summary>
public sealed class WebApplicationProbesTests : IDisposable
{
    private readonly HttpScenarioProbe _scenario = new(TimeProvider.System);
    private readonly IProbe _websocket = new WebsocketProbe(TimeProvider.System);
    private readonly List<string> _posts = [];

    [Fact]
    public async Task Somebody_signs_in_to_Mattermost_posts_reads_it_back_and_deletes_it()
    {
        await using var team = await WebTarget.StartAsync(MattermostAsync);
        IProbe probe = _scenario;
        var settings = Documented.Scenario("mattermost", team.Url().TrimEnd('/'), new() { ["password"] = new("hunter2 \"quoted\"") });
        var seen = await probe.CheckAsync(settings);
        Assert.Equal("", seen.Words());
        Assert.Equal(settings.Steps.Select(s => s.Name), seen.Measured.Select(m => m.Name));
        Assert.Empty(_posts);

        Assert.Equal("step 1 (sign in): answered 401 instead of 200", await probe.ReasonOf(Documented.Scenario("mattermost", team.Url().TrimEnd('/'), new() { ["password"] = new("wrong") })));
        Assert.Equal($"step 1 (sign in): {settings.Steps[0].Url} says •••", (await probe.ReasonOf(settings with
        {
            Steps = [settings.Steps[0] with { Expect = new() { Text = "hunter2 \"quoted\"" } }],
        })).Replace("text “•••” not found in the answer", $"{settings.Steps[0].Url} says •••", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Values_are_carried_from_headers_cookies_pages_and_over_redirects()
    {
        await using var web = await WebTarget.StartAsync(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/login": context.Response.Cookies.Append("session", "s1"); await context.Response.WriteAsync("<input name=\"csrf\" value=\"a&amp;b\">"); break;
                case "/do": context.Response.Headers["X-Next"] = "42"; context.Response.Redirect(context.Request.Cookies["session"] == "s1" && (await context.Request.ReadFormAsync())["csrf"] == "a&b" ? "/done" : "/login"); break;
                case "/done": context.Response.Headers["X-Next"] = "42"; await context.Response.WriteAsync("welcome"); break;
                case "/next/42": await context.Response.WriteAsync(context.Request.Headers["X-Session"]!); break;
                default: context.Response.StatusCode = 404; break;
            }
        });
        var steps = new List<HttpStep>
        {
            new() { Name = "open", Url = web.Url("/login"), Extract = new Dictionary<string, string> { ["csrf"] = "regex:name=\"csrf\" value=\"([^\"]+)\"", ["sid"] = "cookie:session" } },
            new() { Name = "do", Method = HttpVerb.Post, Url = web.Url("/do"), Body = "csrf={csrf}", Headers = new Dictionary<string, string> { ["Content-Type"] = "application/x-www-form-urlencoded" }, Expect = new() { Text = "welcome" }, Extract = new Dictionary<string, string> { ["next"] = "header:X-Next" } },
            new() { Name = "next", Url = web.Url("/next/{next}"), Headers = new Dictionary<string, string> { ["X-Session"] = "{sid}" }, Expect = new() { Text = "s1" } },
        };
        IProbe probe = _scenario;
        Assert.Equal("", await probe.ReasonOf(new HttpScenarioSettings { Steps = steps }));
        Assert.Equal("step 1 (open): header:X-Nothing gives no value for x", await probe.ReasonOf(new HttpScenarioSettings { Steps = [steps[0] with { Extract = new Dictionary<string, string> { ["x"] = "header:X-Nothing" } }] }));
    }

    [Fact]
    public async Task What_stops_a_scenario_is_told_with_its_step()
    {
        string? stolen = null;
        await using var elsewhere = await WebTarget.StartAsync(context => { stolen = $"{context.Request.Headers["X-Session"]}"; return context.Response.WriteAsync("elsewhere"); });
        await using var web = await WebTarget.StartAsync(context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/round": context.Response.Redirect("/round"); break;
                case "/mail": context.Response.Redirect("mailto:ops@example.org"); break;
                case "/away": context.Response.Redirect(elsewhere.Url()); break;
                default: return context.Response.WriteAsync("""{"id": "x"}""");
            }
            return Task.CompletedTask;
        });
        IProbe probe = _scenario;
        Task<string> Of(HttpStep step) => probe.ReasonOf(new HttpScenarioSettings { Steps = [new() { Name = "open", Url = web.Url() }, step with { Name = "go" }] });
        HttpStep At(string path) => new() { Url = web.Url(path) };
        Assert.Equal("step 2 (go): more than 5 redirects", await Of(At("/round")));
        Assert.Equal("step 2 (go): redirected to mailto: neither http nor https", await Of(At("/mail")));
        Assert.Equal("", await Of(At("/round") with { Expect = new() { Status = [302] } }));
        Assert.Equal("", await Of(At("/away") with { Headers = new Dictionary<string, string> { ["X-Session"] = "s3cret" }, Expect = new() { Text = "elsewhere" } }));
        Assert.Equal("", stolen);
        Assert.Equal("step 2 (go): not a valid URL", await Of(new() { Url = "{nobody}" }));
        Assert.StartsWith("step 2 (go): took ", await Of(At("/") with { Expect = new() { Latency = TimeSpan.FromTicks(1) } }));
        Assert.Equal("step 2 (go): connection refused by 127.0.0.1:", (await Of(new() { Url = $"http://127.0.0.1:{RealProgram.FreePort()}/" }))[..45]);
        foreach (var source in new[] { "json:name", "json:id.name", "cookie:session", "regex:name=(.)", "header:X-Nothing" })
            Assert.Equal($"step 2 (go): {source} gives no value for x", await Of(At("/") with { Extract = new Dictionary<string, string> { ["x"] = source } }));
        foreach (var source in new[] { "nothing", "json:", "xml:a", "regex:(", "json:a..b" }) Assert.Equal("extract.x", new HttpStep { Name = "go", Url = web.Url(), Extract = new Dictionary<string, string> { ["x"] = source } }.Check().Single().Field);
    }

    [Fact]
    public async Task A_WebSocket_is_refused_a_bad_certificate_and_what_it_does_not_say_is_missed()
    {
        using var certificate = Certificates.For("127.0.0.1");
        await using var web = await SocketAsync(certificate);
        var url = web.Urls.Single().Replace("https://", "wss://", StringComparison.Ordinal);
        Assert.Equal("TLS certificate is self-signed, not signed by a known authority", await _websocket.ReasonOf(new WebsocketSettings { Url = url }));
        Assert.Equal("", await _websocket.ReasonOf(new WebsocketSettings { Url = url, VerifyTls = false, Send = new("ping"), Expect = "you said ping" }));
        Assert.Equal("text “never said” not found in the answer", await _websocket.ReasonOf(new WebsocketSettings { Url = url, VerifyTls = false, Send = new("flood"), Expect = "never said" }));
        await using var plain = await WebTarget.StartAsync();
        Assert.Equal("answered 200 instead of 101", await _websocket.ReasonOf(new WebsocketSettings { Url = $"ws://127.0.0.1:{plain.Port}/" }));
        using var mail = new RawTarget(_ => "220 mail\r\n"u8.ToArray());
        Assert.Equal($"127.0.0.1:{mail.Port} does not answer with HTTP", await _websocket.ReasonOf(new WebsocketSettings { Url = $"ws://127.0.0.1:{mail.Port}/" }));
    }

    [Fact]
    public async Task A_WebSocket_opens_and_answers()
    {
        await using var web = await SocketAsync();
        var url = web.Urls.Single().Replace("http://", "ws://", StringComparison.Ordinal);
        Assert.Equal("", await _websocket.ReasonOf(new WebsocketSettings { Url = url + "/echo" }));
        Assert.Equal("", await _websocket.ReasonOf(new WebsocketSettings { Url = url + "/echo", Send = new("ping"), Expect = "you said ping" }));
        Assert.Equal("connection closed before an answer", await _websocket.ReasonOf(new WebsocketSettings { Url = url + "/echo", Send = new("bye"), Expect = "hello" }));
        Assert.Equal("answered 403 instead of 101", await _websocket.ReasonOf(new WebsocketSettings { Url = url + "/closed" }));
        Assert.Equal("", await _websocket.ReasonOf(new WebsocketSettings { Url = url + "/closed", Headers = new Dictionary<string, Secret> { ["Authorization"] = new("Bearer x") } }));
    }

    private async Task MattermostAsync(HttpContext context)
    {
        var signedIn = context.Request.Headers.Authorization == "Bearer t0ken";
        var path = context.Request.Path.Value!;
        using var body = context.Request.ContentLength > 0 ? await JsonDocument.ParseAsync(context.Request.Body) : null;
        if (path == "/api/v4/users/login")
        {
            if (body!.RootElement.GetProperty("password").GetString() != "hunter2 \"quoted\"") { context.Response.StatusCode = 401; return; }
            context.Response.Headers["Token"] = "t0ken";
            await context.Response.WriteAsync("""{"id":"me"}""");
        }
        else if (!signedIn) context.Response.StatusCode = 401;
        else if (path == "/api/v4/posts")
        {
            _posts.Add(body!.RootElement.GetProperty("message").GetString()!);
            context.Response.StatusCode = 201;
            await context.Response.WriteAsync($$"""{"id":"p{{_posts.Count}}"}""");
        }
        else if (path == $"/api/v4/posts/p{_posts.Count}" && context.Request.Method == "GET") await context.Response.WriteAsync(JsonSerializer.Serialize(new { id = "p1", message = _posts[^1] }));
        else if (path == $"/api/v4/posts/p{_posts.Count}" && context.Request.Method == "DELETE") { _posts.RemoveAt(_posts.Count - 1); await context.Response.WriteAsync("""{"status":"OK"}"""); }
        else context.Response.StatusCode = 404;
    }

    private static async Task<WebApplication> SocketAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (certificate is not null) builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        if (certificate is null) app.Urls.Add("http://127.0.0.1:0");
        app.UseWebSockets();
        app.Run(async context =>
        {
            if (context.Request.Path == "/closed" && context.Request.Headers.Authorization.Count == 0) { context.Response.StatusCode = 403; return; }
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: WebSocketMessageType.Text } said)
            {
                var text = Encoding.UTF8.GetString(buffer, 0, said.Count);
                if (text == "bye") break;
                for (var i = 0; text == "flood" && i < 300; i++) await socket.SendAsync(new byte[1024], WebSocketMessageType.Binary, true, context.RequestAborted);
                await socket.SendAsync(Encoding.UTF8.GetBytes("you said " + text), WebSocketMessageType.Text, true, context.RequestAborted);
            }
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
        });
        await app.StartAsync();
        return app;
    }

    public void Dispose() => _scenario.Dispose();
}
