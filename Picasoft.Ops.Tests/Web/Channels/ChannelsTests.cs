using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Channels;

/// <summary>Channels and deliveries as programs and people see them: the real product.</summary>
public sealed class ChannelsTests(PostgresFixture postgres)
{
    private static readonly string _token = new('t', 40);

    [Fact]
    public async Task A_channel_is_made_shown_changed_tried_and_deleted()
    {
        using var folder = new TempFolder();
        await using var smtp = new ScriptedSmtp();
        await using var host = await OpsHost.StartAsync(folder["data"], await postgres.CreateDatabaseAsync(), environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = _token });
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);

        var made = await SendAsync(host, HttpMethod.Post, "channels", $$$"""{"name": "tech-mail", "type": "email", "from": "ops@example.org", "to": ["tech@example.org"], "smtp": {"host": "127.0.0.1", "port": {{{smtp.Port}}}, "tls": "none"}}""");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("none", (string?)made.Json["smtp"]!["tls"]);

        made.Json["language"] = "en";
        made.Json["smtp"]!["timeout"] = "10s";
        var changed = await SendAsync(host, HttpMethod.Put, "channels/tech-mail", made.Json.ToJsonString());
        Assert.Equal((HttpStatusCode.OK, "en"), (changed.Status, (string?)changed.Json["language"]));

        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(host, HttpMethod.Post, "channels/tech-mail/test")).Status);
        await Eventually.TrueAsync(async () => (await SendAsync(host, HttpMethod.Get, "deliveries?channel=tech-mail&state=sent")).Json["items"]!.AsArray().Count == 1, "the test is sent");
        Assert.Equal("[Picasoft.Ops] Test of channel tech-mail", Assert.Single(smtp.Messages).Subject);

        foreach (var page in new[] { "/channels", "/channels/new", "/channels/tech-mail", "/deliveries", "/deliveries?state=sent&channel=tech-mail" })
        {
            var answer = await host.Client.GetAsync(page);
            var html = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{page}: {answer.StatusCode}\n{host.Output}");
            Assert.Contains(page == "/channels/new" ? "smtp" : "tech-mail", html, StringComparison.OrdinalIgnoreCase);
        }

        // A link of a message that is too old, or was cut, says so itself.
        foreach (var (link, way) in new[] { ("/a/nothing", "Sign in to see what is going on."), ("/received/nothing", "Sign in and test again") })
        {
            using var old = await host.Client.SendAsync(new(HttpMethod.Get, link) { Headers = { { "Accept-Language", "en" } } });
            Assert.Equal((link, HttpStatusCode.Gone), (link, old.StatusCode));
            var html = await old.Content.ReadAsStringAsync();
            Assert.Contains("This link is too old", html, StringComparison.Ordinal);
            Assert.Contains(way, html, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await host.Client.DeleteAsync("/api/v1/channels/tech-mail")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(host, HttpMethod.Get, "channels/tech-mail")).Status);
    }

    [Fact]
    public async Task What_is_wrong_is_named_and_who_may_not_is_told()
    {
        using var folder = new TempFolder();
        await using var host = await OpsHost.StartAsync(folder["data"], await postgres.CreateDatabaseAsync(), environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = _token });
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Client.GetAsync("/api/v1/channels")).StatusCode);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);

        var wrong = await SendAsync(host, HttpMethod.Post, "channels", """{"name": "x", "type": "email", "from": "ops@example.org", "to": [], "smtp": {"host": "", "tls": "ssl"}}""");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(["smtp.host", "smtp.tls", "to"], wrong.Json["errors"]!.AsArray().Select(e => (string?)e!["field"]).Order());
        foreach (var body in new[] { "[]", "3", "{", "{\"name\": 1}", "{\"type\": {}}" })
            Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(host, HttpMethod.Post, "channels", body)).Status);
        foreach (var query in new[] { "state=gone", "limit=0", "limit=x", "incident=x", "after=-1" })
            Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(host, HttpMethod.Get, "deliveries?" + query)).Status);
    }

    [Fact]
    public async Task Messages_are_worded_as_people_want_them_and_go_back_to_the_products_words()
    {
        using var folder = new TempFolder();
        await using var smtp = new ScriptedSmtp();
        await using var host = await OpsHost.StartAsync(folder["data"], await postgres.CreateDatabaseAsync(), environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = _token });
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        await SendAsync(host, HttpMethod.Post, "channels", $$$"""{"name": "tech-mail", "type": "email", "from": "ops@example.org", "to": ["tech@example.org"], "language": "en", "smtp": {"host": "127.0.0.1", "port": {{{smtp.Port}}}, "tls": "none"}}""");

        var wrong = await SendAsync(host, HttpMethod.Put, "message-templates", """{"title": "{{ titel }}"}""");
        Assert.Equal((HttpStatusCode.BadRequest, "title"), (wrong.Status, (string?)wrong.Json["errors"]![0]!["field"]));
        Assert.Contains("line 1, column 4", (string?)wrong.Json["errors"]![0]!["message"], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Put, "message-templates", """{"title": "Night call {{ incident }}: {{ title }}", "mail": "Please look.\n{{ default }}"}""")).Status);
        var shown = await SendAsync(host, HttpMethod.Post, "message-templates/preview", """{"channel": "tech-mail"}""");
        Assert.StartsWith("[Picasoft.Ops] Night call 128: ", (string?)shown.Json["title"], StringComparison.Ordinal);

        await SendAsync(host, HttpMethod.Post, "incidents", """{"title": "The wiki is slow", "severity": "high"}""");
        await Eventually.TrueAsync(() => Task.FromResult(!smtp.Messages.IsEmpty), "it is told");
        var told = smtp.Messages.First();
        Assert.StartsWith("[Picasoft.Ops] Night call 1: ", told.Subject, StringComparison.Ordinal);
        Assert.StartsWith("Please look.", told.TextBody, StringComparison.Ordinal);
        Assert.Contains("The wiki is slow", told.TextBody, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Put, "message-templates", "{}")).Status);
        shown = await SendAsync(host, HttpMethod.Post, "message-templates/preview", """{"channel": "tech-mail", "reason": "resolved", "language": "fr"}""");
        Assert.DoesNotContain("Night call", (string?)shown.Json["title"], StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, JsonNode Json)> SendAsync(OpsHost host, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/" + path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await host.Client.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
