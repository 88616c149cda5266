using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Tests.Core.Configuration;

/// <summary>What Uptime Kuma, Gatus and Healthchecks know becomes a good <c>ops.yaml</c>; what cannot be carried over is said, and no secret is written.</summary>
public class ForeignMonitorsImportTests
{
    private const string Kuma = """
        {"version": "1.23.13", "notificationList": [], "monitorList": [
          {"id": 1, "name": "Communication", "type": "group", "active": true},
          {"id": 2, "name": "Mattermost — équipe", "type": "http", "parent": 1, "url": "https://team.example.org/ping", "method": "GET", "interval": 60, "retryInterval": 20, "maxretries": 2, "timeout": 48,
           "accepted_statuscodes": ["200-299", "401"], "expiryNotification": true, "ignoreTls": false, "active": true, "maxredirects": 10,
           "headers": "{\"X-Key\": \"hunter2\"}", "authMethod": "basic", "basic_auth_user": "probe", "basic_auth_pass": "s3cret", "body": null},
          {"id": 3, "name": "Wiki", "type": "keyword", "url": "https://wiki.example.org", "keyword": "Bienvenue ${toi}", "interval": 20, "timeout": 48, "maxretries": 0, "accepted_statuscodes": ["200-299"], "active": 0, "ignoreTls": 1},
          {"id": 4, "name": "API", "type": "json-query", "url": "https://api.example.org", "jsonPath": "$.status.db", "expectedValue": "ok", "interval": 60},
          {"id": 5, "name": "Base", "type": "postgres", "databaseConnectionString": "postgres://ops:p%40ss@db.example.org:5433/app", "databaseQuery": "select 1", "interval": 60},
          {"id": 6, "name": "SSH", "type": "port", "hostname": "bob.example.org", "port": 22, "interval": 60},
          {"id": 7, "name": "Ping", "type": "ping", "hostname": "10.0.0.1", "interval": 60},
          {"id": 8, "name": "DNS", "type": "dns", "hostname": "example.org", "dns_resolve_type": "MX", "dns_resolve_server": "1.1.1.1", "port": 53, "interval": 60},
          {"id": 9, "name": "Sauvegarde", "type": "push", "pushToken": "abcdefghijklmnop0123456789ABCDEF", "interval": 86400, "maxretries": 1, "retryInterval": 3600, "active": true},
          {"id": 12, "name": "Ancien", "type": "push", "pushToken": "aB3dE5gH7j", "interval": 60},
          {"id": 10, "name": "Jeu", "type": "steam", "hostname": "x", "port": 1, "interval": 60},
          {"id": 11, "name": "À l'envers", "type": "http", "url": "http://x", "upsideDown": true, "interval": 60}
        ]}
        """;

    private const string Gatus = """
        external-endpoints:
          - {name: nightly, group: backups, token: t0ken, heartbeat: {interval: 25h}, alerts: [{type: discord}]}
        endpoints:
          - name: front-end
            group: core
            url: "https://www.example.org/health"
            interval: 30s
            headers: {Authorization: "Bearer abc"}
            client: {insecure: true, timeout: 5s, ignore-redirect: true}
            conditions: ["[STATUS] == any(200, 429)", "[RESPONSE_TIME] < 300", "[BODY].status == UP", "[BODY] == pat(*hello*)", "[CERTIFICATE_EXPIRATION] > 48h", "[DOMAIN_EXPIRATION] > 720h", "len([BODY].items) > 0"]
            alerts: [{type: discord, failure-threshold: 5, success-threshold: 3}]
          - {name: dns, url: 8.8.8.8, dns: {query-name: example.org, query-type: A}, conditions: ["[BODY] == 93.184.216.34", "[DNS_RCODE] == NOERROR"]}
          - {name: mail, url: "starttls://smtp.example.org:587", interval: 1h, client: {timeout: 5s}, conditions: ["[CONNECTED] == true", "[CERTIFICATE_EXPIRATION] > 24h"]}
          - {name: redis, url: "tcp://127.0.0.1:6379", enabled: false, conditions: ["[CONNECTED] == true"]}
          - {name: live, url: "wss://example.org/ws", body: ping, conditions: ["[CONNECTED] == true"]}
          - {name: deep, url: "sctp://example.org:1", conditions: ["[CONNECTED] == true"]}
        """;

    private const string Healthchecks = """
        {"checks": [
          {"name": "Borg Alice", "slug": "borg-alice", "tags": "prod", "grace": 7200, "status": "up", "schedule": "0 3 * * *", "tz": "Europe/Paris", "methods": "", "manual_resume": false,
           "success_kw": "", "failure_kw": "ERROR,fatal", "start_kw": "", "ping_url": "https://hc-ping.com/8a4b7c0e-9f1d-4c1e-a7a5-0f0f2f5a9b11"},
          {"name": "Sensor", "slug": "", "grace": 60, "timeout": 300, "status": "paused", "methods": "POST", "manual_resume": true, "unique_key": "abc"},
          {"name": "Timer", "slug": "timer", "grace": 3600, "schedule": "Mon *-*-* 02:00", "tz": "UTC", "status": "new", "ping_url": "https://hc-ping.com/8a4b7c0e-9f1d-4c1e-a7a5-0f0f2f5a9b12"},
          {"name": "Borg Alice", "slug": "borg-alice", "grace": 3600, "timeout": 86400, "status": "up", "ping_url": "https://hc-ping.com/8a4b7c0e-9f1d-4c1e-a7a5-0f0f2f5a9b13"}
        ]}
        """;

    [Fact]
    public void Kumas_monitors_keep_their_thresholds_groups_and_push_tokens()
    {
        var (items, done) = Read("kuma", Kuma);
        var probes = items.OfType<ProbeInput>().ToDictionary(p => p.Name, StringComparer.Ordinal);
        Assert.Equal(["api http api", "base postgres base", "dns dns dns", "mattermost-equipe http communication", "mattermost-equipe-certificate tls communication", "ping icmp ping", "ssh tcp ssh", "wiki http wiki"],
            probes.Values.Select(p => $"{p.Name} {p.Type} {p.Service}").Order(StringComparer.Ordinal));
        var mattermost = probes["mattermost-equipe"];
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(48), 3, true), (mattermost.Interval, mattermost.RetryInterval, mattermost.Timeout, mattermost.Failures, mattermost.Enabled));
        Assert.Equal((TimeSpan.FromSeconds(20), false), (probes["wiki"].Timeout, probes["wiki"].Enabled));
        Assert.Contains("Bienvenue ${toi}", Settings(probes["wiki"]), StringComparison.Ordinal);
        Assert.Contains("\"json\":{\"status.db\":\"ok\"}", Settings(probes["api"]), StringComparison.Ordinal);
        Assert.Contains("\"password\":\"p@ss\"", Settings(probes["base"]), StringComparison.Ordinal);
        var push = items.OfType<HeartbeatInput>().Single(h => h.Name == "sauvegarde");
        Assert.Equal("aB3dE5gH7j", items.OfType<HeartbeatInput>().Single(h => h.Name == "ancien").Token!.Reveal()); // as version 1 gave them out
        Assert.Equal(("sauvegarde", TimeSpan.FromDays(1), TimeSpan.FromHours(1), "abcdefghijklmnop0123456789ABCDEF"), (push.Name, push.Period, push.Grace, push.Token!.Reveal()));
        Assert.Equal(["import.kind", "import.kuma_upside_down"], done.Notes.Select(n => n.Why.Key));
        foreach (var secret in new[] { "hunter2", "s3cret", "p@ss", "p%40ss", "abcdefghijklmnop", "aB3dE5gH7j", "cHJvYmU6czNjcmV0" }) Assert.DoesNotContain(secret, done.Yaml, StringComparison.Ordinal);
    }

    /// <summary>A monitor has every field there is, most of them null or a default that its kind does not use; a backup holds a list, the API of its community a bare one, its socket a map by number.</summary>
    [Theory]
    [InlineData("""{"version": "2.0.2", "notificationList": [{"id": 1, "name": "mail", "active": true, "isDefault": true, "config": "{}"}], "proxyList": [], "monitorList": [MONITORS]}""")]
    [InlineData("[MONITORS]")]
    [InlineData("""{"12": MONITOR1, "13": MONITOR2}""")]
    public void Kumas_own_exports_are_read_however_they_are_wrapped(string wrapped)
    {
        static string Whole(string differs) => """
            {"id": 12, "name": "x", "description": null, "pathName": "Pads / x", "parent": null, "childrenIDs": [], "url": "https://", "method": "GET", "hostname": null, "port": null, "maxretries": 1, "weight": 2000, "active": true, "forceInactive": false,
             "type": "http", "timeout": 48, "interval": 60, "retryInterval": 60, "resendInterval": 0, "keyword": null, "invertKeyword": false, "expiryNotification": false, "ignoreTls": false, "upsideDown": false, "packetSize": 56, "maxredirects": 10,
             "accepted_statuscodes": ["200-299"], "dns_resolve_type": "A", "dns_resolve_server": "1.1.1.1", "dns_last_result": null, "docker_container": "", "docker_host": null, "proxyId": null, "notificationIDList": {"1": true},
             "tags": [{"tag_id": 3, "monitor_id": 12, "value": "", "name": "pads", "color": "#4b5563"}], "maintenance": false, "mqttTopic": "", "mqttSuccessMessage": "", "mqttCheckType": "keyword", "databaseQuery": null, "authMethod": null,
             "grpcUrl": null, "grpcEnableTls": false, "radiusCalledStationId": null, "game": null, "gamedigGivenPortOnly": true, "httpBodyEncoding": "json", "jsonPath": "$", "jsonPathOperator": "==", "expectedValue": null, "kafkaProducerBrokers": [],
             "kafkaProducerSsl": false, "cacheBust": false, "conditions": [], "remote_browser": null, "screenshot": null, "headers": null, "body": null, "basic_auth_user": null, "basic_auth_pass": null, "pushToken": null, "includeSensitiveData": true, DIFFERS}
            """.Replace("DIFFERS", differs, StringComparison.Ordinal);
        var (web, ssh) = (Whole("\"name\": \"Pads\", \"url\": \"https://pad.example.org\", \"expiryNotification\": true"), Whole("\"id\": 13, \"name\": \"Bob, ssh\", \"type\": \"port\", \"url\": null, \"method\": null, \"hostname\": \"10.0.0.2\", \"port\": 22"));
        var (items, done) = Read("kuma", wrapped.Replace("MONITORS", $"{web}, {ssh}", StringComparison.Ordinal).Replace("MONITOR1", web, StringComparison.Ordinal).Replace("MONITOR2", ssh, StringComparison.Ordinal));
        Assert.Equal(["bob-ssh tcp", "pads http", "pads-certificate tls"], items.OfType<ProbeInput>().Select(p => $"{p.Name} {p.Type}").Order(StringComparer.Ordinal));
        Assert.Equal("{\"url\":\"https://pad.example.org\"}", Settings(items.OfType<ProbeInput>().Single(p => p.Name == "pads")));
        Assert.Empty(done.Notes);
    }

    [Fact]
    public void Gatus_conditions_become_what_the_answer_should_be_and_probes_of_their_own()
    {
        var (items, done) = Read("gatus", Gatus);
        var probes = items.OfType<ProbeInput>().ToDictionary(p => p.Name, StringComparer.Ordinal);
        Assert.Equal(["dns dns", "front-end http", "front-end-certificate tls", "front-end-domain domain_expiry", "live websocket", "mail tls", "redis tcp"], probes.Values.Select(p => $"{p.Name} {p.Type}").Order(StringComparer.Ordinal));
        var front = probes["front-end"];
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), 5, 3, "core"), (front.Interval, front.Timeout, front.Failures, front.Recoveries, front.Service));
        foreach (var part in new[] { "\"status\":[\"200\",\"429\"]", "\"latency\":\"300ms\"", "\"json\":{\"status\":\"UP\"}", "\"text\":\"hello\"", "\"follow_redirects\":\"false\"", "\"verify_tls\":\"false\"", "\"Authorization\":\"Bearer abc\"" })
            Assert.Contains(part, Settings(front), StringComparison.Ordinal);
        Assert.Contains("\"fail\":\"1d\",\"host\":\"www.example.org\",\"warn\":\"2d\"", Settings(probes["front-end-certificate"]), StringComparison.Ordinal);
        Assert.Contains("\"expect\":[\"93.184.216.34\"]", Settings(probes["dns"]), StringComparison.Ordinal);
        Assert.Contains("\"start_tls\":\"smtp\"", Settings(probes["mail"]), StringComparison.Ordinal);
        Assert.Equal((false, 3, 2), (probes["redis"].Enabled, probes["redis"].Failures, probes["redis"].Recoveries));
        Assert.Equal(("backups_nightly", TimeSpan.FromHours(25)), items.OfType<HeartbeatInput>().Select(h => (h.Name, h.Period!.Value)).Single());
        Assert.Equal(["import.condition", "import.gatus_token", "import.kind"], done.Notes.Select(n => n.Why.Key).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("Bearer abc", done.Yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Healthchecks_checks_keep_their_address_and_their_words()
    {
        var (items, done) = Read("healthchecks", Healthchecks);
        var beats = items.OfType<HeartbeatInput>().ToDictionary(h => h.Name, StringComparer.Ordinal);
        Assert.Equal(["borg-alice", "borg-alice-2", "sensor", "timer"], beats.Keys.Order(StringComparer.Ordinal));
        var borg = beats["borg-alice"];
        Assert.Equal(("0 3 * * *", "Europe/Paris", TimeSpan.FromHours(2), "8a4b7c0e-9f1d-4c1e-a7a5-0f0f2f5a9b11"), (borg.Schedule, borg.TimeZone, borg.Grace, borg.Token!.Reveal()));
        Assert.Equal(["ERROR", "fatal"], borg.Keywords!.Failure);
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1), false, true, true), (beats["sensor"].Period, beats["sensor"].Grace, beats["sensor"].Enabled, beats["sensor"].PostOnly, beats["sensor"].ManualResume));
        Assert.Equal(["import.no_ping_url", "import.schedule"], done.Notes.Select(n => n.Why.Key).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("8a4b7c0e", done.Yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1, 2]")]
    [InlineData("{\"monitorList\": {\"1\": {\"type\": \"http\", \"name\": \"\", \"headers\": \"no json\", \"interval\": \"x\"}}}")]
    [InlineData("{\"checks\": [{}, {\"grace\": -1, \"timeout\": 1e99, \"name\": \"é\"}]}")]
    [InlineData("endpoints: [{}, {name: a, url: ':'}, {name: b, url: 'http://x', conditions: ['', '[', '[STATUS] == ', '[BODY]']}]")]
    public void Whatever_the_text_it_is_converted_or_refused(string text)
    {
        foreach (var importer in Importer.All)
            if (importer.Convert(text, new()) is { IsDone: true, Value: var done }) Assert.NotEmpty(done.Yaml);
    }

    private static (List<object> Items, Imported Done) Read(string importer, string text)
    {
        var done = Importer.Find(importer)!.Convert(text, new()).Value;
        var file = ConfigurationStore.Read(done.Yaml, done.Secrets.ToDictionary(StringComparer.Ordinal));
        Assert.True(file.IsDone, $"{file.Refusal}\n{done.Yaml}");
        return ([.. file.Value.Items.Select(i => i.Input)], done);
    }

    private static string Settings(ProbeInput probe) => Regex.Replace(InputWriter.Canonical(probe.Settings.Values.Single()), "(?<=[:\\[,])[ps](?=\")", ""); // quoted or not is all the same here
}
