using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

/// <summary>A section of <see cref="Policy">policies</see>: routes, inhibitions and so on are the same but for their record.</summary>
/// <param name="section">Its key in the file.</param>
/// <param name="policy">What its things are.</param>
/// <param name="nameOf">The name of one; null: it is called by its place.</param>
/// <param name="names">The fields that name other things.</param>
/// <param name="within">The field that holds more of the same; null: none.</param>
/// <param name="implied">Names that exist without being written.</param>
internal sealed partial class PolicySection<TInput>(string section, PolicyKind policy, Func<TInput, string>? nameOf, IReadOnlyList<(string Field, string Kind)> names, string? within = null, params string[] implied) : IFileSection
    where TInput : class, new()
{
    public string Section => section;

    public string? Within => within;

    public string Kind => Words.Of(policy);

    public IReadOnlyList<(string Field, string Kind)> Names => names;

    public IReadOnlyList<string> Implied => implied;

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<TInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        if (!read.IsDone) return null;
        return new(Kind, nameOf?.Invoke(read.Value) ?? PlaceOf(path).ToString(CultureInfo.InvariantCulture), read.Value, Written(read.Value), path, node.Place);
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Policies.Where(p => p.Kind == policy).OrderBy(p => p.Id).ToListAsync(cancel)).Select(p => new StoredItem(Kind, p.Name, Written(InputOf(p)), p.FromFile, Uses(p), p))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel)
    {
        var row = (Policy?)existing?.Entity ?? db.Policies.Add(new() { Kind = policy, Name = item.Name, FromFile = true }).Entity;
        object? before = existing is null ? null : InputOf(row);
        (row.Definition, row.Position) = (Json.Text((TInput)item.Input), PlaceOf(item.Path));
        db.Audit.Add(AuditEntry.Of(context.Actor, existing is null ? $"{Kind}.create" : $"{Kind}.update", item.Name, before, item.Input, context.Now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Policy.Topic, 0, cancel);
        return null;
    }

    public async Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel)
    {
        db.Policies.Remove((Policy)item.Entity);
        db.Audit.Add(AuditEntry.Of(context.Actor, $"{Kind}.delete", item.Name, InputOf((Policy)item.Entity), null, context.Now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Policy.Topic, 0, cancel);
    }

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret) => Written(InputOf((Policy)item.Entity));

    public JsonObject Schema() => ShapeSchema.File.Of(typeof(TInput));

    private static int PlaceOf(string path) => int.Parse(Place().Match(path).Groups["place"].ValueSpan, CultureInfo.InvariantCulture) + 1;

    // What people wrote in the page may name what the file manages: that cannot go.
    private static List<Use> Uses(Policy policy) => policy.FromFile ? [] : [.. PolicyShape.NamedBy(InputOf(policy)).Select(n => (n.Kind, n.Name)).Concat(PlanReferences.NamedBy(policy)).Select(n => new Use(n.Kind, n.Name)).Distinct()];

    private static TInput InputOf(Policy policy) => Json.Parse<TInput>(policy.Definition);

    private static InputMap Written(TInput input) => InputWriter.Write(input, (_, _) => "");

    [GeneratedRegex(@"\[(?<place>\d+)\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();
}
