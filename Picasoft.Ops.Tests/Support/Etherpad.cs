using System.Net.Http.Json;
using System.Text.Json;

namespace Picasoft.Ops.Tests.Support;

/// <summary>Etherpad as npm gives it out, alone, its pads in a file. It is fetched once, into the folder that the failover drill uses, too.</summary>
public sealed class Etherpad : IAsyncDisposable
{
    private const string Cache = "/var/cache/picasoft-ops/etherpad-1.8.14";

    private readonly TempFolder _folder = new();
    private RealProgram _server = null!;

    /// <summary>Opens its API.</summary>
    public const string Key = "k3y-of-the-test";

    /// <summary>Without a slash at the end.</summary>
    public string Address => _server.Address.ToString().TrimEnd('/');

    /// <summary>Starts it, or skips the test with the reason where npm cannot give it.</summary>
    public static async Task<Etherpad> StartAsync()
    {
        if (!File.Exists(Path.Combine(Cache, "complete")))
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/npm"), "Etherpad is not in the cache, and npm or the right to fill it is missing");
            try { await RealProgram.RunAsync(Path.Combine(Repository.Root, "docker", "ha", "bin", "install-etherpad"), Cache); }
            catch (Xunit.Sdk.XunitException e) { Assert.Skip("npm could not provide Etherpad: " + e.Message); }
        }
        var etherpad = new Etherpad();
        await File.WriteAllTextAsync(etherpad._folder["apikey"], Key);
        await File.WriteAllTextAsync(etherpad._folder["session"], "s");
        etherpad._server = await RealProgram.StartAsync("node", port =>
        {
            File.WriteAllText(etherpad._folder["settings.json"], JsonSerializer.Serialize(new { title = "Pads", ip = "127.0.0.1", port, dbType = "dirty", dbSettings = new { filename = etherpad._folder["pads.db"] }, defaultPadText = "", minify = false, loglevel = "WARN" }));
            return [$"{Cache}/src/node/server.js", "--settings", etherpad._folder["settings.json"], "--apikey", etherpad._folder["apikey"], "--sessionkey", etherpad._folder["session"]];
        }, RealProgram.ListensAsync);
        return etherpad;
    }

    /// <summary>Names of its pads.</summary>
    public async Task<IReadOnlyList<string>> PadsAsync()
    {
        using var client = new HttpClient();
        return [.. (await client.GetFromJsonAsync<JsonElement>(new Uri($"{Address}/api/1.2.15/listAllPads?apikey={Key}"))).GetProperty("data").GetProperty("padIDs").EnumerateArray().Select(p => p.GetString()!)];
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
