using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

/// <summary>People. Who is there already is taken over when the file names them, with password and history.</summary>
internal sealed class PeopleSection(IServiceScopeFactory scopes) : IFileSection
{
    public string Section => "people";

    public string Kind => "person";

    public bool Adopts => true;

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<FilePersonInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        return read.IsDone ? new(Kind, read.Value.Name, read.Value, Written(read.Value), path, node.Place) : null;
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.People.Where(p => p.IsActive || p.FromFile).OrderBy(p => p.Name).ToListAsync(cancel)).DistinctBy(p => p.Name, StringComparer.Ordinal).Select(p => new StoredItem(Kind, p.Name, Written(FilePersonInput.Of(p)), p.FromFile, [], p))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel)
    {
        using var scope = scopes.CreateScope();
        return await scope.ServiceProvider.GetRequiredService<PersonActions>().ApplyFileAsync(db, (FilePersonInput)item.Input, (Person?)existing?.Entity, context.Actor, cancel);
    }

    public async Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel)
    {
        using var scope = scopes.CreateScope();
        await scope.ServiceProvider.GetRequiredService<PersonActions>().ReleaseFromFileAsync(db, (Person)item.Entity, context.Actor, cancel);
    }

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret) => Written(FilePersonInput.Of((Person)item.Entity));

    public JsonObject Schema() => ShapeSchema.File.Of(typeof(FilePersonInput));

    private static InputMap Written(FilePersonInput input) => InputWriter.Write(input, (_, _) => "");
}
