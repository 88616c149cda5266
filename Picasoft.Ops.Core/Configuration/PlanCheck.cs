using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>What the file's clusters and machines mean for plans of the page, and the page's clusters for plans of the file: no apply leaves a plan that fails in the night. Pure.</summary>
internal static class PlanCheck
{
    /// <summary>What would be wrong once the file is applied; what it names and is nowhere is said by <see cref="OpsFile.NamedElsewhere"/>.</summary>
    public static IEnumerable<FieldError> Errors(OpsFile file, IReadOnlyList<StoredItem> stored)
    {
        var written = file.Items.Select(i => (i.Kind, i.Name)).ToHashSet();
        var kept = stored.Where(s => s.Entity is Policy && !written.Contains((s.Kind, s.Name))).Select(s => (Policy)s.Entity).ToLookup(p => p.Kind);
        List<T> All<T>(PolicyKind kind) => [.. file.Items.Select(i => i.Input).OfType<T>(), .. kept[kind].Select(p => Json.Parse<T>(p.Definition))];
        var (clusters, machines) = (All<ClusterInput>(PolicyKind.Cluster), All<SshHostInput>(PolicyKind.SshHost));
        foreach (var item in file.Items)
            if (item.Input is RecoveryPlanInput plan)
                foreach (var (_, error) in PlanReferences.Check(clusters, machines, [plan])) yield return error with { Field = InputReader.Join(item.Path, error.Field), Place = item.Place };
        foreach (var (plan, error) in PlanReferences.Check(clusters, machines, [.. kept[PolicyKind.RecoveryPlan].Where(p => !p.FromFile).Select(p => Json.Parse<RecoveryPlanInput>(p.Definition))]))
            yield return new("", Phrase.Of("recovery.breaks_plan", plan.Name, error.Message));
    }
}
