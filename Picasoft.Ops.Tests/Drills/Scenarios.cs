namespace Picasoft.Ops.Tests.Drills;

/// <summary>What is broken, one after the other.</summary>
internal static class Scenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("switchover", true, SwitchoverAsync) { IsPlanned = true },
        new("kill-primary", true, KillPrimaryAsync),
        new("kill-etherpad", false, KillEtherpadAsync),
        new("kill-slapd", true, KillSlapdAsync),
        new("kill-ops-mid-incident", true, KillProductAsync),
        new("cut-host", true, CutHostAsync),
        new("host-death", false, HostDeathAsync),
        new("kill-etcd-leader", false, KillEtcdLeaderAsync),
        new("kill-haproxy", false, KillHaproxyAsync),
        new("kill-keepalived", false, KillKeepalivedAsync),
        new("plan-switchover", false, rig => PlanAsync(rig, _ => Task.FromResult("move-database"))) { IsPlanned = true },
        new("plan-failover", false, rig => PlanAsync(rig, async r => $"failover-to-{(await r.Cluster.SyncStandbyAsync()).Name}")) { IsPlanned = true },
        new("plan-reinitialise", false, rig => PlanAsync(rig, async r => $"renew-{r.Lab.Other(await r.Cluster.PrimaryNowAsync(), await r.Cluster.SyncStandbyAsync()).Name}")) { IsPlanned = true },
        new("split-both-ways", false, SplitAsync),
        new("disk-full", false, FillDiskAsync),
        .. Example.All.Select(e => new Scenario($"kill-{e.Name}", false, rig => KillExampleAsync(rig, e)) { Example = e.Name }),
    ];

    private static async Task<Broken> SwitchoverAsync(Rig rig)
    {
        var primary = await rig.Cluster.PrimaryNowAsync();
        var moving = Cluster.SwitchoverAsync(primary, rig.Lab.Secret("patroni"));
        return new($"moved the primary away from {primary.Name} by Patroni's API", [], () => moving);
    }

    /// <summary>The product's own recovery plan, started and agreed to through its API.</summary>
    private static async Task<Broken> PlanAsync(Rig rig, Func<Rig, Task<string>> choose)
    {
        var plan = await choose(rig);
        var running = rig.Product.RunPlanAsync(plan, rig.Cancel);
        return new($"ran the recovery plan {plan}", [], () => running);
    }

    private static async Task<Broken> KillPrimaryAsync(Rig rig)
    {
        var primary = await rig.Cluster.PrimaryNowAsync();
        await primary.KillDatabaseAsync();
        return new($"kill -9 of Patroni and PostgreSQL on {primary.Name}, the primary", [$"{primary.Name}-postgres", "postgres"], () => Started(primary, "patroni"));
    }

    private static async Task<Broken> KillSlapdAsync(Rig rig)
    {
        var host = rig.Lab.Hosts["alice"]; // the side that is written to
        await host["slapd"].KillAsync();
        return new($"kill -9 of slapd on {host.Name}, the side that is written to", [$"{host.Name}-slapd"], () => Started(host, "slapd"));
    }

    private static async Task<Broken> KillProductAsync(Rig rig)
    {
        var (node, at) = await rig.Product.AlertAsync("mid-incident");
        var host = rig.Lab.Hosts[node];
        await host["ops"].KillAsync();
        return new($"kill -9 of the product on {node}, as soon as it had acknowledged an alert", [$"{node}-ops", "mid-incident"], () => Started(host, "ops")) { CheckAsync = () => OncePerStepAsync(rig, at) };
    }

    /// <summary>Each step of the incident's escalation came exactly once.</summary>
    private static async Task<string?> OncePerStepAsync(Rig rig, DateTimeOffset since)
    {
        var subjects = Array.Empty<string>();
        for (var round = 0; round < 60; round++)
        {
            var incident = (await rig.Product.IncidentsAsync(since.AddSeconds(-30)))?.FirstOrDefault(i => i.Service == "mid-incident");
            if (incident is not null) subjects = [.. rig.Product.MailsOf(incident).Select(m => m.Subject)];
            if (subjects.Length >= 2) break;
            await Task.Delay(500);
        }
        await rig.Product.AlertAsync("mid-incident", ended: true);
        return subjects.Length == 2 && subjects.Distinct().Count() == 2 ? null : $"of two steps that should be told once each, came: {string.Join(" | ", subjects.DefaultIfEmpty("nothing"))}";
    }

    private static async Task<Broken> CutHostAsync(Rig rig)
    {
        var primary = await rig.Cluster.PrimaryNowAsync();
        await rig.Lab.Network.CutAsync(primary.Name);
        var island = rig.Watch.WriteOnIslandAsync(primary, TimeSpan.FromSeconds(15), rig.Lab.Secret("postgres"), rig.Cancel);
        return new($"cut {primary.Name} off: primary, virtual address, Etherpad and a node of the product, all still running", [$"{primary.Name}-postgres", $"{primary.Name}-etcd", "postgres"], async () =>
        {
            await island;
            await rig.Lab.Network.HealAsync(primary.Name);
        })
        { Island = island };
    }

    private static async Task<Broken> HostDeathAsync(Rig rig)
    {
        var primary = await rig.Cluster.PrimaryNowAsync();
        await rig.Lab.Network.CutAsync(primary.Name); // first: a dead machine sends no resets
        await primary.KillAllAsync();
        return new($"{primary.Name} died: primary, virtual address and all", [$"{primary.Name}-postgres", $"{primary.Name}-etcd", "postgres"], async () =>
        {
            await rig.Lab.Network.HealAsync(primary.Name);
            primary.StartAll();
        });
    }

    private static async Task<Broken> KillEtcdLeaderAsync(Rig rig)
    {
        var leader = await rig.Cluster.EtcdLeaderAsync();
        await leader["etcd"].KillAsync();
        return new($"kill -9 of etcd on {leader.Name}, its leader", [$"{leader.Name}-etcd"], () => Started(leader, "etcd"));
    }

    private static async Task<Broken> KillHaproxyAsync(Rig rig)
    {
        var holder = await rig.Cluster.HolderAsync();
        await holder["haproxy"].KillAsync();
        return new($"kill -9 of HAProxy on {holder.Name}, which holds the virtual address, and it stays dead", [$"{holder.Name}-haproxy"], () => Started(holder, "haproxy"));
    }

    private static async Task<Broken> KillKeepalivedAsync(Rig rig)
    {
        var holder = await rig.Cluster.HolderAsync();
        await holder["keepalived"].KillAsync();
        await holder.KillByNameAsync("keepalived");
        return new($"kill -9 of keepalived on {holder.Name}, which keeps the address without announcing it", [], () => Started(holder, "keepalived"));
    }

    private static async Task<Broken> KillEtherpadAsync(Rig rig)
    {
        var primary = await rig.Cluster.PrimaryNowAsync();
        await primary.KillByNameAsync("node");
        return new($"kill -9 of the active Etherpad, on {primary.Name}", ["etherpad"], () => Task.CompletedTask);
    }

    private static async Task<Broken> KillExampleAsync(Rig rig, Example example)
    {
        var holder = await rig.Cluster.HolderAsync();
        await holder.KillAsync(example);
        return new($"kill -9 of all of {example.Name} on {holder.Name}, where the address is, and it stays dead", [example.CopiesService], () =>
        {
            holder.Start([.. example.Servers(holder).Select(s => s.Name)]);
            return Task.CompletedTask;
        });
    }

    private static async Task<Broken> SplitAsync(Rig rig)
    {
        var (primary, standby) = (await rig.Cluster.PrimaryNowAsync(), await rig.Cluster.SyncStandbyAsync());
        await rig.Lab.Network.SplitAsync(primary.Name, standby.Name, isSplit: true);
        return new($"{primary.Name}, the primary, and {standby.Name}, its synchronous standby, no longer hear each other; everybody else hears both", [],
            () => rig.Lab.Network.SplitAsync(primary.Name, standby.Name, isSplit: false));
    }

    private static async Task<Broken> FillDiskAsync(Rig rig)
    {
        var primary = await rig.Cluster.PrimaryNowAsync();
        var filler = Path.Combine(primary.Data, "postgres", "filler");
        // What others write meanwhile lets the one big piece fail: the rest goes in small ones.
        await Shell.TryAsync("bash", "-c", $"free() {{ df --output=avail -B1 '{primary.Data}/postgres' | tail -n 1 | tr -dc 0-9; }}; fallocate -l $(free) '{filler}'; head -c $(free) /dev/zero >> '{filler}'");
        return new($"filled the disk of {primary.Name}, the primary, to the last byte", [], () =>
        {
            File.Delete(filler);
            return Task.CompletedTask;
        })
        { CheckAsync = () => HandedOverAsync(rig, primary) };
    }

    /// <summary>A disk that did not fill up, or nobody who handed over, would show no outage either.</summary>
    private static async Task<string?> HandedOverAsync(Rig rig, LabHost before)
    {
        for (var round = 0; round < 60; round++)
        {
            if (await rig.Cluster.PrimaryAsync() is { } now && now.Name != before.Name) return null;
            await Task.Delay(250, rig.Cancel);
        }
        return $"{before.Name} is still primary: nobody handed over";
    }

    private static Task Started(LabHost host, string daemon)
    {
        host.Start(daemon);
        return Task.CompletedTask;
    }
}
