using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Notifications.Templates;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Trends;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

/// <summary>How long results are kept.</summary>
internal sealed class RetentionSection(RetentionActions actions) : SettingsSection<RetentionSettings, RetentionInput>("retention", actions);

/// <summary>When trends warn.</summary>
internal sealed class PreventionSection(PreventionActions actions) : SettingsSection<PreventionSettings, PreventionInput>("prevention", actions);

/// <summary>What is kept of logs and which are read.</summary>
internal sealed class LogsSection(LogSettingsActions actions) : SettingsSection<LogSettings, LogSettingsInput>("logs", actions);

/// <summary>How messages are worded.</summary>
internal sealed class TemplatesSection(TemplateActions actions) : SettingsSection<MessageTemplates, TemplatesInput>("templates", actions);

/// <summary>Settings of which there is one row.</summary>
internal abstract class SettingsSection<TRow, TInput>(string section, SettingsActions<TRow, TInput> actions) : IFileSection where TRow : SettingsRow<TInput>, new() where TInput : class, new()
{
    public string Section => section;

    public string Kind => section;

    public bool IsSingle => true;

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<TInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        return read.IsDone ? new(Kind, Section, read.Value, Written(read.Value), path, node.Place) : null;
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Set<TRow>().ToListAsync(cancel)).Select(s => new StoredItem(Kind, Section, Written(s.Input()), s.FromFile, [], s))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel)
    {
        await actions.SaveAsync(db, (TInput)item.Input, context.Actor, cancel);
        return null;
    }

    public Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel) => actions.SaveAsync(db, null, context.Actor, cancel);

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret) => Written(((TRow)item.Entity).Input());

    public JsonObject Schema() => ShapeSchema.File.Of(typeof(TInput));

    private static InputMap Written(TInput input) => InputWriter.Write(input, (_, _) => "");
}
