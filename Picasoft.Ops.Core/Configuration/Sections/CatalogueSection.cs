using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

/// <summary>A section of the catalogue: its things have a name, a row and a record as people write it.</summary>
internal abstract class CatalogueSection<TItem, TInput>(string section, string kind) : IFileSection
    where TItem : class, ICatalogued, new() where TInput : class, ICatalogueInput<TItem, TInput>, new()
{
    public string Section => section;

    public string Kind => kind;

    public virtual IReadOnlyList<(string Field, string Kind)> Names => [];

    public virtual IEnumerable<FieldError> Check(IReadOnlyList<InputNode> written) => [];

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<TInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        if (!read.IsDone) return null;
        var stored = new TItem(); // compared as it will be stored
        read.Value.WriteTo(stored);
        return new(Kind, read.Value.Name, read.Value, Written(stored), path, node.Place);
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Set<TItem>().OrderBy(i => i.Name).ToListAsync(cancel)).Select(i => new StoredItem(Kind, i.Name, Written(i), i.FromFile, Uses(i), i))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel)
    {
        var row = (TItem?)existing?.Entity ?? db.Add(new TItem()).Entity;
        object? before = existing is null ? null : TInput.Of(row);
        ((TInput)item.Input).WriteTo(row);
        row.FromFile = context.Actor.Kind == ActorKind.File; // an import is somebody's
        db.Audit.Add(AuditEntry.Of(context.Actor, existing is null ? $"{Kind}.create" : $"{Kind}.update", item.Name, before, item.Input, context.Now));
        await db.SaveChangesAsync(cancel);
        return null;
    }

    public async Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel)
    {
        db.Remove((TItem)item.Entity);
        db.Audit.Add(AuditEntry.Of(context.Actor, $"{Kind}.delete", item.Name, TInput.Of((TItem)item.Entity), null, context.Now));
        await db.SaveChangesAsync(cancel);
    }

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret) => InputWriter.Write(Exported(TInput.Of((TItem)item.Entity)), secret);

    public JsonObject Schema() => ShapeSchema.File.Of(typeof(TInput));

    /// <summary>The other things it names.</summary>
    protected virtual IReadOnlyList<Use> Uses(TItem item) => [];

    /// <summary>As it is written into a file.</summary>
    protected virtual TInput Exported(TInput input) => input;

    private static InputMap Written(TItem item) => InputWriter.Write(TInput.Of(item), (_, _) => "");
}
