using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

/// <summary>How long results are kept: there is one of it.</summary>
internal sealed class RetentionSection(RetentionActions actions) : IFileSection
{
    public string Section => "retention";

    public string Kind => "retention";

    public bool IsSingle => true;

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<RetentionInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        return read.IsDone ? new(Kind, Section, read.Value, Written(read.Value), path, node.Place) : null;
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Retention.ToListAsync(cancel)).Select(s => new StoredItem(Kind, Section, Written(s.Input()), s.FromFile, [], s))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel)
    {
        await actions.SaveAsync(db, (RetentionInput)item.Input, context.Actor, cancel);
        return null;
    }

    public Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel) => actions.SaveAsync(db, null, context.Actor, cancel);

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret) => Written(((RetentionSettings)item.Entity).Input());

    public JsonObject Schema() => ShapeSchema.Of(typeof(RetentionInput));

    private static InputMap Written(RetentionInput input) => InputWriter.Write(input, (_, _) => "");
}
