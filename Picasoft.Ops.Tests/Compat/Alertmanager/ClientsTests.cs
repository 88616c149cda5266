using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Alertmanager;

/// <summary>Debian's Prometheus, vmalert, amtool and Alertmanager against the product, as their users run them.</summary>
public sealed class ClientsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Token = "a-token-for-tests-with-all-scopes-0123456789";
    private readonly TempFolder _folder = new();
    private OpsHost _ops = null!;
    private string? _http;

    public async ValueTask InitializeAsync()
    {
        _ops = await OpsHost.StartAsync(_folder["data"], await postgres.CreateDatabaseAsync(), environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = Token });
        _ops.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _ops.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("authorization: {credentials: " + Token + "}")]
    [InlineData("basic_auth: {username: prometheus, password: " + Token + "}")]
    public async Task Prometheus_hands_in_an_alert_and_its_end(string authentication)
    {
        await using var prometheus = await RealProgram.PrometheusAsync(_folder, $$"""
            global: {evaluation_interval: 1s}
            rule_files: ["{{await RuleAsync()}}"]
            alerting: {alertmanagers: [{static_configs: [{targets: ["{{_ops.Address.Authority}}"]}], {{authentication}}}]}
            """);
        await BeginsAndEndsAsync(prometheus);
    }

    [Theory]
    [InlineData("-notifier.bearerToken=" + Token)]
    [InlineData("-notifier.basicAuth.username=vmalert", "-notifier.basicAuth.password=" + Token)]
    public async Task Vmalert_hands_in_an_alert_and_its_end(params string[] authentication)
    {
        await using var store = await RealProgram.StartAsync("victoria-metrics", port => [$"-httpListenAddr=127.0.0.1:{port}", $"-storageDataPath={_folder["metrics"]}", "-memory.allowedBytes=64MB", "-loggerLevel=ERROR"], RealProgram.ListensAsync);
        var rule = await RuleAsync();
        await using var vmalert = await RealProgram.StartAsync("vmalert", port => [$"-httpListenAddr=127.0.0.1:{port}", $"-rule={rule}", $"-datasource.url={store.Address}", $"-notifier.url={_ops.Address}", "-evaluationInterval=1s", .. authentication], RealProgram.ListensAsync);
        await BeginsAndEndsAsync(vmalert);
    }

    /// <summary>A rule in the form that both read, which burns until we say otherwise.</summary>
    private async Task<string> RuleAsync(bool burns = true)
    {
        await File.WriteAllTextAsync(_folder["rules.yml"], $$$"""
            groups: [{name: test, interval: 1s, rules: [{alert: Burning, expr: "vector(1) == {{{(burns ? 1 : 0)}}}", labels: {service: mail, severity: critical}, annotations: {summary: "Mail burns"}}]}]
            """);
        return _folder["rules.yml"];
    }

    private async Task BeginsAndEndsAsync(RealProgram sender)
    {
        JsonNode? alert = null;
        await Eventually.TrueAsync(async () => (alert = (await AlertsAsync("active")).FirstOrDefault(a => (string?)a!["labels"]!["service"] == "mail")) is not null, () => $"the alert is there; its sender said {sender.Output}");
        Assert.Equal("Mail burns", (string?)alert!["annotations"]!["summary"]);
        await RuleAsync(burns: false);
        Signals.Send(sender.ProcessId, Signals.Hangup);
        await Eventually.TrueAsync(async () => (await AlertsAsync("active")).Count == 0, () => $"the alert has ended; its sender said {sender.Output}");
        // One that its sender is too slow to repeat ends too, and begins again.
        Assert.Contains(await AlertsAsync("ended"), a => (string?)a!["labels"]!["service"] == "mail");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Amtool_does_its_work(bool bearer)
    {
        if (bearer) await File.WriteAllTextAsync(_http = _folder["http.yml"], "authorization: {credentials: " + Token + "}\n");
        await AmtoolAsync("alert", "add", "alertname=Down", "service=mail", "instance=a b", "--annotation=summary=Mail is down");
        Assert.Equal("Mail is down", (string?)(await JsonAsync("alert", "query", "service=mail"))[0]!["annotations"]!["summary"]);
        Assert.Empty(await JsonAsync("alert", "query", "service=wiki"));

        var id = (await AmtoolAsync("silence", "add", "--author=camille", "--comment=upgrade", "--duration=2h", "service=mail", "instance=~a.*")).Trim();
        Assert.Equal(id, (string?)(await JsonAsync("alert", "query", "--silenced", "service=mail"))[0]!["status"]!["silencedBy"]![0]);
        var silence = Assert.Single(await JsonAsync("silence", "query", "service=mail"))!;
        Assert.Equal("camille", (string?)silence["createdBy"]);

        await AmtoolAsync("silence", "update", "--comment=longer", "--duration=3h", id);
        Assert.Equal("longer", (string?)Assert.Single(await JsonAsync("silence", "query"))!["comment"]);
        await File.WriteAllTextAsync(_folder["silences.json"], (await JsonAsync("silence", "query")).ToJsonString());

        await AmtoolAsync("silence", "expire", id);
        Assert.Empty(await JsonAsync("silence", "query"));
        Assert.Equal(id, (string?)Assert.Single(await JsonAsync("silence", "query", "--expired"))!["id"]);

        await AmtoolAsync("silence", "import", "--force", _folder["silences.json"]);
        Assert.Equal("longer", (string?)Assert.Single(await JsonAsync("silence", "query"))!["comment"]);

        Assert.Contains("default", await AmtoolAsync("config", "routes", "test", "service=mail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("authorization: {credentials: " + Token + "}")]
    [InlineData("basic_auth: {username: alertmanager, password: " + Token + "}")]
    public async Task An_Alertmanager_in_front_tells_us_what_begins_and_what_ends(string authentication)
    {
        await using var front = await RealProgram.AlertmanagerAsync(_folder, $$$"""
            route: {receiver: ops, group_by: [service], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
            receivers: [{name: ops, webhook_configs: [{url: "{{{new Uri(_ops.Address, "/hooks/alertmanager")}}}", http_config: { {{{authentication}}} }}]}]
            """);
        using var source = new HttpClient { BaseAddress = front.Address };
        var now = TimeProvider.System.GetUtcNow();
        await SayAsync("a", now.AddHours(1));
        await SayAsync("b", now.AddHours(1));
        await Eventually.TrueAsync(async () => (await AlertsAsync("active")).Count == 2, () => $"both are here; the one in front said {front.Output}");
        Assert.All(await AlertsAsync("active"), a => Assert.Equal("Mail is down", (string?)a!["annotations"]!["summary"]));
        await Eventually.TrueAsync(async () => JsonNode.Parse(await _ops.Client.GetStringAsync("/api/v1/incidents?service=mail"))!["items"]!.AsArray().Count == 1, "they are one incident");

        await SayAsync("a", now.AddSeconds(-1));
        await Eventually.TrueAsync(async () => (await AlertsAsync("active")) is [{ } left] && (string?)left["labels"]!["instance"] == "b", () => $"one has ended, the other goes on; the one in front said {front.Output}");
        await SayAsync("b", now.AddSeconds(-1));
        await Eventually.TrueAsync(async () => (await AlertsAsync("active")).Count == 0, "both have ended");

        async Task SayAsync(string instance, DateTimeOffset ends)
        {
            using var body = new StringContent(new JsonArray(new JsonObject
            {
                ["labels"] = new JsonObject { ["alertname"] = "Down", ["service"] = "mail", ["instance"] = instance },
                ["annotations"] = new JsonObject { ["summary"] = "Mail is down" },
                ["startsAt"] = now.AddMinutes(-5).ToString("O", CultureInfo.InvariantCulture),
                ["endsAt"] = ends.ToString("O", CultureInfo.InvariantCulture),
            }).ToJsonString(), System.Text.Encoding.UTF8, "application/json");
            using var answer = await source.PostAsync("/api/v2/alerts", body);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    private async Task<JsonArray> AlertsAsync(string state) => JsonNode.Parse(await _ops.Client.GetStringAsync($"/api/v1/alerts?state={state}"))!["items"]!.AsArray();

    private async Task<JsonArray> JsonAsync(params string[] words) => JsonNode.Parse(await AmtoolAsync([.. words, "--output=json"]))!.AsArray();

    private async Task<string> AmtoolAsync(params string[] words)
    {
        string[] door = _http is null ? [$"--alertmanager.url=http://amtool:{Token}@{_ops.Address.Authority}"] : [$"--alertmanager.url=http://{_ops.Address.Authority}", $"--http.config.file={_http}"];
        var info = new ProcessStartInfo("amtool", [.. words, .. door]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(info)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"amtool {string.Join(' ', words)}: {await error}{await output}");
        return await output;
    }
}
