using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

internal sealed class HostsSection : IFileSection
{
    public string Section => "hosts";

    public string Kind => "host";

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<HostInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        return read.IsDone ? new(Kind, read.Value.Name, read.Value, Written(read.Value), path, node.Place) : null;
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Hosts.OrderBy(h => h.Name).ToListAsync(cancel)).Select(h => new StoredItem(Kind, h.Name, Written(HostInput.Of(h)), h.FromFile, [], h))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel)
    {
        var host = (Host?)existing?.Entity ?? db.Hosts.Add(new()).Entity;
        object? before = existing is null ? null : HostInput.Of(host);
        ((HostInput)item.Input).WriteTo(host);
        host.FromFile = true;
        db.Audit.Add(AuditEntry.Of(context.Actor, existing is null ? "host.create" : "host.update", item.Name, before, item.Input, context.Now));
        await db.SaveChangesAsync(cancel);
        return null;
    }

    public async Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel)
    {
        db.Hosts.Remove((Host)item.Entity);
        db.Audit.Add(AuditEntry.Of(context.Actor, "host.delete", item.Name, HostInput.Of((Host)item.Entity), null, context.Now));
        await db.SaveChangesAsync(cancel);
    }

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret) => Written(HostInput.Of((Host)item.Entity));

    public JsonObject Schema() => ShapeSchema.Of(typeof(HostInput));

    private static InputMap Written(HostInput input) => InputWriter.Write(input, (_, _) => "");
}
