using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

internal sealed class ServicesSection : IFileSection
{
    public string Section => "services";

    public string Kind => "service";

    public IReadOnlyList<(string Field, string Kind)> Names => [("host", "host"), ("depends_on", "service")];

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<ServiceInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        if (!read.IsDone) return null;
        var input = read.Value;
        var stored = new Service();
        input.WriteTo(stored);
        return new(Kind, input.Name, input, Written(stored), path, node.Place);
    }

    public IEnumerable<FieldError> Check(IReadOnlyList<InputNode> written)
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

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Services.OrderBy(s => s.Name).ToListAsync(cancel)).Select(s => new StoredItem(Kind, s.Name, Written(s), s.FromFile, Uses(s), s))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel)
    {
        var service = (Service?)existing?.Entity ?? db.Services.Add(new()).Entity;
        object? before = existing is null ? null : ServiceInput.Of(service);
        ((ServiceInput)item.Input).WriteTo(service);
        service.FromFile = true;
        db.Audit.Add(AuditEntry.Of(context.Actor, existing is null ? "service.create" : "service.update", item.Name, before, item.Input, context.Now));
        await db.SaveChangesAsync(cancel);
        return null;
    }

    public async Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel)
    {
        db.Services.Remove((Service)item.Entity);
        db.Audit.Add(AuditEntry.Of(context.Actor, "service.delete", item.Name, ServiceInput.Of((Service)item.Entity), null, context.Now));
        await db.SaveChangesAsync(cancel);
    }

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret)
    {
        var input = ServiceInput.Of((Service)item.Entity);
        // One line could be taken for a path beside the file; a line break says that this is the runbook itself.
        if (input.Runbook is { } runbook && !ServiceInput.IsUrl(runbook)) input = input with { Runbook = runbook + "\n" };
        return InputWriter.Write(input, secret);
    }

    public JsonObject Schema() => ShapeSchema.Of(typeof(ServiceInput));

    private static InputMap Written(Service service) => InputWriter.Write(ServiceInput.Of(service), (_, _) => "");

    private static List<Use> Uses(Service service) =>
        [.. service.Host is { } host ? [new Use("host", host)] : Array.Empty<Use>(), .. service.DependsOn.Select(name => new Use("service", name))];
}
