using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Sections;

internal sealed class LogRulesSection(LogRuleActions actions) : IFileSection
{
    public string Section => "log_rules";

    public string Kind => "log_rule";

    public IReadOnlyList<(string Field, string Kind)> Names => [("service", "service")];

    public FileItem? Read(InputNode node, string path, List<FieldError> errors)
    {
        var read = InputReader.Read<LogRuleInput>(node, path);
        errors.AddRange(read.Refusal?.Errors ?? []);
        return read.IsDone ? new(Kind, read.Value.Name, read.Value, Written(read.Value), path, node.Place) : null;
    }

    public async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.LogRules.OrderBy(r => r.Name).ToListAsync(cancel)).Select(r => new StoredItem(Kind, r.Name, Written(r.Input()), r.FromFile, r.Service is { } service ? [new Use("service", service)] : [], r))];

    public async Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel) =>
        (await actions.SaveAsync(db, (LogRuleInput)item.Input, (LogRule?)existing?.Entity, context.Actor, cancel)).Refusal;

    public Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel) =>
        actions.RemoveAsync(db, (LogRule)item.Entity, context.Actor, cancel);

    public InputMap Export(StoredItem item, Func<string, Secret, string> secret)
    {
        var input = ((LogRule)item.Entity).Input();
        // One line could be taken for a path beside the file; a line break says that this is the runbook itself.
        if (input.Runbook is { } runbook && !Inventory.ServiceInput.IsUrl(runbook)) input = input with { Runbook = runbook + "\n" };
        return InputWriter.Write(input, secret);
    }

    public JsonObject Schema() => ShapeSchema.File.Of(typeof(LogRuleInput));

    private static InputMap Written(LogRuleInput input) => InputWriter.Write(input.Trimmed(), (_, _) => "");
}
