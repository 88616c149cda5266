using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Commands;

/// <summary><c>./ops run --config FILE</c>: what a changed file does to a running product.</summary>
public sealed class ReloadTests(PostgresFixture postgres) : IDisposable
{
    private const string Token = "the-token-of-the-reload-tests-0123456789";
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_changed_file_is_applied_and_a_bad_one_changes_nothing_and_says_so_until_it_is_good_again()
    {
        var file = _folder["ops.yaml"];
        await File.WriteAllTextAsync(file, "version: 1\nhosts: [{name: alice}]\n");
        await using var ops = await OpsHost.StartAsync(_folder["data"], await postgres.CreateDatabaseAsync(), environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = Token }, more: ["--config", file]);
        ops.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(["alice"], await HostsAsync(ops));

        await File.WriteAllTextAsync(file, "version: 1\nhosts: [{name: alice}, {name: bob}]\n");
        await Eventually.TrueAsync(async () => (await HostsAsync(ops)).Length == 2, "the changed file is applied");

        await File.WriteAllTextAsync(file, "version: 1\nhosts: [{name: caribou}, {nam: bob}]\n");
        await Eventually.TrueAsync(() => AlertsAsync(ops, true), "a bad file raises an alert");
        Assert.Equal(["alice", "bob"], await HostsAsync(ops));

        await File.WriteAllTextAsync(file, "version: 1\nhosts: [{name: bob}]\n");
        await Eventually.TrueAsync(() => AlertsAsync(ops, false), "a good file ends it");
        Assert.Equal(["bob"], await HostsAsync(ops));

        // The same length and time: only SIGHUP tells.
        var before = File.GetLastWriteTimeUtc(file);
        var away = _folder["away.yaml"];
        await File.WriteAllTextAsync(away, "version: 1\nhosts: [{name: dan}]\n");
        File.SetLastWriteTimeUtc(away, before);
        File.Move(away, file, overwrite: true);
        Signals.Send(ops.ProcessId, Signals.Hangup);
        await Eventually.TrueAsync(async () => (await HostsAsync(ops)).SequenceEqual(["dan"]), "SIGHUP reads it again");
    }

    private static async Task<string[]> HostsAsync(OpsHost ops) =>
        [.. (await ReadAsync(ops, "/api/v1/hosts")).Select(h => h.GetProperty("name").GetString()!)];

    private static async Task<bool> AlertsAsync(OpsHost ops, bool active) =>
        (await ReadAsync(ops, "/api/v1/alerts")).Any(a => a.GetProperty("labels").GetProperty("alertname").GetString() == "configuration_invalid" && a.GetRawText().Contains("\"resolvedAt\":null", StringComparison.Ordinal)) == active;

    private static async Task<IEnumerable<JsonElement>> ReadAsync(OpsHost ops, string path) =>
        JsonDocument.Parse(await ops.Client.GetStringAsync(path)).RootElement.GetProperty("items").EnumerateArray();

    public void Dispose() => _folder.Dispose();
}
