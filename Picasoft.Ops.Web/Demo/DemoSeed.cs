using System.Text;
using System.Text.Json;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;

namespace Picasoft.Ops.Web.Demo;

/// <summary>The demo's catalogue, entered through the same actions as a person's.</summary>
internal sealed class DemoSeed(InventoryActions inventory, ProbeActions probes, ChannelActions channels, StatusPageActions statusPage)
{
    private static readonly string[] _readers = ["tech@example.org"];

    private static readonly object[] _hosts =
    [
        new { name = "alice", address = "127.0.0.1", location = "toulouse" },
        new { name = "bob", address = "127.0.0.1", location = "compiegne" },
    ];

    private static readonly object[] _services =
    [
        new { name = "postgres", title = "PostgreSQL", host = "alice", criticality = "critical", runbook = "## PostgreSQL\n\n1. `systemctl status postgresql`\n2. Disk full? `df -h /var/lib/postgresql`\n3. `systemctl restart postgresql`, then look at the log.\n" },
        new { name = "mattermost", title = "Mattermost", url = "https://team.example.org", host = "alice", criticality = "critical", depends_on = new[] { "postgres" }, @public = true, rto = "15m", rpo = "0s", runbook = "## Mattermost\n\n1. `docker compose logs --tail 50 mattermost`\n2. `docker compose restart mattermost`\n3. Still down? Check PostgreSQL first.\n" },
        new { name = "etherpad", title = "Etherpad", url = "https://pad.example.org", host = "alice", criticality = "high", depends_on = new[] { "postgres" }, @public = true, runbook = "## Etherpad\n\n1. `docker compose restart etherpad`\n2. Exactly one instance may ever run.\n" },
        new { name = "wekan", title = "Wekan", url = "https://board.example.org", host = "bob", criticality = "normal", @public = true },
        new { name = "mail", title = "Mail", host = "bob", criticality = "high" },
        new { name = "backups", title = "Backups", host = "bob", criticality = "high", rpo = "26h", rto = "1h" },
    ];

    /// <summary>Enters it all; refusals would be our own mistakes and throw.</summary>
    public async Task EnterAsync(DemoSite[] sites, int mailPort, CancellationToken cancel)
    {
        var actor = Actor.System;
        foreach (var host in _hosts) _ = (await inventory.CreateHostAsync(Read<HostInput>(host), actor, cancel)).Value;
        foreach (var service in _services) _ = (await inventory.CreateServiceAsync(Read<ServiceInput>(service), actor, cancel)).Value;
        foreach (var site in sites) _ = (await probes.CreateAsync(ProbeOf(site), actor, cancel)).Value;
        _ = (await probes.CreateAsync(Read<ProbeInput>(new { name = "mail-smtp", service = "mail", type = "tcp", interval = "10s", timeout = "2s", tcp = new { host = "127.0.0.1", port = mailPort } }), actor, cancel)).Value;
        _ = (await channels.CreateAsync(Read<ChannelInput>(new { name = "tech-mail", type = "email", from = "ops@example.org", to = _readers, smtp = new { host = "127.0.0.1", port = mailPort, tls = "none" } }), actor, cancel)).Value;
        _ = (await statusPage.UpdateAsync(new() { Title = "Picasoft" }, null, actor, cancel)).Value;
    }

    private static ProbeInput ProbeOf(DemoSite site) => Read<ProbeInput>(new
    {
        name = $"{site.Name}-http",
        service = site.Name,
        type = "http",
        interval = "5s",
        timeout = "4s",
        retry_interval = "1s",
        severity = site.Name == "wekan" ? "medium" : site.Name == "etherpad" ? "high" : "critical",
        http = new { url = site.Url.ToString(), expect = new { json = new { status = "OK" }, latency = "2s" } },
    });

    private static T Read<T>(object written) where T : class, new() =>
        InputReader.Read<T>(JsonInput.Parse(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(written))).Value).Value;
}
