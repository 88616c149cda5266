using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration.Sections;

internal sealed class ServicesSection() : CatalogueSection<Service, ServiceInput>("services", "service")
{
    public override IReadOnlyList<(string Field, string Kind)> Names => [("host", "host"), ("depends_on", "service")];

    public override IEnumerable<FieldError> Check(IReadOnlyList<InputNode> written)
    {
        var graph = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, node) in written.Index())
            if (OpsFileReader.TextsOf(node, "name").FirstOrDefault() is { } name && indexes.TryAdd(name, index))
                graph[name] = [.. OpsFileReader.TextsOf(node, "depends_on").Where(n => n != name)]; // of itself: said where it is read
        // Each cycle once: its last step is taken out before the next is looked for.
        while (DependencyGraph.Cycle(graph) is { } cycle)
        {
            yield return new($"services[{indexes[cycle[0]]}].depends_on", Phrase.Of("inventory.cycle", string.Join(" → ", cycle)));
            graph[cycle[^2]] = [.. graph[cycle[^2]].Where(n => n != cycle[^1])];
        }
    }

    // One line could be taken for a path beside the file; a line break says that this is the runbook itself.
    protected override ServiceInput Exported(ServiceInput input) => input.Runbook is { } runbook && !ServiceInput.IsUrl(runbook) ? input with { Runbook = runbook + "\n" } : input;

    protected override IReadOnlyList<Use> Uses(Service service) =>
        [.. service.Host is { } host ? [new Use("host", host)] : Array.Empty<Use>(), .. service.DependsOn.Select(name => new Use("service", name))];
}
