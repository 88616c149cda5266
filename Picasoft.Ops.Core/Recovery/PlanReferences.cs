using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>What the steps of recovery plans name in other sections: a plan must not fail in the night for a word that was misspelt by day. Looked up in what was written, also where it could not be read. Pure.</summary>
internal static class PlanReferences
{
    /// <summary>What a plan or a cluster of the store names: the kind, in the words of the file, and the name.</summary>
    public static IEnumerable<(string Kind, string Name)> NamedBy(Policy policy) => policy.Kind switch
    {
        PolicyKind.RecoveryPlan => Json.Parse<RecoveryPlanInput>(policy.Definition).Named(),
        PolicyKind.Cluster when Json.Parse<ClusterInput>(policy.Definition).Service is { } service => [("service", service)],
        _ => [],
    };

    /// <summary>The clusters that a plan names and that are none of these.</summary>
    public static IEnumerable<FieldError> Missing(IEnumerable<ClusterInput> clusters, RecoveryPlanInput plan) =>
        plan.NamedClusters().Where(n => !clusters.Any(c => c.Name == n.Name)).Select(n => new FieldError(n.Field, Phrase.Of("config.no_cluster", n.Name)));

    /// <summary>Of plans that could be read; the fields are those of the plan.</summary>
    public static IEnumerable<(RecoveryPlanInput Plan, FieldError Error)> Check(IEnumerable<ClusterInput> clusters, IEnumerable<SshHostInput> machines, IReadOnlyList<RecoveryPlanInput> plans)
    {
        var sections = new InputMap([Section("clusters", clusters), Section("ssh_hosts", machines)], null);
        foreach (var plan in plans)
            foreach (var error in Check(sections with { Entries = [.. sections.Entries, Section("recovery_plans", [plan])] }))
                yield return (plan, error with { Field = error.Field[(error.Field.IndexOf('.', StringComparison.Ordinal) + 1)..] });
    }

    private static InputEntry Section(string name, IEnumerable<object> items) => new(name, new InputList([.. items.Select(i => InputWriter.Write(i, (_, _) => ""))], null), null);

    /// <summary>What is wrong with what is named and there. A cluster that is not there somebody may have made in the page: whoever has a store looks there.</summary>
    public static IEnumerable<FieldError> Check(InputMap root)
    {
        var clusters = Named(root, "clusters");
        var machines = Named(root, "ssh_hosts");
        foreach (var (index, plan) in Items(root, "recovery_plans").Index())
            foreach (var part in new[] { "preflight", "steps" })
                foreach (var (place, step) in Items(plan, part).Index())
                    foreach (var error in StepErrors(step, $"recovery_plans[{index}].{part}[{place}]", clusters, machines)) yield return error;
    }

    private static IEnumerable<FieldError> StepErrors(InputMap step, string path, Dictionary<string, InputMap> clusters, Dictionary<string, InputMap> machines)
    {
        if (step["patroni"] is InputMap patroni && Text(patroni, "cluster") is { } name && clusters.TryGetValue(name, out var cluster))
        {
            if (Text(cluster, "engine") is { } engine && engine != Words.Of(EngineKind.Patroni)) yield return new($"{path}.patroni.cluster", Phrase.Of("config.cluster_not_patroni", name, engine));
            else if (Text(patroni, "member") is { } member && cluster["members"] is InputMap members && members.Entries.All(e => e.Name != member)) yield return new($"{path}.patroni.member", Phrase.Of("config.no_member", member, name, Names(members)));
        }
        if (step["ssh"] is InputMap ssh && Text(ssh, "host") is { } host)
        {
            if (!machines.TryGetValue(host, out var machine)) yield return new($"{path}.ssh.host", Phrase.Of("config.no_ssh_host", host));
            else if (Text(ssh, "command") is { } command && machine["commands"] is InputMap commands && commands.Entries.All(e => e.Name != command)) yield return new($"{path}.ssh.command", Phrase.Of("config.no_ssh_command", command, host, Names(commands)));
        }
    }

    private static string Names(InputMap map) => string.Join(", ", map.Entries.Select(e => e.Name));

    private static string? Text(InputMap map, string field) => map[field] is InputScalar { Text: { Length: > 0 } text } ? text : null;

    private static IEnumerable<InputMap> Items(InputMap map, string field) => map[field] is InputList list ? list.Items.Select(i => i as InputMap ?? new InputMap([], null)) : [];

    private static Dictionary<string, InputMap> Named(InputMap root, string section) =>
        Items(root, section).Where(i => Text(i, "name") is not null).GroupBy(i => Text(i, "name")!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
}
