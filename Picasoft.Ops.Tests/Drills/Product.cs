using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>An incident as the product tells it.</summary>
internal sealed record SeenIncident(long Number, string Service, string State, DateTimeOffset OpenedAt, string Title, bool IsFlapping);

/// <summary>The product on two of the machines, and the mailbox of whom it pages, on the people's side.</summary>
internal sealed class Product : IAsyncDisposable
{
    private readonly Lab _lab;
    private readonly ScriptedSmtp _mailServer;
    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromSeconds(1), UseCookies = false }) { BaseAddress = new($"http://{Network.VirtualAddress}:8080"), Timeout = TimeSpan.FromSeconds(5) };

    public Product(Lab lab)
    {
        _lab = lab;
        _mailServer = new(IPAddress.Any, Lab.MailPort) { OnMessage = m => Mails.Enqueue((m.Subject ?? "", m.MessageId ?? "", TimeProvider.System.GetUtcNow())) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Lab.Token);
    }

    public ConcurrentQueue<(string Subject, string Id, DateTimeOffset At)> Mails { get; } = new();

    public async Task ConfigureAsync()
    {
        var file = Path.Combine(_lab.Folder, "ops.yaml");
        await File.WriteAllTextAsync(file, Yaml());
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__Ops"] = (await File.ReadAllTextAsync(Path.Combine(_lab.Folder, "alice", "etc", "ops.connection"))).Trim(),
            ["OPS_SECRET_KEY"] = _lab.Secret("ops_key"),
        };
        var applied = await OpsHost.VerbAsync(environment, "apply", file, "--data", Path.Combine(_lab.Folder, "apply"));
        if (applied.Exit != 0) throw new InvalidOperationException(applied.Output + applied.Error);
    }

    public async Task<bool> IsReadyAsync(LabHost host)
    {
        try { return (await _client.GetAsync($"http://{host.Address}:8080/readyz")).IsSuccessStatusCode; }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { return false; }
    }

    /// <summary>Null while it cannot say.</summary>
    public async Task<IReadOnlyList<SeenIncident>?> IncidentsAsync(DateTimeOffset? from = null)
    {
        try
        {
            var since = from is { } f ? $"&from={f.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)}" : "";
            var json = JsonDocument.Parse(await _client.GetStringAsync($"/api/v1/incidents?limit=200{since}")).RootElement;
            return [.. json.GetProperty("items").EnumerateArray().Select(i => new SeenIncident(i.GetProperty("number").GetInt64(), i.GetProperty("service").GetString() ?? "", i.GetProperty("state").GetString()!, i.GetProperty("openedAt").GetDateTimeOffset(), i.GetProperty("title").GetString() ?? "", i.GetProperty("flapping").GetBoolean()))];
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException) { return null; }
    }

    /// <summary>What it wrote onto an incident of what the engines did.</summary>
    public async Task<IReadOnlyList<string>> EngineWordsAsync(SeenIncident incident)
    {
        try
        {
            var items = JsonDocument.Parse(await _client.GetStringAsync($"/api/v1/incidents/{incident.Number}/timeline?limit=200")).RootElement.GetProperty("items");
            return [.. items.EnumerateArray().Where(i => i.GetProperty("kind").GetString() == "engine").Select(i => i.GetProperty("text").GetString() ?? "")];
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException) { return []; }
    }

    /// <summary>All that it wrote down about services: for whoever asks why nobody was told.</summary>
    public async Task<string> StoryAsync(IReadOnlyList<string> services)
    {
        var story = new StringBuilder("What the product wrote down:");
        foreach (var incident in (await IncidentsAsync() ?? []).Where(i => services.Contains(i.Service)).OrderByDescending(i => i.Number).Take(8))
        {
            story.Append(CultureInfo.InvariantCulture, $"\n  #{incident.Number} {incident.Service} {incident.State}, opened {incident.OpenedAt:HH:mm:ss.fff}");
            foreach (var path in new[] { $"/api/v1/incidents/{incident.Number}/timeline?limit=30", $"/api/v1/deliveries?incident={incident.Number}" })
            {
                try { story.Append(CultureInfo.InvariantCulture, $"\n    {await _client.GetStringAsync(path)}"); }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { story.Append(CultureInfo.InvariantCulture, $"\n    {e.Message}"); }
            }
        }
        foreach (var service in services)
        {
            try { story.Append(CultureInfo.InvariantCulture, $"\n  probe {service}: {await _client.GetStringAsync($"/api/v1/probes/{service}")}"); }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { story.Append(CultureInfo.InvariantCulture, $"\n  probe {service}: {e.Message}"); }
        }
        return story.ToString();
    }

    /// <summary>Runs a recovery plan to its end, agreeing to each step; throws what came of it unless it ended well.</summary>
    public async Task RunPlanAsync(string plan, CancellationToken cancel)
    {
        var id = await PostAsync($"/api/v1/recovery/plans/{plan}/runs", cancel);
        while (true)
        {
            await Task.Delay(100, cancel);
            if (await RunAsync(id, cancel) is not { } run) continue; // the very database it moves
            var state = run.GetProperty("state").GetString();
            if (state == "done") return;
            if (state is "failed" or "aborted" || state == "waiting" && run.GetProperty("records").EnumerateArray().Any(r => r.GetProperty("state").GetString() == "failed")) throw new InvalidOperationException($"The plan {plan} did not end well: {run}");
            if (state == "waiting") await PostAsync($"/api/v1/recovery/runs/{id}/confirm", cancel);
        }
    }

    private async Task<JsonElement?> RunAsync(long id, CancellationToken cancel)
    {
        try { return JsonDocument.Parse(await _client.GetStringAsync($"/api/v1/recovery/runs/{id}", cancel)).RootElement; }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or TaskCanceledException) { return null; }
    }

    private async Task<long> PostAsync(string path, CancellationToken cancel)
    {
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await _client.PostAsync(path, body, cancel);
        var said = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(said).RootElement.GetProperty("id").GetInt64() : throw new InvalidOperationException($"{path}: {said}");
    }

    /// <summary>Posts until it was taken.</summary>
    /// <returns>The node that took it, and when.</returns>
    public async Task<(string Node, DateTimeOffset At)> AlertAsync(string service, bool ended = false)
    {
        while (true)
        {
            try
            {
                var end = ended ? $", \"endsAt\": \"{TimeProvider.System.GetUtcNow().UtcDateTime:O}\"" : "";
                using var body = new StringContent($$"""[{"labels": {"alertname": "Drill", "severity": "critical", "service": "{{service}}"} {{end}} }]""", Encoding.UTF8, "application/json");
                using var answer = await _client.PostAsync("/api/v2/alerts", body);
                if (answer.IsSuccessStatusCode)
                {
                    var cookie = answer.Headers.TryGetValues("Set-Cookie", out var set) ? string.Concat(set) : "";
                    return (cookie.Contains("node=bob", StringComparison.Ordinal) ? "bob" : "alice", TimeProvider.System.GetUtcNow());
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { }
            await Task.Delay(200);
        }
    }

    public IEnumerable<(string Subject, string Id, DateTimeOffset At)> MailsOf(SeenIncident incident) => Mails.Where(m => m.Subject.Contains($"#{incident.Number} ", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _mailServer.DisposeAsync();
    }

    private string Yaml()
    {
        var (services, probes) = (new StringBuilder(), new StringBuilder());
        void Watch(string service, string type, string settings)
        {
            services.Append(CultureInfo.InvariantCulture, $"  - {{name: {service}}}\n");
            probes.Append(CultureInfo.InvariantCulture, $"  - {{name: {service}, service: {service}, type: {type}, interval: 2s, timeout: 1s, failures: 2, retry_interval: 1s, severity: critical, {settings}}}\n");
        }
        void Http(string service, string url) => Watch(service, "http", $"http: {{url: \"http://{url}\"}}");
        void Tcp(string service, string host, int port) => Watch(service, "tcp", $"tcp: {{host: {host}, port: {port}}}");

        Http("postgres", $"{Network.VirtualAddress}:7001/postgres");
        Http("ldap", $"{Network.VirtualAddress}:7001/ldap");
        if (_lab.Etherpad is not null) Http("etherpad", $"{Network.VirtualAddress}:9001/api");
        foreach (var host in _lab.All)
        {
            Http($"{host.Name}-postgres", $"{host.Address}:8008/readiness");
            Http($"{host.Name}-etcd", $"{host.Address}:2379/health");
            Tcp($"{host.Name}-haproxy", host.Address, 7000);
            if (host.Name == "caribou") continue;
            Tcp($"{host.Name}-slapd", host.Address, 389);
            Http($"{host.Name}-ops", $"{host.Address}:8080/healthz");
        }
        services.Append("  - {name: drill}\n  - {name: mid-incident}\n");
        string Joined(string section) => string.Concat(_lab.Examples.Select(e => e.Page.Section(section)));
        string Members(Func<LabHost, string> url, IEnumerable<LabHost>? of = null) => "{" + string.Join(", ", (of ?? _lab.All).Select(h => $"{h.Name}: \"{url(h)}\"")) + "}";
        var clusters = $$"""
              - {name: database, service: postgres, engine: patroni, members: {{Members(h => $"http://{h.Address}:8008")}} }
              - {name: edge, service: postgres, engine: haproxy, members: {{Members(h => $"http://{h.Address}:7000")}} }
              - {name: address, service: postgres, engine: address, address: "http://{{Network.VirtualAddress}}:7001", members: {{Members(h => $"http://{h.Address}:7001")}} }
              - {name: directory, service: ldap, engine: ldap, members: {{Members(h => $"ldap://{h.Address}/{Lab.LdapBase}", _lab.All.Where(h => h.Name != "caribou"))}} }
            """;
        string Plan(string name, string patroni) => $"  - {{name: {name}, service: postgres, steps: [{{title: {name}, destructive: true, patroni: {{cluster: database, password_file: {_lab.Folder}/secrets/patroni, {patroni}}}}}]}}\n";
        var plans = Plan("move-database", "action: switchover") + string.Concat(_lab.All.Select(h => Plan($"failover-to-{h.Name}", $"action: failover, member: {h.Name}") + Plan($"renew-{h.Name}", $"action: reinitialize, member: {h.Name}")));
        string Mail(string name) => $"  - {{name: {name}, type: email, fold_storms: false, from: ops@picasoft.net, to: [{name}@picasoft.net], language: en, smtp: {{host: {Network.AddressOf(Network.Client)}, port: {Lab.MailPort}, tls: none, timeout: 5s}}}}\n";
        return $$"""
            version: 1
            services:
            {{services}}{{Joined("services")}}
            probes:
            {{probes}}{{Joined("probes")}}
            clusters:
            {{clusters}}
            recovery_plans:
            {{plans}}
            channels:
            {{Mail("tech")}}{{Mail("quiet")}}
            escalations:
              - {name: default, steps: [{notify: [channel:tech]}]}
              - {name: steps, steps: [{notify: [channel:tech]}, {after: 8s, notify: [channel:tech]}]}
              - {name: quiet, steps: [{notify: [channel:quiet]}]}
            routes:
              - {match: ['service="drill"'], escalation: quiet}
              - {match: ['service="mid-incident"'], escalation: steps}
            """;
    }
}
