using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>
/// Two nodes, Toulouse and Compiègne, share a store. Both watch the same service; one loses its own network and blames nobody; one dies and another takes over.
/// </summary>
public sealed class PlacesStory(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Token = "a-token-for-tests-with-all-scopes-0123456789";

    private readonly TempFolder _folder = new();
    private readonly Door _target = new(), _referenceT = new(), _referenceC = new();
    private string _database = "";
    private OpsHost _toulouse = null!;
    private OpsHost _compiegne = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        _toulouse = await StartAsync("alice", "toulouse", _referenceT);
        _compiegne = await StartAsync("bob", "compiegne", _referenceC);
    }

    public async ValueTask DisposeAsync()
    {
        await _toulouse.DisposeAsync();
        await _compiegne.DisposeAsync();
        foreach (var door in new[] { _target, _referenceT, _referenceC }) door.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_place_has_its_word_a_quorum_decides_and_who_is_cut_off_blames_nobody()
    {
        await MakeProbeAsync("both", ["toulouse", "compiegne"], 2);
        await MakeProbeAsync("one", ["compiegne"], null);
        await Eventually.TrueAsync(async () => await WordsAsync("both") == "compiegne bob up, toulouse alice up", "both places have checked");
        await Eventually.TrueAsync(async () => await WordsAsync("one") == "compiegne bob up", "Compiègne has checked what only it checks");

        // Compiègne is cut off: its reference is gone, and the target fails.
        _referenceC.Close();
        await Eventually.TrueAsync(async () => (await NodesAsync())["bob"].GetProperty("networkLostSince").ValueKind == JsonValueKind.String, "bob says that it has lost its network");
        await Eventually.TrueAsync(async () => (await AlertsAsync()).Contains("node_network_lost"), "its alert is there");
        _target.Close();
        // Toulouse alone is heard once Compiègne's last word no longer counts, and says so; Compiègne says nothing against anybody.
        await Eventually.TrueAsync(async () => await StatusAsync("both") == "down", "Toulouse decides alone");
        Assert.Equal("up", await StatusAsync("one"));
        Assert.Contains("seen from toulouse", (await GetAsync("/api/v1/probes/both")).GetProperty("last").GetProperty("reason").GetString(), StringComparison.Ordinal);

        _referenceC.Open();
        await Eventually.TrueAsync(async () => await StatusAsync("one") == "down", "with its network back it says what it sees");
        await Eventually.TrueAsync(async () => !(await AlertsAsync()).Contains("node_network_lost"), "and its own alert has ended");
        _target.Open();
        await Eventually.TrueAsync(async () => await StatusAsync("both") == "up" && await StatusAsync("one") == "up", "all is well again");
    }

    [Fact]
    public async Task One_place_that_sees_it_otherwise_is_shown_and_is_outvoted_until_one_is_enough()
    {
        Sees("alice", "echo OK; exit 0");
        Sees("bob", "echo CRITICAL not from here; exit 2");
        // Their words count for half a minute: a machine that is busy halts a node for some seconds, and the other would rightly decide alone.
        object Look(int? quorum) => new { name = "look", type = "plugin", interval = "10s", timeout = "10s", failures = 1, locations = new[] { "toulouse", "compiegne" }, quorum, plugin = new { command = "look" } };
        using (var made = await SendAsync(HttpMethod.Post, "/api/v1/probes", Look(2))) Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(async () => await WordsAsync("look") == "compiegne bob down, toulouse alice up", "each place has its word");
        var places = (await GetAsync("/api/v1/probes/look/locations")).GetProperty("items").EnumerateArray().Select(l => Text(l, "reason")).ToList();
        Assert.Equal("CRITICAL not from here", places[0]);
        // Outvoted however often it says so.
        await Eventually.TrueAsync(async () => (await GetAsync("/api/v1/probes/look/results?limit=100")).GetProperty("items").EnumerateArray().Count(r => !r.GetProperty("ok").GetBoolean()) >= 3, "it has failed from there some times");
        Assert.Equal("up", await StatusAsync("look"));
        Assert.DoesNotContain("probe_down", await AlertsAsync());

        using (var changed = await SendAsync(HttpMethod.Put, "/api/v1/probes/look", Look(1))) Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(async () => await StatusAsync("look") == "down" && (await AlertsAsync()).Contains("probe_down"), "one is enough now");
        Assert.Contains("seen from compiegne: CRITICAL not from here", (await GetAsync("/api/v1/probes/look")).GetProperty("last").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Sees("bob", "echo OK; exit 0");
        await Eventually.TrueAsync(async () => await StatusAsync("look") == "up" && !(await AlertsAsync()).Contains("probe_down"), "both see it again");

        // Of two, both: then it is down for a quorum of two as well.
        using (var changed = await SendAsync(HttpMethod.Put, "/api/v1/probes/look", Look(2))) Assert.True(changed.IsSuccessStatusCode);
        foreach (var node in new[] { "alice", "bob" }) Sees(node, "echo CRITICAL gone; exit 2");
        await Eventually.TrueAsync(async () => await StatusAsync("look") == "down" && (await GetAsync("/api/v1/probes/look")).GetProperty("last").GetProperty("reason").GetString() is var said
            && said!.Contains("compiegne", StringComparison.Ordinal) && said.Contains("toulouse", StringComparison.Ordinal), "both say so");
    }

    [Fact]
    public async Task A_node_without_its_network_does_not_warn_either()
    {
        var counted = _folder["counted"];
        Sees("bob", "echo OK; exit 0");
        using (var made = await SendAsync(HttpMethod.Post, "/api/v1/probes", new { name = "mild", type = "plugin", interval = "5s", timeout = "5s", failures = 1, locations = new[] { "compiegne" }, plugin = new { command = "look" } })) Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(async () => await StatusAsync("mild") == "up", "all is well");
        _referenceC.Close();
        await Eventually.TrueAsync(async () => (await NodesAsync())["bob"].GetProperty("networkLostSince").ValueKind == JsonValueKind.String, "bob says that it has lost its network");
        Sees("bob", $"echo x >>{counted}; echo WARNING nobody answers; exit 1");
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(counted) && File.ReadAllLines(counted).Length >= 2), "it has looked some times");
        Assert.Equal("up", await StatusAsync("mild"));
        Assert.DoesNotContain("probe_warning", await AlertsAsync());
        _referenceC.Open();
        await Eventually.TrueAsync(async () => await StatusAsync("mild") == "warning" && (await AlertsAsync()).Contains("probe_warning"), "with its network back it warns");
    }

    /// <summary>What a node sees: a plugin of its own.</summary>
    private void Sees(string node, string script)
    {
        Directory.CreateDirectory(_folder["plugins-" + node]);
        var next = Path.Combine(_folder["plugins-" + node], "next");
        File.WriteAllText(next, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(next, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        File.Move(next, Path.Combine(_folder["plugins-" + node], "look"), overwrite: true); // at once: it may be running
    }

    [Fact]
    public async Task What_a_dead_node_checked_is_taken_over_by_another_of_its_place()
    {
        await MakeProbeAsync("one", ["compiegne"], null);
        await Eventually.TrueAsync(async () => await WordsAsync("one") == "compiegne bob up", "bob checks it");
        await _compiegne.KillAsync();
        await Eventually.TrueAsync(async () => (await AlertsAsync()).Contains("node_gone"), "the others say that bob is gone");
        Assert.False((await NodesAsync())["bob"].GetProperty("alive").GetBoolean());

        await using var caribou = await StartAsync("caribou", "compiegne", _referenceC);
        await Eventually.TrueAsync(async () => await WordsAsync("one") == "compiegne caribou up", "caribou checks it now");
        using (var forgotten = await SendAsync(HttpMethod.Delete, "/api/v1/nodes/bob", null)) Assert.Equal(HttpStatusCode.NoContent, forgotten.StatusCode);
        await Eventually.TrueAsync(async () => !(await AlertsAsync()).Contains("node_gone"), "bob is forgotten");
    }

    private Task<OpsHost> StartAsync(string node, string location, Door reference) => OpsHost.StartAsync(_folder["data"], _database, environment: new Dictionary<string, string>
    {
        ["OPS_NODE"] = node,
        ["OPS_LOCATION"] = location,
        ["OPS_REFERENCES"] = $"127.0.0.1:{reference.Port}",
        ["OPS_PLUGINS"] = _folder["plugins-" + node],
        ["OPS_BOOTSTRAP_TOKEN"] = Token,
        ["OPS_SECRET_KEY"] = new('k', 32),
    });

    private async Task MakeProbeAsync(string name, string[] locations, int? quorum)
    {
        using var made = await SendAsync(HttpMethod.Post, "/api/v1/probes", new { name, type = "tcp", interval = "2s", timeout = "2s", failures = 1, locations, quorum, tcp = new { host = "127.0.0.1", port = _target.Port } });
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
    }

    private async Task<string> WordsAsync(string probe) =>
        string.Join(", ", (await GetAsync($"/api/v1/probes/{probe}/locations")).GetProperty("items").EnumerateArray().Select(l => $"{Text(l, "location")} {Text(l, "node")} {Text(l, "status")}"));

    private async Task<string?> StatusAsync(string probe) => Text(await GetAsync($"/api/v1/probes/{probe}"), "status");

    private async Task<Dictionary<string, JsonElement>> NodesAsync() => (await GetAsync("/api/v1/nodes")).GetProperty("items").EnumerateArray().ToDictionary(n => Text(n, "name")!);

    private async Task<List<string?>> AlertsAsync() => [.. (await GetAsync("/api/v2/alerts")).EnumerateArray().Select(a => Text(a.GetProperty("labels"), "alertname"))];

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new("Bearer", Token);
        request.Headers.AcceptLanguage.ParseAdd("en");
        if (body is not null) request.Content = new StringContent(JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");
        return await _toulouse.Client.SendAsync(request);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    /// <summary>A port that opens and closes.</summary>
    private sealed class Door : IDisposable
    {
        private TcpListener? _listener;

        public Door() => Open();

        public int Port { get; } = RealProgram.FreePort(); // closed, it must not become somebody else's

        public void Open()
        {
            _listener = new(IPAddress.Loopback, Port);
            _listener.Start();
        }

        public void Close()
        {
            _listener?.Dispose();
            _listener = null;
        }

        public void Dispose() => Close();
    }
}
