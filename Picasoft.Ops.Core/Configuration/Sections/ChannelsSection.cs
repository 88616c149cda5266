using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

internal sealed class ChannelsSection(ChannelKinds kinds, ChannelActions actions) : IFileSection
{
    public string Section => "channels";

    public string Kind => "channel";

    public IReadOnlyList<(string Field, string Kind)> Names => [("fallback", "channel"), ("depends_on", "service")];

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<ChannelInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        if (!read.IsDone) return null;
        var input = read.Value;
        var settings = kinds.Read(input, null);
        errors.AddRange((settings.Refusal?.Errors ?? []).Select(e => e with { Field = InputReader.Join(path, e.Field), Place = e.Place ?? node.Place }));
        return settings.IsDone ? new(Kind, input.Name, input, Written(input, settings.Value, (_, s) => s.Reveal()), path, node.Place) : null;
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Channels.OrderBy(c => c.Name).ToListAsync(cancel)).Select(c => new StoredItem(Kind, c.Name, kinds.SettingsOf(c) is { } settings ? Written(InputOf(c), settings, (_, s) => s.Reveal()) : null, c.FromFile, Uses(c), c))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel) =>
        (await actions.SaveAsync(db, (ChannelInput)item.Input, (Channel?)existing?.Entity, context.Actor, cancel)).Refusal;

    public Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel) => actions.RemoveAsync(db, (Channel)item.Entity, context.Actor, cancel);

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret) => Written(InputOf((Channel)item.Entity), kinds.SettingsOf((Channel)item.Entity), secret);

    public JsonObject Schema() => ShapeSchema.File.Of(typeof(ChannelInput), "type", kinds.All.Select(k => (k.Kind, k.SettingsType)), isNested: false);

    // What people wrote in the page may name what the file manages: that cannot go.
    private static List<Use> Uses(Channel channel) => channel.FromFile ? [] : [.. channel.DependsOn.Select(s => new Use("service", s)), .. channel.Fallback is { } fallback ? [new Use("channel", fallback)] : Array.Empty<Use>()];

    private static ChannelInput InputOf(Channel channel) => ChannelInput.Of(channel);

    private static InputMap Written(ChannelInput input, object? settings, Func<string, Secret, string> secret)
    {
        var common = InputWriter.Write(input, secret);
        return settings is null ? common : new([.. common.Entries, .. InputWriter.Write(settings, secret).Entries], null);
    }
}
