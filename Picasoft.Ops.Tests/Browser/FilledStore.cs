using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Rules;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>The real product with something to show on every page, and with the longest words that people write.</summary>
public sealed class FilledStore(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Long = "a-name-as-long-as-those-that-a-generator-makes-for-a-container-0123456789";

    private const string Runbook = """
        # When it is down

        1. Look: `journalctl -u mattermost --since "10 minutes ago" --no-pager | grep -i "connection refused" | tail -n 50`
        2. Restart it.

        | where | what |
        | --- | --- |
        | alice | docker compose -f /srv/docker/compose.yaml restart |

        ```
        docker compose --file /srv/docker/mattermost/compose.yaml --env-file /srv/docker/mattermost/.env up --detach --force-recreate
        ```
        """;

    private const string Policies = $$$"""
        version: 1
        services: [{name: recovered}]
        status_page: {title: Picasoft}
        label_rules:
          - {match: ['service="wekan"'], set: {team: boards}}
        escalations:
          - {name: default, steps: [{notify: [channel:tech-mail, schedule:tech]}, {after: 15m, notify: [everybody]}], repeat: 2}
        routes:
          - match: ['severity=~"critical|high"']
            escalation: default
            group_by: [service]
            routes: [{match: ['service="{{{Long}}}"'], group_wait: 30s, continue: true}]
        maintenance:
          - {name: every-tuesday, match: ['host="bob"'], schedule: "0 5 * * 2", time_zone: Europe/Paris, duration: 1h, comment: Updates}
          - {name: now, match: ['service="{{{Long}}}"'], starts_at: "2020-01-01T00:00:00Z", ends_at: "2999-01-01T00:00:00Z"}
          - {name: long-ago, match: ['host="bob"'], starts_at: "2020-01-01T00:00:00Z", duration: 1h}
        clusters:
          - {name: database, engine: patroni, members: {alice: "http://127.0.0.1:9", "{{{Long}}}": "http://127.0.0.1:9"}}
          - {name: edge, engine: haproxy, members: {alice: "EDGE", "{{{Long}}}": "http://127.0.0.1:9"}}
        ssh_hosts: [{name: alice, host: 127.0.0.1, port: 9, user: ops, key_file: /nonexistent, host_key: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", commands: {restart-mail: "systemctl restart postfix"}}]
        recovery_plans:
          - name: move-database
            title: Move the database off a machine before its updates, whichever machine that is
            service: recovered
            owner: camille
            people: 2
            shares: [mail]
            automatic: {after: 1h}
            drill: {schedule: "0 5 2 * *", overdue_after: 45d}
            preflight: [{title: Is the address there?, check: {url: "http://127.0.0.1:9/"}}]
            steps:
              - {title: Drain it, haproxy: {socket: /run/haproxy/admin.sock, backend: web, server: alice, action: drain}}
              - {title: Restart it, docker: {container: wekan, action: restart}}
              - {title: Restart mail, ssh: {host: alice, command: restart-mail}}
              - {title: Restore it, plugin: {command: restore, arguments: ["{{{Long}}}"]}}
              - {title: Is it whole?, check: {cluster: database}}
              - {title: Tell people, manual: "Write it in the `channel-{{{Long}}}`."}
              - {title: Move it, destructive: true, patroni: {cluster: database, action: switchover}}
        inhibit_rules:
          - {source_match: ['alertname="HostDown"'], target_match: ['service=~"{{{Long}}}|wekan"'], equal: [host]}
        """;

    private readonly OpsApi _api = new(postgres);
    private WebTarget? _edge;

    /// <summary>A run of a recovery plan, which waits for somebody.</summary>
    public long Run { get; private set; }

    public OpsHost Host => _api.Host;

    /// <summary>Speaks to it as a program may.</summary>
    public OpsApi Api => _api;

    /// <summary>The incident that has everything.</summary>
    public long Incident { get; private set; }

    /// <summary>One that is resolved.</summary>
    public long Over { get; private set; }

    public long Silence { get; private set; }

    /// <summary>One that somebody made in the page, with another within it.</summary>
    public string Route { get; private set; } = "";

    public static string ProbeOf(string kind) => $"check-{kind}";

    public async ValueTask InitializeAsync()
    {
        await _api.InitializeAsync();
        await MakeAsync("hosts", new { name = "alice", address = "2001:db8:85a3::8a2e:370:7334", location = "toulouse" });
        await MakeAsync("services", new { name = "postgres", title = "PostgreSQL", host = "alice", criticality = "critical" });
        await MakeAsync("services", new { name = Long, title = "A service whose title somebody wrote as a sentence, with all that it does", criticality = "low" });
        await MakeAsync("services", new { name = "mattermost", title = "Mattermost", url = $"https://team.example.org/{Long}/{Long}", host = "alice", criticality = "critical", depends_on = new[] { "postgres", Long }, runbook = Runbook, rto = "15m", rpo = "0s", slo = new { availability = 99.5, window = "30d" }, @public = true });
        await MakeAsync("channels", new { name = "tech-mail", type = "email", from = "ops@example.org", to = new[] { $"{Long[..60]}@example.org", "tech@example.org" }, smtp = new { host = "127.0.0.1", port = RealProgram.FreePort(), tls = "none" } });
        await MakeAsync("people", new { email = $"{Long[..60]}@example.org", name = "A person with a rather long name", role = "viewer" });
        await MakeAsync("schedules", new { name = "tech", title = "The technical team, and whoever helps it", rotation = new { people = new[] { "camille", "A person with a rather long name" }, every = "1d", handoff = "18:00" } });
        // HAProxy's words, real; what was up is down at the second look.
        _edge = await WebTarget.StartAsync(context => context.Response.WriteAsync($"""
            # pxname,svname,scur,status,lastchg,downtime,check_status,check_code,check_duration,last_chk
            pg_rw,FRONTEND,4,OPEN,,,,,,
            pg_rw,alice,0,{(_edge!.Hits > 1 ? "DOWN" : "UP")},397,397,L7STS,503,101,Service Unavailable
            pg_rw,{Long},4,{(_edge.Hits > 1 ? "UP" : "DOWN")},160,221,L7OK,200,233,
            pg_rw,BACKEND,4,UP,160,221,,,,

            """));
        await _api.ApplyAsync(Policies.Replace("EDGE", _edge.Url(), StringComparison.Ordinal));
        await MakeAsync("recovery/plans", new { name = "bring-back", service = "recovered", title = $"Bring back {Long}", preflight = new[] { new { title = "Is the address there?", check = new { url = $"http://127.0.0.1:9/{Long}" } } }, steps = new object[] { new { title = "Restart it", docker = new { container = Long, action = "restart" } }, new { title = "Call", destructive = true, http = new { url = $"http://127.0.0.1:9/{Long}" } }, new { title = "Tell people", manual = $"Write it in `{Long}`." } } });
        Run = (await MakeAsync("recovery/plans/move-database/runs", new { drill = true })).GetProperty("id").GetInt64();
        foreach (var kind in EveryProbeTests.Kinds.Select(k => k.Data))
        {
            var probe = new JsonObject { ["name"] = ProbeOf(kind), ["type"] = kind, ["service"] = "mattermost", ["interval"] = "2s", ["timeout"] = "2s", ["failures"] = 1, ["severity"] = "critical" };
            var settings = EveryProbeTests.Aimed(kind, "127.0.0.1", RealProgram.FreePort());
            probe[kind] = JsonNode.Parse(JsonSerializer.Serialize(settings, settings.GetType(), OpsJson.Api).Replace(Secret.Mask, "a secret", StringComparison.Ordinal)); // its dots would stand for one that is kept
            await MakeAsync("probes", probe);
        }
        await MakeAsync("log-rules", new { name = "postfix-deferred", title = $"Mail waits: {Long}", service = "mattermost", source = new { app = new[] { "postfix/*" } }, match = "to=<(?<to>[^>]*)>.*status=deferred", threshold = new { count = 20, within = "10m", by = new[] { "host" } }, severity = "high", runbook = Runbook });
        await MakeHeartbeatsAsync();
        await MakeAsync("tokens", new { name = "vmalert", scopes = new[] { "ingest", "read" } });
        await MakeAsync("schedules", new { name = "mail", layers = new[] { new { rotation = new { people = new[] { "camille" } }, only = new[] { new { days = new[] { "monday" }, from = "08:00", to = "20:00" } } } } });
        await MakeAsync("on-call/overrides", new { schedule = "tech", person = "camille", duration = "30h", note = Long });
        await MakeAsync("on-call/swaps", new { schedule = "tech", asker = "A person with a rather long name", asked = "camille", startsAt = TimeProvider.System.GetUtcNow().AddDays(3), endsAt = TimeProvider.System.GetUtcNow().AddDays(5), note = Long });
        await MakeAsync("on-call/notes", new { schedule = "tech", text = $"**Watch** the disk of `{Long}{Long}`" });
        Silence = (await MakeAsync("silences", new { matchers = new[] { $"service=\"{Long}\"", "severity=~\"low|medium\"" }, duration = "2h", comment = $"We replace it: {Long}" })).GetProperty("id").GetInt64();

        Route = (await MakeAsync("routes", new { match = new[] { $"service=\"{Long}\"" }, escalation = "default", routes = new[] { new { match = new[] { "severity=\"low\"" }, groupWait = "1m" } } })).GetProperty("name").GetString()!;
        await MakeAsync("routes", new { match = new[] { "service=\"mail\"" } });
        await MakeAsync("maintenance", new { name = "nightly", match = new[] { $"service=\"{Long}\"" }, schedule = "0 3 * * *", timeZone = "Europe/Paris", duration = "30m", comment = $"Backups of {Long}" });

        await Eventually.TrueAsync(async () => (await _api.GetAsync("/api/v1/recovery/clusters/edge")).Json.TryGetProperty("events", out var events) && events.GetArrayLength() > 0, "something happened to a cluster");
        await Eventually.TrueAsync(FindIncidentAsync, "the alerts of the probes are in an incident");
        await MakeAsync($"incidents/{Incident}/notes", new { text = $"Seen at the **front** since the update: `{Long}{Long}`" });
        await MakeAsync($"incidents/{Incident}/actions", new { text = "Restarted it", command = $"docker compose restart {Long}", output = new string('x', 300), helped = false });
        await MakeAsync($"incidents/{Incident}/acknowledge", new { comment = "I look", expiresIn = "1h" });
        await MakeAsync("incidents", new { title = $"Mattermost answers 502 since the update of {Long}", severity = "low", service = Long });
        Over = (await MakeAsync("incidents", new { title = "The disk of bob is full", severity = "medium", service = "mattermost" })).GetProperty("number").GetInt64();
        await MakeAsync($"incidents/{Over}/actions", new { text = "Removed old images", command = "docker image prune", helped = true });
        await MakeAsync($"incidents/{Over}/resolve", new { comment = "Space again" });
        await Eventually.TrueAsync(async () => (await _api.GetAsync("/api/v1/deliveries"))["items"].EnumerateArray().Any(d => d.GetProperty("attempts").GetInt32() > 0), "a mail was tried");
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        if (_edge is not null) await _edge.DisposeAsync();
    }

    private async Task MakeHeartbeatsAsync()
    {
        var url = (await MakeAsync("heartbeats", new { name = "borg-alice", service = "mattermost", schedule = "0 3 * * *", timeZone = "Europe/Paris", grace = "2h" })).GetProperty("pingUrl").GetString()!;
        await MakeAsync("heartbeats", new { name = "from-kuma", period = "1d", token = "kuma-push-token-0123456789abcdef" });
        await MakeAsync("services", new { name = "backups", rpo = "1s", rto = "1h" });
        var backup = (await MakeAsync("heartbeats", new { name = "borg-repo", service = "backups", period = "1d", backup = new { minSize = "1kB" } })).GetProperty("pingUrl").GetString()!;
        var test = (await MakeAsync("heartbeats", new { name = "restore-repo", period = "30d", restoreTestOf = "borg-repo" })).GetProperty("pingUrl").GetString()!;
        await MakeAsync("heartbeats", new { name = "borg-unproven", service = Long, period = "1d", backup = new { } });
        foreach (var (to, said) in new[] { (backup, "size=5GB"), (backup, "size=6GB"), (test + "/start", ""), (test, $"rows=5312 hash={Long}") })
        {
            using var sent = await Host.Client.PostAsync(to, new StringContent(said));
            Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        }
        await MakeAsync("heartbeats", new { name = "silent", service = Long, period = "1s", grace = "1s", severity = "low" });
        foreach (var (path, body) in new[] { ("/start", ""), ("", $"terminating with success status, rc 0\n{Long}{Long}"), ("/start", ""), ("/start", ""), ("/3", $"Repository {Long} does not exist.\n{new string('y', 400)}"), ("/start?rid=" + Guid.NewGuid(), ""), ("/start?rid=" + Guid.NewGuid(), ""), ("/log", "half way") })
        {
            using var sent = await Host.Client.PostAsync(url + path, new StringContent(body));
            Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        }
    }

    // What is of less weight than the rest (a list that does not answer) goes another way, and may be the effect of what the service stands on.
    private async Task<bool> FindIncidentAsync()
    {
        foreach (var line in (await _api.GetAsync("/api/v1/incidents?service=mattermost&state=open"))["items"].EnumerateArray())
        {
            Incident = line.GetProperty("number").GetInt64();
            if ((await _api.GetAsync($"/api/v1/incidents/{Incident}"))["alerts"].GetArrayLength() >= EveryProbeTests.Kinds.Count - 1) return true;
        }
        return false;
    }

    private async Task<JsonElement> MakeAsync(string path, object body)
    {
        var answer = await _api.PostAsync($"/api/v1/{path}", body);
        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created, $"{path}: {answer.Status} {answer.Text}");
        return answer.Json;
    }
}
