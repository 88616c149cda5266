using System.Net;
using System.Text.Json;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>PostgreSQL goes away under the running product, and comes back. A server of our own, so that nobody else is left without one.</summary>
public sealed class DatabaseAwayStory : IAsyncLifetime
{
    private const string Token = "a-token-for-tests-with-all-scopes-0123456789";

    private readonly TempFolder _folder = new();
    private PrivatePostgres _postgres = null!;
    private OpsHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder["postgres"]);
        await StartDatabaseAsync();
        await SchemaUpgrade.RunAsync(_postgres.ConnectionString, CancellationToken.None);
        _host = await OpsHost.StartAsync(_folder["data"], _postgres.ConnectionString, environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = Token });
        _host.Client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
    }

    [Fact]
    public async Task What_was_seen_meanwhile_is_stored_and_what_breaks_meanwhile_opens_an_incident()
    {
        await using var web = await WebTarget.StartAsync();
        await MakeAsync("services", new { name = "wiki" });
        // Many, so that at any instant some are claimed and about to be checked.
        var names = Enumerable.Range(0, 20).Select(i => $"wiki-{i}").ToList();
        foreach (var name in names) await MakeAsync("probes", new { name, type = "http", service = "wiki", interval = "2s", retryInterval = "500ms", http = new { url = web.Url() } });
        await Eventually.TrueAsync(() => Task.FromResult(web.Hits >= names.Count), "the probes run");

        await _postgres.DisposeAsync();
        var hits = web.Hits;
        // Claims reach two and a half seconds ahead: three rounds are more than was claimed.
        await Eventually.TrueAsync(() => Task.FromResult(web.Hits > hits + 3 * names.Count), "the checks go on without the database");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _host.Client.GetAsync("/readyz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _host.Client.GetAsync("/healthz")).StatusCode);
        using var stranger = new HttpRequestMessage(HttpMethod.Get, "/healthz") { Headers = { Authorization = new("Bearer", "a-token-that-nobody-remembers") } };
        Assert.Equal(HttpStatusCode.OK, (await _host.Client.SendAsync(stranger)).StatusCode);
        await web.StopAsync();
        await StartDatabaseAsync();

        await Eventually.TrueAsync(async () => (await ItemsAsync("incidents?state=open")).Count == 1, "an incident is open");
        // Each request that arrived, before and in the gap, is a stored result: good, unless it was cut short.
        (int Good, int Cut) stored = default;
        await Eventually.TrueAsync(async () => (stored = await ResultsAsync(names)) is var (good, cut) && good <= web.Hits && web.Hits <= good + cut, () => $"every result is stored: {stored} of {web.Hits}");
    }

    [Fact]
    public async Task Who_is_signed_in_reads_that_the_database_is_away_on_a_page_with_its_looks()
    {
        var clock = new ForwardClock();
        await using var app = await RunningApp.StartOnAsync(_postgres.ConnectionString, clock);
        await app.AddPersonAsync("camille", Role.Admin);
        using var browser = app.Browser();
        Assert.Equal(HttpStatusCode.Redirect, (await RunningApp.SignInAsync(browser, "camille@example.org")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).StatusCode);

        await _postgres.DisposeAsync();
        clock.Advance(Principals.Recheck); // each request compares the session with the store from then on
        using var page = await browser.GetAsync("/");
        var looks = new[] { await browser.GetAsync("/favicon.svg"), await browser.GetAsync("/mud.css") };
        await StartDatabaseAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
        Assert.Contains("The database does not answer", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.All(looks, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        await Eventually.TrueAsync(async () => (await browser.GetAsync("/")).StatusCode == HttpStatusCode.OK, "the inbox is there again, and camille signed in");
    }

    [Fact]
    public async Task Lines_of_logs_are_taken_only_while_they_can_be_stored()
    {
        await MakeAsync("log-rules", new { name = "pushed", match = "pushed" });
        var (number, taken) = (0, new List<string>());
        async Task<HttpStatusCode> PushAsync()
        {
            var (line, at) = ($"pushed {++number}", (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
            using var content = new StringContent(JsonSerializer.Serialize(new { streams = new[] { new { stream = new { host = "alice", app = "web" }, values = new[] { new[] { $"{at}", line } } } } }), null, "application/json");
            using var answer = await _host.Client.PostAsync("/loki/api/v1/push", content);
            if (answer.StatusCode == HttpStatusCode.NoContent) taken.Add(line);
            else if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) Assert.NotNull(answer.Headers.RetryAfter);
            return answer.StatusCode;
        }
        // The rule is read a moment after it was made.
        await Eventually.TrueAsync(async () => await PushAsync() == HttpStatusCode.NoContent && (await ItemsAsync("log-lines?rule=pushed")).Count > 0, "lines are taken");
        taken.RemoveRange(0, taken.Count - 1);
        await _postgres.DisposeAsync();
        await Eventually.TrueAsync(async () => await PushAsync() == HttpStatusCode.ServiceUnavailable, "lines are refused");
        await StartDatabaseAsync();
        await Eventually.TrueAsync(async () => await PushAsync() == HttpStatusCode.NoContent, "lines are taken again");
        var kept = (await ItemsAsync("log-lines?rule=pushed&limit=500")).Select(l => l.GetProperty("text").GetString()).ToList();
        Assert.Empty(taken.Except(kept));
    }

    private async Task StartDatabaseAsync() => _postgres = await PrivatePostgres.StartAsync(_folder["postgres"], TimeProvider.System, CancellationToken.None);

    /// <summary>Good ones, and those whose request may have arrived all the same.</summary>
    private async Task<(int Good, int Cut)> ResultsAsync(IEnumerable<string> probes)
    {
        var (good, cut) = (0, 0);
        foreach (var probe in probes)
            foreach (var result in await ItemsAsync($"probes/{probe}/results?limit=500"))
                if (result.GetProperty("ok").GetBoolean()) good++;
                else if (!result.GetProperty("reason").GetString()!.Contains("refused", StringComparison.Ordinal)) cut++;
        return (good, cut);
    }

    private async Task<List<JsonElement>> ItemsAsync(string path) => [.. (await GetAsync(path)).GetProperty("items").EnumerateArray()];

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await _host.Client.GetAsync($"/api/v1/{path}");
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    private async Task MakeAsync(string path, object body)
    {
        using var answer = await _host.Client.PostAsync($"/api/v1/{path}", new StringContent(JsonSerializer.Serialize(body)));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _postgres.DisposeAsync();
        _folder.Dispose();
    }
}
