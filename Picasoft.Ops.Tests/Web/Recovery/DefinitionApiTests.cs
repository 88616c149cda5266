using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Recovery;

/// <summary>Recovery plans and clusters that people write through the API: read, checked and kept as those of the file are.</summary>
public sealed class DefinitionApiTests(OpsApi api) : IClassFixture<OpsApi>
{
    private const string File = """
        version: 1
        services: [{name: wekan}]
        ssh_hosts: [{name: alice, host: 127.0.0.1, port: 9, user: ops, key_file: /nonexistent, host_key: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", commands: {restart: "systemctl restart wekan"}}]
        clusters: [{name: filed, engine: patroni, members: {pg1: "http://127.0.0.1:9"}}]
        recovery_plans: [{name: of-the-file, service: wekan, steps: [{title: Look, check: {cluster: filed}}]}]
        """;

    [Fact]
    public async Task A_plan_is_made_changed_run_and_deleted_and_nobody_overwrites_another()
    {
        await using var up = await WebTarget.StartAsync();
        await api.ApplyAsync(File);
        var plan = new
        {
            name = "bring-back",
            title = "Bring Wekan back",
            service = "wekan",
            people = 2,
            preflight = new[] { new { title = "Is it reached?", check = new { url = up.Url() } } },
            steps = new object[] { new { title = "Call", http = new { url = up.Url("/again") }, timeout = "30s" }, new { title = "Restart", destructive = true, ssh = new { host = "alice", command = "restart" } } },
            automatic = new { locations = 3 },
            drill = new { schedule = "0 5 2 * *", timeZone = "Europe/Paris" },
        };
        var made = await api.PostAsync("/api/v1/recovery/plans", plan);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(("30s", false), (made["steps"][0].GetProperty("timeout").GetString(), made["fromFile"].GetBoolean()));
        Assert.Equal(["name"], (await api.PostAsync("/api/v1/recovery/plans", plan)).Fields);

        // What a GET answered can be sent back as it is; a version from before somebody's change cannot.
        var seen = await api.GetAsync("/api/v1/recovery/plans/bring-back");
        var changed = await api.PutAsync("/api/v1/recovery/plans/bring-back", seen.Text.Replace("Bring Wekan back", "Bring it back", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, "Bring it back", 3), (changed.Status, changed["title"].GetString(), changed["automatic"].GetProperty("locations").GetInt32()));
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync("/api/v1/recovery/plans/bring-back", seen.Text)).Status);
        Assert.Equal(["name"], (await api.PutAsync("/api/v1/recovery/plans/bring-back", JsonNode.Parse(seen.Text)!.AsObject().Apart("version").With("name", "other"))).Fields);
        Assert.Equal(HttpStatusCode.NotFound, (await api.PutAsync("/api/v1/recovery/plans/nothing", seen.Text)).Status);

        var run = (await api.PostAsync("/api/v1/recovery/plans/bring-back/runs", new { drill = true }))["id"].GetInt64();
        await Eventually.TrueAsync(async () => (await api.GetAsync($"/api/v1/recovery/runs/{run}")) is var r && r["state"].GetString() == "waiting" && r["step"].GetInt32() == 3, "the run stands before what changes things");
        await api.PostAsync($"/api/v1/recovery/runs/{run}/abort");
        Assert.Contains("name: bring-back", await ExportAsync(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync("/api/v1/recovery/plans/bring-back")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/recovery/plans/bring-back")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.DeleteAsync("/api/v1/recovery/plans/bring-back")).Status);
        Assert.Equal("aborted", (await api.GetAsync($"/api/v1/recovery/runs/{run}"))["state"].GetString());
        var log = (await api.GetAsync("/api/v1/audit?limit=100"))["items"].EnumerateArray().Where(e => e.GetProperty("target").GetString() == "bring-back").Select(e => e.GetProperty("action").GetString()).ToList();
        Assert.Subset(log.ToHashSet(), new HashSet<string?> { "recovery_plan.create", "recovery_plan.update", "recovery_plan.delete", "recovery.start" });
    }

    [Fact]
    public async Task What_is_wrong_is_said_by_day_each_field_as_JSON_names_it()
    {
        await api.ApplyAsync(File);
        var wrong = await api.PostAsync("/api/v1/recovery/plans", new
        {
            name = "wrong",
            service = "nowhere",
            preflight = new object[] { new { title = "Look", check = new { cluster = "nothing" } } },
            steps = new object[]
            {
                new { title = "A", patroni = new { cluster = "filed", action = "failover", member = "pg7", passwordFile = "/root/.ssh/id_ed25519" } },
                new { title = "B", ssh = new { host = "bob", command = "restart" } },
                new { title = "C", ssh = new { host = "alice", command = "rm" } },
                new { title = "D", http = new { url = "http://127.0.0.1:9/", tokenFile = "/etc/picasoft-ops/recovery/../../shadow" } },
                new { title = "E", http = new { url = "http://127.0.0.1:9/", tokenFile = "/etc/picasoft-ops/recovery/token" } },
            },
        });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(["preflight[0].check.cluster", "service", "steps[0].patroni.member", "steps[0].patroni.passwordFile", "steps[1].ssh.host", "steps[2].ssh.command", "steps[3].http.tokenFile"], wrong.Fields.Order(StringComparer.Ordinal));

        var shape = await api.PostAsync("/api/v1/recovery/plans", new { name = "wrong", service = "wekan", preflight = new object[] { new { title = "Act", manual = "Do it" } }, steps = new object[] { new { title = "Nothing" }, new { title = "Two", manual = "Do it", check = new { url = "http://127.0.0.1:9/" } }, new { title = "Blank", manual = " " } } });
        Assert.Equal(["preflight[0].check", "preflight[0].manual", "steps[0]", "steps[1]", "steps[2]"], shape.Fields.Order(StringComparer.Ordinal));
        Assert.Contains("manual, check, http, patroni, haproxy, docker, ssh, plugin", shape.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/recovery/plans/wrong")).Status);
    }

    [Fact]
    public async Task What_a_plan_names_stays_and_what_the_file_manages_is_the_files()
    {
        await api.ApplyAsync(File);
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync("/api/v1/recovery/plans/of-the-file", new { service = "wekan", steps = new[] { new { title = "Do", manual = "Do" } } })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await api.DeleteAsync("/api/v1/recovery/clusters/filed")).Status);

        await api.PostAsync("/api/v1/services", new { name = "pads" });
        var cluster = await api.PostAsync("/api/v1/recovery/clusters", new { name = "writers", service = "pads", engine = "patroni", members = new { pg1 = "http://127.0.0.1:9", pg2 = "http://127.0.0.1:9" } });
        Assert.Equal(HttpStatusCode.Created, cluster.Status);
        Assert.Equal("http://127.0.0.1:9", cluster["members"].GetProperty("pg2").GetString());
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/v1/recovery/clusters/writers"))["findings"].ValueKind == JsonValueKind.Array, "it is looked at");
        // What a GET answered, with all that was seen meanwhile, can be sent back as it is.
        var shown = await api.GetAsync("/api/v1/recovery/clusters/writers");
        var again = await api.PutAsync("/api/v1/recovery/clusters/writers", shown.Text.Replace("\"service\":\"pads\"", "\"service\":null", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, JsonValueKind.Null, "http://127.0.0.1:9"), (again.Status, again["service"].ValueKind, again["members"].GetProperty("pg1").GetString()));
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync("/api/v1/recovery/clusters/writers", shown.Text)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PutAsync("/api/v1/recovery/clusters/writers", JsonNode.Parse(shown.Text)!.AsObject().Apart("version").ToJsonString())).Status);
        Assert.Equal(["members.pg1"], (await api.PostAsync("/api/v1/recovery/clusters", new { name = "odd", engine = "patroni", members = new { pg1 = "ftp://x" } })).Fields);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/recovery/plans", new { name = "move", service = "pads", steps = new object[] { new { title = "Look", check = new { cluster = "filed" } }, new { title = "Move", patroni = new { cluster = "writers", action = "failover", member = "pg2" } } } })).Status);

        Assert.Contains("recovery_plan:move", (await api.DeleteAsync("/api/v1/recovery/clusters/writers")).Text, StringComparison.Ordinal);
        var service = await api.DeleteAsync("/api/v1/services/pads");
        Assert.Equal(HttpStatusCode.Conflict, service.Status);
        Assert.Contains("cluster:writers", service.Text, StringComparison.Ordinal);
        // Not by the back door either: the member that the plan makes a leader.
        var without = await api.PutAsync("/api/v1/recovery/clusters/writers", new { service = "pads", engine = "patroni", members = new { pg1 = "http://127.0.0.1:9" } });
        Assert.Equal(HttpStatusCode.BadRequest, without.Status);
        Assert.Contains("has no member called pg2", without.Text, StringComparison.Ordinal);
        // Nor by the file, which lets the cluster go that the page's plan looks at.
        var dropped = await api.TryApplyAsync("{version: 1, services: [{name: wekan}]}");
        Assert.Equal(1, dropped.Exit);
        Assert.Contains("recovery_plan:move", dropped.Error, StringComparison.Ordinal);

        foreach (var path in (string[])["recovery/plans/move", "recovery/clusters/writers", "services/pads"]) Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/{path}")).Status);
    }

    [Fact]
    public async Task The_file_uses_what_the_page_made_and_takes_nothing_from_plans_of_the_page()
    {
        await api.ApplyAsync(File);
        foreach (var (path, made) in new (string, object)[]
        {
            ("clusters", new { name = "by-hand", engine = "patroni", members = new { pg1 = "http://127.0.0.1:9", pg2 = "http://127.0.0.1:9" } }),
            ("plans", new { name = "paged", service = "wekan", steps = new object[] { new { title = "Restart", ssh = new { host = "alice", command = "restart" } }, new { title = "Move", patroni = new { cluster = "filed", action = "failover", member = "pg1" } } } }),
        }) Assert.Equal(HttpStatusCode.Created, (await api.PostAsync($"/api/v1/recovery/{path}", made)).Status);

        string Plan(string cluster, string member) => File.TrimEnd()[..^1] + $", {{name: uses, service: wekan, preflight: [{{title: Look, check: {{cluster: {cluster}}}}}], steps: [{{title: Move, patroni: {{cluster: {cluster}, action: failover, member: {member}}}}}]}}]";
        var nowhere = await api.TryApplyAsync(Plan("by-hnad", "pg1"));
        Assert.Equal(1, nowhere.Exit);
        Assert.Contains("recovery_plans[1].preflight[0].check.cluster: There is no cluster:by-hnad, neither in this file nor in the store.", nowhere.Error, StringComparison.Ordinal);
        Assert.Contains("recovery_plans[1].steps[0].patroni.member: The cluster by-hand has no member called pg3", (await api.TryApplyAsync(Plan("by-hand", "pg3"))).Error, StringComparison.Ordinal);
        await api.ApplyAsync(Plan("by-hand", "pg2"));
        Assert.Equal(HttpStatusCode.Conflict, (await api.DeleteAsync("/api/v1/recovery/clusters/by-hand")).Status);

        // A command and a member that a plan of the page needs.
        Assert.Contains("This would break the plan paged: restart is not in the list", (await api.TryApplyAsync(File.Replace("{restart:", "{again:", StringComparison.Ordinal))).Error, StringComparison.Ordinal);
        Assert.Contains("This would break the plan paged: The cluster filed has no member called pg1", (await api.TryApplyAsync(File.Replace("{pg1:", "{pg2:", StringComparison.Ordinal))).Error, StringComparison.Ordinal);

        await api.ApplyAsync(File);
        foreach (var path in (string[])["plans/paged", "clusters/by-hand"]) Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/recovery/{path}")).Status);
    }

    [Fact]
    public async Task What_is_told_of_a_cluster_or_a_drill_ends_with_it()
    {
        await api.PostAsync("/api/v1/services", new { name = "gone" });
        await api.PostAsync("/api/v1/recovery/clusters", new { name = "silent", service = "gone", engine = "patroni", members = new { pg1 = "http://127.0.0.1:9" } });
        var plan = new { name = "practised", service = "gone", steps = new[] { new { title = "Do", manual = "Do" } } };
        await api.PostAsync("/api/v1/recovery/plans", new { plan.name, plan.service, plan.steps, drill = new { overdueAfter = "30d" } });
        var run = (await api.PostAsync("/api/v1/recovery/plans/practised/runs", new { drill = true }))["id"].GetInt64();
        await api.PostAsync($"/api/v1/recovery/runs/{run}/abort");
        await TellsAsync("cluster_broken", "drill_failed");

        Assert.Equal(HttpStatusCode.OK, (await api.PutAsync("/api/v1/recovery/plans/practised", plan)).Status);
        await TellsAsync("cluster_broken");
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync("/api/v1/recovery/clusters/silent")).Status);
        await TellsAsync();
        foreach (var path in (string[])["recovery/plans/practised", "services/gone"]) Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/{path}")).Status);

        Task TellsAsync(params string[] names) => Eventually.TrueAsync(async () => (await api.GetAsync("/api/v2/alerts?filter=service=gone")).Json.EnumerateArray().Select(a => a.GetProperty("labels").GetProperty("alertname").GetString()!).Order(StringComparer.Ordinal).SequenceEqual(names), $"it tells {string.Join(" and ", names.DefaultIfEmpty("nothing"))}", 120);
    }

    private async Task<string> ExportAsync() => (await api.GetAsync("/api/v1/configuration/export")).Text;
}

file static class JsonObjects
{
    public static JsonObject Apart(this JsonObject json, string name)
    {
        json.Remove(name);
        return json;
    }

    public static JsonObject With(this JsonObject json, string name, string value)
    {
        json[name] = value;
        return json;
    }
}
