using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>
/// The real product where the name server takes every question and answers none: names that hang delay nobody whose name is known.
/// In a mount namespace of its own, with its own <c>/etc/resolv.conf</c> and <c>/etc/hosts</c>.
/// </summary>
public sealed class SlowNamesStory(PostgresFixture postgres) : IDisposable
{
    private const string Token = "a-token-for-tests-with-all-scopes-0123456789";
    private const int Hanging = 120, Quick = 20;

    private readonly TempFolder _folder = new();
    private string _database = "";

    [Fact]
    public async Task Names_that_hang_delay_nobody_else()
    {
        Assert.SkipUnless(await Elsewhere.HasFilesAsync(), "may not make a mount namespace");
        using var mute = new UdpClient(new IPEndPoint(IPAddress.Parse($"127.66.{Environment.ProcessId % 250}.{Random.Shared.Next(1, 250)}"), 53)); // nobody reads what it is asked
        await File.WriteAllTextAsync(_folder["resolv.conf"], $"nameserver {((IPEndPoint)mute.Client.LocalEndPoint!).Address}\noptions timeout:30 attempts:1\n");
        await File.WriteAllTextAsync(_folder["hosts"], "127.0.0.1 localhost\n" + string.Concat(Enumerable.Range(0, Quick).Select(i => $"127.0.0.1 quick{i}.test\n")));
        await File.WriteAllTextAsync(_folder["nsswitch.conf"], "passwd: files\ngroup: files\nhosts: files dns\n");
        using var target = new RawTarget(_ => null);
        await File.WriteAllTextAsync(_folder["probes.yaml"], Probes(target.Port));
        await using var host = await OpsHost.StartAsync(_folder["data"], _database = await postgres.CreateDatabaseAsync(), environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = Token, ["OPS_SECRET_KEY"] = new('k', 32) },
            within: Elsewhere.WithFiles(_folder, "resolv.conf", "hosts", "nsswitch.conf"), more: ["--config", _folder["probes.yaml"]]);

        // By order, not by the clock: those whose name is known were checked again and again, and not one of the others had an answer.
        await Eventually.TrueAsync(async () => (await StatesAsync(host)).Count(s => s is { Name: ['h', ..], Status: "down" }) == Hanging, "all that hang are down", 120);
        await Eventually.TrueAsync(async () => (await StatesAsync(host)).Count(s => s is { Name: ['q', ..], Status: "up" }) == Quick, "all others are up");
        // As often as each other: while those that hang were asked three times more, nobody waited for them.
        var (before, during) = (await CountsAsync(), new Dictionary<string, int>());
        await Eventually.TrueAsync(async () => (during = await CountsAsync()).Where(c => c.Key[0] == 'h').All(c => c.Value >= before[c.Key] + 3), "those that hang were asked three times more", 120);
        Assert.All(during.Where(c => c.Key[0] == 'q'), c => Assert.True(c.Value >= before[c.Key] + 2, $"{c.Key} was checked {c.Value - before[c.Key]} times meanwhile"));
        foreach (var i in Enumerable.Range(0, Quick))
        {
            var results = (await GetAsync(host, $"/api/v1/probes/quick{i}/results?limit=500")).GetProperty("items").EnumerateArray().ToList();
            Assert.InRange(results.Count, 3, int.MaxValue);
            Assert.All(results, r => Assert.True(r.GetProperty("ok").GetBoolean(), r.ToString()));
        }
        var hung = (await GetAsync(host, "/api/v1/probes/hanging0/results?limit=500")).GetProperty("items").EnumerateArray().ToList();
        Assert.All(hung, r => Assert.Equal("no answer within 5 s", r.GetProperty("reason").GetString()));
    }

    private static string Probes(int port) => "version: 1\nprobes:\n" + string.Concat(
        Enumerable.Range(0, Hanging).Select(i => $"  - {{name: hanging{i}, type: tcp, interval: 5s, timeout: 5s, failures: 1, tcp: {{host: hanging{i}.test, port: {port}, watch: false}}}}\n")
            .Concat(Enumerable.Range(0, Quick).Select(i => $"  - {{name: quick{i}, type: tcp, interval: 5s, timeout: 5s, failures: 1, tcp: {{host: quick{i}.test, port: {port}, watch: false}}}}\n")));

    private static async Task<List<(string Name, string Status)>> StatesAsync(OpsHost host) =>
        [.. (await GetAsync(host, "/api/v1/probes?limit=500")).GetProperty("items").EnumerateArray().Select(p => (p.GetProperty("name").GetString()!, p.GetProperty("status").GetString()!))];

    /// <summary>How often each was checked.</summary>
    private async Task<Dictionary<string, int>> CountsAsync()
    {
        await using var store = Npgsql.NpgsqlDataSource.Create(_database);
        await using var command = store.CreateCommand("select p.name, count(*)::int from probe_results r join probes p on p.id = r.probe_id group by p.name");
        await using var reader = await command.ExecuteReaderAsync();
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        while (await reader.ReadAsync()) counts[reader.GetString(0)] = reader.GetInt32(1);
        return counts;
    }

    private static async Task<JsonElement> GetAsync(OpsHost host, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", Token);
        request.Headers.AcceptLanguage.ParseAdd("en");
        using var answer = await host.Client.SendAsync(request);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    public void Dispose() => _folder.Dispose();
}
