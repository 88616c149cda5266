using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>A plan and what its runs have proven.</summary>
public sealed record ProvenPlan(RecoveryPlanInput Plan, DrillProof Proof, DateTimeOffset KnownSince);

/// <summary>How ready a service is to come back. Pure.</summary>
/// <param name="Backups">Of the service, and of what it stands on.</param>
/// <param name="Gaps">What is missing for the promise to be kept, worst first; empty: nothing.</param>
public sealed record Readiness(Service Service, IReadOnlyList<ProvenPlan> Plans, IReadOnlyList<BackupTruth> Backups, IReadOnlyList<Phrase> Gaps)
{
    /// <summary>The longest of what its plans took when they last ended well: that is what is proven; null: nothing is.</summary>
    public RecoveryRun? LastProven => Plans.Select(p => p.Proof.LastGood).OfType<RecoveryRun>().MaxBy(r => r.Took);

    public TimeSpan? ProvenRpo => Plans.Select(p => p.Proof.LastGood?.MeasuredRpo).Concat(Backups.Select(b => b.Rpo)).Max();

    public BackupMade? LastBackup => Backups.Select(b => b.Last).OfType<BackupMade>().MinBy(b => b.At);

    public RestoreProven? LastRestore => Backups.Select(b => b.Restore).OfType<RestoreProven>().MinBy(r => r.At);

    /// <summary>Those that matter: critical, or with a promise or a plan; the most critical first.</summary>
    public static IReadOnlyList<Readiness> Of(IReadOnlyCollection<Service> services, IReadOnlyCollection<ProvenPlan> plans, IReadOnlyCollection<BackupTruth> backups, DateTimeOffset now)
    {
        var map = ServiceMap.Of(services);
        return [.. services.Where(s => s.Criticality == Criticality.Critical || s.Rto is not null || s.Rpo is not null || plans.Any(p => p.Plan.Service == s.Name))
            .OrderByDescending(s => s.Criticality).ThenBy(s => s.Name, StringComparer.Ordinal)
            .Select(s =>
            {
                var mine = plans.Where(p => p.Plan.Service == s.Name).ToList();
                var saved = backups.Where(b => b.Row.Heartbeat.Service == s.Name || (b.Row.Heartbeat.Service is { } of && map.DependenciesOf(s.Name).ContainsKey(of))).ToList();
                return new Readiness(s, mine, saved, [.. GapsOf(s, mine, saved, now)]);
            })];
    }

    /// <summary>In which order services are started: each after what it stands on; of equals the more critical first.</summary>
    public static IReadOnlyList<Service> StartOrder(IReadOnlyCollection<Service> services)
    {
        var map = ServiceMap.Of(services);
        // Whoever stands on X has at least one dependency more than X.
        return [.. services.OrderBy(s => map.DependenciesOf(s.Name).Count).ThenByDescending(s => s.Criticality).ThenBy(s => s.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<Phrase> GapsOf(Service service, List<ProvenPlan> plans, List<BackupTruth> backups, DateTimeOffset now)
    {
        if (plans.Count == 0) yield return Phrase.Of("gap.no_plan");
        foreach (var plan in plans)
        {
            if (plan.Proof.Trouble(plan.Plan, service.Rto, service.Rpo, plan.KnownSince, now) is { } trouble) yield return trouble;
            else if (plan.Proof.LastGood is null) yield return Phrase.Of("gap.unproven", plan.Plan.Shown);
            if (plan.Plan.Owner is null) yield return Phrase.Of("gap.no_owner", plan.Plan.Shown);
            if (plan.Plan.Drill is null) yield return Phrase.Of("gap.no_drill", plan.Plan.Shown);
        }
        if (service.Rto is null) yield return Phrase.Of("gap.no_rto");
        if (service.Rpo is null) yield return Phrase.Of("gap.no_rpo");
        if (backups.Count == 0) yield return Phrase.Of("gap.no_backup");
        foreach (var backup in backups)
        {
            var name = backup.Row.Heartbeat.Name;
            if (backup.Last is null) yield return Phrase.Of("gap.backup_never", name);
            else if (service.Rpo is { } promised && backup.Rpo is { } proven && proven > promised && plans.TrueForAll(p => p.Proof.LastGood?.MeasuredRpo is not { } measured || measured > promised)) yield return Phrase.Of("gap.backup_rpo", name, proven, promised);
            if (backup.Restore is null) yield return Phrase.Of("gap.no_restore", name);
        }
    }
}
