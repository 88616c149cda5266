using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Reads what is known of how services would come back.</summary>
public sealed class ReadinessQueries(IDbContextFactory<OpsDbContext> contexts, HeartbeatQueries heartbeats, OpsSettings settings, TimeProvider time)
{
    public async Task<IReadOnlyList<Readiness>> ListAsync(CancellationToken cancel) => (await ReadAsync(cancel)).Readiness;

    /// <summary>The whole plan as one text in Markdown, in a language.</summary>
    public async Task<string> DocumentAsync(System.Globalization.CultureInfo culture, CancellationToken cancel) => PlanDocument.Write(await ReadAsync(cancel), culture, time.LocalTimeZone);

    private async Task<PlanFacts> ReadAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var backups = await heartbeats.BackupsAsync(null, now, cancel);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var services = await db.Services.AsNoTracking().OrderBy(s => s.Name).ToListAsync(cancel);
        var definitions = (await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.RecoveryPlan || p.Kind == PolicyKind.SshHost).OrderBy(p => p.Name).ToListAsync(cancel)).ToLookup(p => p.Kind, p => p.Definition);
        var known = await db.PlanStates.AsNoTracking().ToDictionaryAsync(s => s.Plan, s => s.KnownSince, StringComparer.Ordinal, cancel);
        var plans = new List<ProvenPlan>();
        foreach (var plan in definitions[PolicyKind.RecoveryPlan].Select(Json.Parse<RecoveryPlanInput>)) plans.Add(new(plan, await PlanRunner.ProofAsync(db, plan.Name, cancel), known.GetValueOrDefault(plan.Name, now)));
        var people = (await db.People.AsNoTracking().Where(p => p.IsActive).OrderBy(p => p.Name).ToListAsync(cancel)).ConvertAll(p => (p.Name, p.Email ?? ""));
        var hosts = await db.Hosts.AsNoTracking().OrderBy(h => h.Name).ToListAsync(cancel);
        return new(now, services, hosts, people, Readiness.Of(services, plans, backups, now), plans, await ClusterQueries.RowsAsync(db, cancel), [.. definitions[PolicyKind.SshHost].Select(Json.Parse<SshHostInput>)], settings.RecoveryPlugins);
    }
}
