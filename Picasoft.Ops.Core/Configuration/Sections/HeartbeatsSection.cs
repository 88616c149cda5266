using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

internal sealed class HeartbeatsSection(HeartbeatActions actions) : IFileSection
{
    public string Section => "heartbeats";

    public string Kind => "heartbeat";

    public IReadOnlyList<(string Field, string Kind)> Names => [("service", "service"), ("restore_test_of", "heartbeat")];

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<HeartbeatInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        return read.IsDone ? new(Kind, read.Value.Name, read.Value, Written(read.Value, (_, s) => s.Reveal()), path, node.Place) : null;
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Heartbeats.OrderBy(h => h.Name).ToListAsync(cancel)).Select(h => new StoredItem(Kind, h.Name, Open(h) is { } input ? Written(input, (_, s) => s.Reveal()) : null, h.FromFile, h.Service is { } service ? [new("service", service)] : [], h))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel) =>
        (await actions.SaveAsync(db, (HeartbeatInput)item.Input, (Heartbeat?)existing?.Entity, context.Actor, cancel)).Refusal;

    public Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel) =>
        actions.RemoveAsync(db, (Heartbeat)item.Entity, context.Actor, cancel);

    // A token that we made is made anew elsewhere; one that somebody chose is asked for.
    public InputMap Export(StoredItem item, Func<string, Secret, string> secret) =>
        Written(HeartbeatInput.Of((Heartbeat)item.Entity, ((Heartbeat)item.Entity).TokenGiven ? new(Secret.Mask) : null), secret);

    public JsonObject Schema() => ShapeSchema.File.Of(typeof(HeartbeatInput));

    private HeartbeatInput? Open(Heartbeat heartbeat)
    {
        try { return HeartbeatInput.Of(heartbeat, heartbeat.TokenGiven ? actions.TokenOf(heartbeat) : null); }
        catch (InvalidOperationException) { return null; } // sealed with another key
    }

    private static InputMap Written(HeartbeatInput input, Func<string, Secret, string> secret) => InputWriter.Write(input, secret);
}
