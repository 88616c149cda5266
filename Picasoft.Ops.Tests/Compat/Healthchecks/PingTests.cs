using System.Diagnostics;
using System.Net;
using System.Text;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Healthchecks;

/// <summary>What Healthchecks', Uptime Kuma's and Gatus' clients send, to the real product.</summary>
public sealed class PingTests(OpsApi api) : IClassFixture<OpsApi>
{
    private static int _count;

    [Theory]
    [InlineData("GET", "", 200, "OK")]
    [InlineData("HEAD", "", 200, "")]
    [InlineData("POST", "", 200, "OK")]
    [InlineData("PUT", "/log", 200, "OK")]
    [InlineData("GET", "/0", 200, "OK")]
    [InlineData("GET", "/255", 200, "OK")]
    [InlineData("GET", "/256", 400, "invalid url format")]
    [InlineData("GET", "/99999999999", 400, "invalid url format")]
    [InlineData("GET", "/Upper", 400, "invalid url format")]
    [InlineData("GET", "/nothing", 404, "not found")]
    [InlineData("GET", "/start/start", 404, "not found")]
    [InlineData("GET", "?rid=7", 400, "invalid uuid format")]
    [InlineData("GET", "/start?rid=a52e0a0c-6d5c-4b0a-9d3c-0c1d2e3f4a5b", 200, "OK")]
    public async Task Every_form_is_answered_as_Healthchecks_does(string verb, string path, int status, string said)
    {
        using var answer = await api.Host.Client.SendAsync(new(new(verb), await CreateAsync() + path));
        Assert.Equal((status, said), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal(status == 200, answer.Headers.Contains("Ping-Body-Limit"));
    }

    [Theory]
    [InlineData("/ping/")]
    [InlineData("/ping/not-a-uuid")]
    [InlineData("/ping/00000000-0000-0000-0000-000000000000")]
    [InlineData("/ping/wrong-key/some-slug")]
    [InlineData("/ping/a/b/c/d")]
    public async Task What_is_unknown_is_not_found(string path)
    {
        using var answer = await api.Host.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_first_ping_makes_the_heartbeat_if_it_asks_for_it()
    {
        var key = (await api.PostAsync("/api/v1/tokens", new { name = "cron", scopes = new[] { "ingest" } }))["text"].GetString();
        using (var unknown = await api.Host.Client.GetAsync($"/ping/{key}/nightly")) Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using (var made = await api.Host.Client.GetAsync($"/ping/{key}/nightly?create=1")) Assert.Equal((HttpStatusCode.Created, "Created"), (made.StatusCode, await made.Content.ReadAsStringAsync()));
        using (var again = await api.Host.Client.GetAsync($"/ping/{key}/nightly/2?create=1")) Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        var nightly = await api.GetAsync("/api/v1/heartbeats/nightly");
        Assert.Equal(("down", "1d", "1h"), (nightly["status"].GetString(), nightly["period"].GetString(), nightly["grace"].GetString()));
        var reader = (await api.PostAsync("/api/v1/tokens", new { name = "reader", scopes = new[] { "read" } }))["text"].GetString();
        using var notAllowed = await api.Host.Client.GetAsync($"/ping/{reader}/nightly");
        Assert.Equal(HttpStatusCode.NotFound, notAllowed.StatusCode);
    }

    [Fact]
    public async Task A_body_is_kept_up_to_its_limit_and_shown()
    {
        var url = await CreateAsync();
        using (var sent = await api.Host.Client.PostAsync(url, new StringContent("é" + new string('x', PingIntake.MaxBody + 500_000)))) Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        var body = (await PingsAsync(url))[0].GetProperty("body").GetString()!;
        Assert.Equal(PingIntake.MaxBody, Encoding.UTF8.GetByteCount(body));
        Assert.StartsWith("éxxx", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lines_of_the_page_work_with_real_curl()
    {
        var url = await CreateAsync();
        Assert.Equal(0, await ShellAsync($"curl -fsS -m 10 --retry 5 -o /dev/null {url}/start; out=$(sh -c 'echo begun; echo no space left >&2; exit 3' 2>&1); curl -fsS -m 10 --retry 5 -o /dev/null --data-raw \"$out\" {url}/$?"));
        // $? in that line is the backup's own: an assignment keeps it.
        var pings = await PingsAsync(url);
        Assert.Equal(("fail", 3, "begun\nno space left"), (pings[0].GetProperty("kind").GetString(), pings[0].GetProperty("exitStatus").GetInt32(), pings[0].GetProperty("body").GetString()));
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, pings[0].GetProperty("duration").ValueKind);
        Assert.Equal("start", pings[1].GetProperty("kind").GetString());
        Assert.Equal("down", (await api.GetAsync($"/api/v1/heartbeats/{await NameOfAsync(url)}"))["status"].GetString());
        Assert.Equal(22, await ShellAsync($"curl -fsS -o /dev/null {api.Host.Address}ping/00000000-0000-0000-0000-000000000000"));
        Assert.Equal(0, await ShellAsync($"true; curl -fsS -m 10 --retry 5 -o /dev/null {url}/$?"));
        Assert.Equal("up", (await api.GetAsync($"/api/v1/heartbeats/{await NameOfAsync(url)}"))["status"].GetString());
    }

    [Fact]
    public async Task Uptime_Kumas_push_address_is_kept()
    {
        var token = "Abc0123456789abcdef0123456789xyZ";
        var name = $"kuma-{Interlocked.Increment(ref _count)}";
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/heartbeats", new { name, period = "1d", token })).Status);
        Assert.Equal("{\"ok\":true}", await api.Host.Client.GetStringAsync($"/api/push/{token}?status=up&msg=OK&ping=12.5"));
        var heartbeat = await api.GetAsync($"/api/v1/heartbeats/{name}");
        Assert.Equal(("up", $"{api.Host.Address}api/push/{token}"), (heartbeat["status"].GetString(), heartbeat["pingUrl"].GetString()));
        using (var down = await api.Host.Client.PostAsync($"/api/push/{token}?status=down&msg=broken", null)) Assert.Equal(HttpStatusCode.OK, down.StatusCode);
        Assert.Equal("down", (await api.GetAsync($"/api/v1/heartbeats/{name}"))["status"].GetString());
        foreach (var wrong in new[] { "/api/push/nothing-of-that-kind?status=up", $"/api/push/{token}?ping=-1", $"/api/push/{token}?ping=x" })
        {
            using var answer = await api.Host.Client.GetAsync(wrong);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains("\"ok\":false", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Gatus_external_endpoints_are_heartbeats()
    {
        var url = await CreateAsync();
        var name = await NameOfAsync(url);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"/api/v1/endpoints/core_{name}/external?success=true&duration=10s")).Status);
        Assert.Equal("10s", (await PingsAsync(url))[0].GetProperty("duration").GetString());
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"/api/v1/endpoints/core_{name}/external?success=false&error=gone")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.PostAsync($"/api/v1/endpoints/core_{name}/external?success=maybe")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync("/api/v1/endpoints/core_nothing/external?success=true")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.SendAsync(HttpMethod.Post, $"/api/v1/endpoints/core_{name}/external?success=true", null, token: null)).Status);
        Assert.Equal("down", (await api.GetAsync($"/api/v1/heartbeats/{name}"))["status"].GetString());
    }

    [Fact]
    public async Task Too_many_pings_are_told_to_wait()
    {
        var url = await CreateAsync();
        for (var i = 0; i < 200; i++)
        {
            using var answer = await api.Host.Client.GetAsync(url);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests) continue;
            Assert.NotNull(answer.Headers.RetryAfter);
            return;
        }
        Assert.Fail("Two hundred pings at once were all taken.");
    }

    [Fact]
    public async Task The_address_is_shown_only_to_those_who_may_change_it()
    {
        var name = await NameOfAsync(await CreateAsync());
        var reader = (await api.PostAsync("/api/v1/tokens", new { name = $"reader of {name}", scopes = new[] { "read" } }))["text"].GetString();
        Assert.DoesNotContain("pingUrl", (await api.SendAsync(HttpMethod.Get, $"/api/v1/heartbeats/{name}", null, reader)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("pingUrl", (await api.SendAsync(HttpMethod.Get, "/api/v1/heartbeats?limit=500", null, reader)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_answered_can_be_sent_back_and_changed()
    {
        var name = await NameOfAsync(await CreateAsync());
        var answered = await api.GetAsync($"/api/v1/heartbeats/{name}");
        var back = System.Text.Json.Nodes.JsonNode.Parse(answered.Text)!;
        back["grace"] = "2h";
        var changed = await api.PutAsync($"/api/v1/heartbeats/{name}", back.ToJsonString());
        Assert.Equal((HttpStatusCode.OK, "2h", answered["pingUrl"].GetString()), (changed.Status, changed["grace"].GetString(), changed["pingUrl"].GetString()));
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync($"/api/v1/heartbeats/{name}", back.ToJsonString())).Status);
        var anew = await api.PostAsync($"/api/v1/heartbeats/{name}/regenerate");
        Assert.NotEqual(answered["pingUrl"].GetString(), anew["pingUrl"].GetString());
        Assert.Equal("paused", (await api.PostAsync($"/api/v1/heartbeats/{name}/pause"))["status"].GetString());
        Assert.Equal("new", (await api.PostAsync($"/api/v1/heartbeats/{name}/resume"))["status"].GetString());
        Assert.Equal(["schedule", "timeZone"], (await api.PostAsync("/api/v1/heartbeats", new { name = "x", schedule = "every day", timeZone = "Mars" })).Fields);
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/heartbeats/{name}")).Status);
    }

    private async Task<string> CreateAsync()
    {
        var made = await api.PostAsync("/api/v1/heartbeats", new { name = $"job-{Interlocked.Increment(ref _count)}", period = "1d" });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        return made["pingUrl"].GetString()!;
    }

    private async Task<string> NameOfAsync(string url) =>
        (await api.GetAsync("/api/v1/heartbeats?limit=500"))["items"].EnumerateArray().Single(h => h.GetProperty("pingUrl").GetString() == url).GetProperty("name").GetString()!;

    private async Task<List<System.Text.Json.JsonElement>> PingsAsync(string url) =>
        [.. (await api.GetAsync($"/api/v1/heartbeats/{await NameOfAsync(url)}/pings"))["items"].EnumerateArray()];

    private static async Task<int> ShellAsync(string line)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line]) { WorkingDirectory = "/" })!;
        await shell.WaitForExitAsync();
        return shell.ExitCode;
    }
}
