using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

/// <summary>The public status page: there is one of it, or none.</summary>
internal sealed class StatusPageSection(StatusPageActions actions) : IFileSection
{
    public string Section => StatusPageActions.Name;

    public string Kind => "status_page";

    public bool IsSingle => true;

    public IReadOnlyList<(string Field, string Kind)> Names => [("services", "service")];

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<StatusPageInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        return read.IsDone ? new(Kind, Section, read.Value, Written(read.Value), path, node.Place) : null;
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Policies.Where(p => p.Kind == PolicyKind.StatusPage).ToListAsync(cancel)).Select(p => new StoredItem(Kind, Section, Written(StatusPageActions.Of(p)), p.FromFile, Uses(p), p))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel)
    {
        await actions.SaveAsync(db, (Policy?)existing?.Entity, (StatusPageInput)item.Input, context.Actor, cancel);
        return null;
    }

    public Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel) => actions.SaveAsync(db, (Policy)item.Entity, null, context.Actor, cancel);

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret) => Written(StatusPageActions.Of((Policy)item.Entity));

    public JsonObject Schema() => ShapeSchema.File.Of(typeof(StatusPageInput));

    // What people wrote in the page may name what the file manages: that cannot go.
    private static List<Use> Uses(Policy page) => page.FromFile ? [] : [.. StatusPageActions.Of(page).Services.Select(s => new Use("service", s))];

    private static InputMap Written(StatusPageInput input) => InputWriter.Write(input, (_, _) => "");
}
