using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>What a service may refer to. Pure; the same for the page, the API and the file.</summary>
public static class InventoryRules
{
    /// <param name="input">The service as it is to be.</param>
    /// <param name="hosts">Names of the hosts there are.</param>
    /// <param name="others">The other services and what they depend on.</param>
    public static IEnumerable<FieldError> Wrong(ServiceInput input, IReadOnlyCollection<string> hosts, IReadOnlyDictionary<string, IReadOnlyList<string>> others)
    {
        if (input.Host is not null && !hosts.Contains(input.Host, StringComparer.Ordinal)) yield return new("host", Phrase.Of("inventory.no_host", input.Host));
        foreach (var (index, name) in input.DependsOn.Index())
            if (name != input.Name && !others.ContainsKey(name)) yield return new($"depends_on[{index}]", Phrase.Of("inventory.no_service", name));
        var all = new Dictionary<string, IReadOnlyList<string>>(others, StringComparer.Ordinal) { [input.Name] = input.DependsOn };
        if (DependencyGraph.Cycle(all) is { } cycle && cycle.Contains(input.Name, StringComparer.Ordinal)) yield return new("depends_on", Phrase.Of("inventory.cycle", string.Join(" → ", cycle)));
    }
}
