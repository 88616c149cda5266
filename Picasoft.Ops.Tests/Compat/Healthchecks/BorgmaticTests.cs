using System.Diagnostics;
using System.Net;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Healthchecks;

/// <summary>Debian's borgmatic with its healthchecks hook, and a real repository in a folder.</summary>
public sealed class BorgmaticTests(OpsApi api) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task Its_runs_are_seen_from_beginning_to_end_and_its_failures_too()
    {
        using var folder = new TempFolder();
        var url = (await api.PostAsync("/api/v1/heartbeats", new { name = "borg-alice", schedule = "0 3 * * *", timeZone = "Europe/Paris", grace = "2h" }))["pingUrl"].GetString()!;
        Directory.CreateDirectory(folder["srv"]);
        await File.WriteAllTextAsync(folder["srv/wiki.txt"], "What the association knows");
        await File.WriteAllTextAsync(folder["config.yaml"], $"""
            location:
                source_directories: [{folder["srv"]}]
                repositories: [{folder["repo.borg"]}]
            storage:
                archive_name_format: "alice-{"{now}"}"
            hooks:
                healthchecks:
                    ping_url: {url}
                    send_logs: true
            """);
        await BorgmaticAsync(folder, "init", "--encryption", "none");

        Assert.Equal(0, (await BorgmaticAsync(folder, "create", "--stats", "--verbosity", "1")).Exit);
        var heartbeat = await api.GetAsync("/api/v1/heartbeats/borg-alice");
        Assert.Equal(("up", false), (heartbeat["status"].GetString(), heartbeat["running"].GetBoolean()));
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, heartbeat["lastDuration"].ValueKind);
        var pings = (await api.GetAsync("/api/v1/heartbeats/borg-alice/pings"))["items"].EnumerateArray().Select(p => (Kind: p.GetProperty("kind").GetString(), Body: p.GetProperty("body").GetString() ?? "")).ToList();
        Assert.Equal("success", pings[0].Kind);
        Assert.Contains("start", pings.Select(p => p.Kind));
        Assert.Contains(pings, p => p.Body.Contains("This archive:", StringComparison.Ordinal));

        Directory.Delete(folder["repo.borg"], recursive: true);
        Assert.NotEqual(0, (await BorgmaticAsync(folder, "create")).Exit);
        heartbeat = await api.GetAsync("/api/v1/heartbeats/borg-alice");
        Assert.Equal(("down", "reported a failure"), (heartbeat["status"].GetString(), heartbeat["reason"].GetString()));
        var incident = "";
        await Eventually.TrueAsync(async () => (incident = (await api.GetAsync("/api/v1/incidents?q=borg-alice")).Text).Contains("borg-alice", StringComparison.Ordinal), "the failed backup is an incident");
        Assert.Contains("\"high\"", incident, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_file_describes_heartbeats_and_keeps_their_addresses()
    {
        const string Yaml = """
            version: 1
            services: [{name: backups}]
            heartbeats:
              - {name: borg-bob, service: backups, schedule: "0 3 * * *", time_zone: Europe/Paris, grace: 2h}
              - {name: moved-here, period: 1d, token: 6a8ae0a8-7b8f-4bb0-9c3a-0a8f6a1f7e11, keywords: {failure: [ERROR], success: [done]}}
            """;
        await api.ApplyAsync(Yaml);
        var url = (await api.GetAsync("/api/v1/heartbeats/borg-bob"))["pingUrl"].GetString();
        using (var ping = await api.Host.Client.PostAsync("/ping/6A8AE0A8-7B8F-4BB0-9C3A-0A8F6A1F7E11", new StringContent("2 ERRORs"))) Assert.Equal(HttpStatusCode.OK, ping.StatusCode);
        Assert.Equal("down", (await api.GetAsync("/api/v1/heartbeats/moved-here"))["status"].GetString());
        await api.ApplyAsync(Yaml.Replace("grace: 2h", "grace: 3h", StringComparison.Ordinal));
        Assert.Equal(("3h", url), (await api.GetAsync("/api/v1/heartbeats/borg-bob")) is var changed ? (changed["grace"].GetString(), changed["pingUrl"].GetString()) : default);
        Assert.Equal(HttpStatusCode.Conflict, (await api.DeleteAsync("/api/v1/heartbeats/borg-bob")).Status);
        await api.ApplyAsync("version: 1");
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/heartbeats/borg-bob")).Status);
    }

    private static async Task<(int Exit, string Said)> BorgmaticAsync(TempFolder folder, params string[] words)
    {
        var info = new ProcessStartInfo("borgmatic", ["--config", folder["config.yaml"], .. words]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        // Nothing of the developer's own keys and caches is touched.
        (info.Environment["HOME"], info.Environment["BORG_BASE_DIR"], info.Environment["BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK"]) = (folder.Path, folder.Path, "yes");
        using var process = Process.Start(info)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
