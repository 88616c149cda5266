using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

internal sealed class ProbesSection(ProbeKinds kinds, ProbeActions actions) : IFileSection
{
    public string Section => "probes";

    public string Kind => "probe";

    public IReadOnlyList<(string Field, string Kind)> Names => [("service", "service")];

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = kinds.ReadInput(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        if (!read.IsDone) return null;
        var input = read.Value;
        var settings = kinds.Read(input, path);
        var stored = new ProbeDefinition();
        kinds.Fill(stored, input);
        return new(Kind, input.Name, input, Written(stored, settings.Value, (_, s) => s.Reveal()), path, node.Place);
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Probes.OrderBy(p => p.Name).ToListAsync(cancel)).Select(p => new StoredItem(Kind, p.Name, Open(p) is { } settings ? Written(p, settings, (_, s) => s.Reveal()) : null, p.FromFile, Uses(p), p))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel) =>
        (await actions.SaveAsync(db, (ProbeInput)item.Input, (ProbeDefinition?)existing?.Entity, context.Actor, cancel)).Refusal;

    public Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel) =>
        actions.RemoveAsync(db, (ProbeDefinition)item.Entity, context.Actor, cancel);

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret)
    {
        var probe = (ProbeDefinition)item.Entity;
        return Written(probe, Open(probe), secret);
    }

    public JsonObject Schema() => ShapeSchema.File.Of(typeof(ProbeInput), "type", kinds.All.Select(k => (k.Kind, k.SettingsType)), isNested: true);

    private object? Open(ProbeDefinition probe)
    {
        try { return kinds.Open(probe); }
        catch (InvalidOperationException) { return null; } // sealed with another key
    }

    private static InputMap Written(ProbeDefinition probe, object? settings, Func<string, Secret, string> secret)
    {
        var common = InputWriter.Write(ProbeKinds.CommonOf(probe), secret);
        return settings is null ? common : new([.. common.Entries, new(probe.Type, InputWriter.Write(settings, secret, probe.Type), null)], null);
    }

    private static List<Use> Uses(ProbeDefinition probe) => probe.Service is { } service ? [new("service", service)] : [];
}
