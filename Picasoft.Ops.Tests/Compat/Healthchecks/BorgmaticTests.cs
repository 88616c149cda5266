using System.Diagnostics;
using System.Net;
using Microsoft.Playwright;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Healthchecks;

/// <summary>Debian's borgmatic with its healthchecks hook, and a real repository in a folder.</summary>
public sealed class BorgmaticTests(OpsApi api, Support.Browser browser) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task Its_runs_are_seen_from_beginning_to_end_and_its_failures_too()
    {
        using var folder = new TempFolder();
        var url = (await api.PostAsync("/api/v1/heartbeats", new { name = "borg-alice", schedule = "0 3 * * *", timeZone = "Europe/Paris", grace = "2h", backup = new { maxAge = "26h" } }))["pingUrl"].GetString()!;
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
        var size = (await api.GetAsync("/api/v1/backups"))["items"].EnumerateArray().Single(b => b.GetProperty("name").GetString() == "borg-alice").GetProperty("size");
        Assert.InRange(size.GetInt64(), 24, 10_000);

        Directory.Delete(folder["repo.borg"], recursive: true);
        Assert.NotEqual(0, (await BorgmaticAsync(folder, "create")).Exit);
        heartbeat = await api.GetAsync("/api/v1/heartbeats/borg-alice");
        Assert.Equal(("down", "reported a failure"), (heartbeat["status"].GetString(), heartbeat["reason"].GetString()));
        // Another test's heartbeat without a service may have opened the incident: it is found by its alert, not by its title.
        string[] severities = [];
        await Eventually.TrueAsync(async () => (severities = [.. (await api.GetAsync("/api/v1/incidents?q=borg-alice"))["items"].EnumerateArray().Select(i => i.GetProperty("severity").GetString()!)]).Length > 0, "the failed backup is an incident");
        Assert.Contains("high", severities);
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

    /// <summary>What borg and restic really print, and a restore that is counted: the page of backups says what is proven.</summary>
    [Fact]
    public async Task The_truth_about_real_backups_is_shown()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["srv"]);
        await File.WriteAllBytesAsync(folder["srv/data"], System.Security.Cryptography.RandomNumberGenerator.GetBytes(300_000));
        await api.PostAsync("/api/v1/services", new { name = "archive", rpo = "1d", rto = "1h" });
        var borg = (await api.PostAsync("/api/v1/heartbeats", new { name = "borg-json", service = "archive", period = "1d", backup = new { maxAge = "26h" } }))["pingUrl"].GetString()!;
        var table = (await api.PostAsync("/api/v1/heartbeats", new { name = "borg-table", period = "1d", backup = new { minSize = "100kB" } }))["pingUrl"].GetString()!;
        var restic = (await api.PostAsync("/api/v1/heartbeats", new { name = "restic", period = "1d", backup = new { minSize = "1GB" } }))["pingUrl"].GetString()!;
        var restored = (await api.PostAsync("/api/v1/heartbeats", new { name = "restore-borg", period = "30d", restoreTestOf = "borg-json" }))["pingUrl"].GetString()!;
        await ShellAsync(folder, $"""
            set -e
            cd {folder.Path}
            borg init -e none repo
            borg create --json repo::one srv | curl -fsS --data-binary @- {borg}
            borg create --stats repo::two srv 2>&1 | curl -fsS --data-binary @- {table}
            export RESTIC_PASSWORD=x; restic init -q -r restic
            restic -r restic backup --json srv | curl -fsS --data-binary @- {restic}
            curl -fsS {restored}/start; mkdir out; cd out; borg extract ../repo::one
            curl -fsS --data-raw "files=$(find srv -type f | wc -l) sha256=$(sha256sum srv/data | cut -d' ' -f1)" {restored}
            """);
        var backups = (await api.GetAsync("/api/v1/backups"))["items"].EnumerateArray().ToDictionary(b => b.GetProperty("name").GetString()!);
        Assert.Equal("up", backups["borg-json"].GetProperty("status").GetString());
        Assert.InRange(backups["borg-json"].GetProperty("size").GetInt64(), 299_000, 302_000); // borg counts what it writes around the files too
        Assert.InRange(backups["borg-table"].GetProperty("size").GetInt64(), 299_000, 302_000);
        Assert.Equal(("down", "the backup has 300 kB, less than the 1 GB it must have"), (backups["restic"].GetProperty("status").GetString(), backups["restic"].GetProperty("reason").GetString()));
        var proof = backups["borg-json"].GetProperty("restored").GetProperty("proof");
        Assert.Equal(("1", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(folder["srv/data"])))), (proof.GetProperty("files").GetString(), proof.GetProperty("sha256").GetString()));
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, backups["borg-json"].GetProperty("restored").GetProperty("took").ValueKind);

        await using var camille = await browser.OpenAsync(api.Host);
        var page = await Support.Browser.GoAsync(camille, "/backups");
        var row = await page.Locator("tr", new() { Has = page.GetByRole(AriaRole.Link, new() { Name = "borg-json", Exact = true }) }).InnerTextAsync();
        Assert.Matches(@"\b(299|30[012])(\.\d+)?.kB", row);
        Assert.Contains(proof.GetProperty("sha256").GetString()!, row, StringComparison.Ordinal);
        Assert.Matches(@"of 1.d promised[\s\S]*of 1.h promised", row); // the RPO, and the time it takes to restore
    }

    private static async Task ShellAsync(TempFolder folder, string script)
    {
        var info = new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardError = true, WorkingDirectory = "/" };
        (info.Environment["HOME"], info.Environment["BORG_BASE_DIR"], info.Environment["BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK"]) = (folder.Path, folder.Path, "yes");
        using var shell = Process.Start(info)!;
        var said = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, said);
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
