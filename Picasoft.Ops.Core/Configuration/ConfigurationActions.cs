using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>Makes the store match a file, and writes the store out as one.</summary>
public sealed class ConfigurationActions(IDbContextFactory<OpsDbContext> contexts, IEnumerable<IFileSection> sections, TimeProvider time)
{
    private readonly IReadOnlyList<IFileSection> _sections = [.. sections];

    /// <summary>
    /// All or nothing, in one transaction; what people made in the page is left alone. Answers the plan, which was carried out unless <paramref name="dryRun"/>.
    /// </summary>
    public async Task<Outcome<Plan>> ApplyAsync(OpsFile file, string fileName, bool dryRun, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await InventoryActions.LockAsync(db, cancel);
        var stored = await LoadAsync(db, cancel);
        var plan = Plan.Of([.. _sections.Select(s => s.Kind)], stored, file.Items, [.. _sections.Where(s => s.Adopts).Select(s => s.Kind)]);
        if (plan.Errors.Concat(Strangers(file, stored)).ToList() is { Count: > 0 } wrong) return Refusal.Invalid(wrong);
        if (dryRun || plan.Changes.Count == 0) return plan;
        var context = new ApplyContext(new(ActorKind.File, 0, fileName), time.GetUtcNow());
        var errors = new List<FieldError>();
        try
        {
            foreach (var change in plan.Changes)
            {
                var section = _sections.Single(s => s.Kind == change.Kind);
                if (change.Item is null) await section.RemoveAsync(db, change.Stored!, context, cancel);
                else if (await section.SaveAsync(db, change.Item, change.Stored, context, cancel) is { } refusal)
                    errors.AddRange(refusal.Errors.Select(e => e with { Field = InputReader.Join(change.Item.Path, e.Field), Place = change.Item.Place }));
            }
            if (errors.Count > 0) return Refusal.Invalid(errors);
            db.Audit.Add(AuditEntry.Of(context.Actor, "configuration.apply", fileName, null, new { changes = plan.Changes.Select(c => c.ToString()) }, context.Now));
            await db.SaveChangesAsync(cancel);
            await ChangeSignal.PublishAsync(db, InventoryActions.Topic, 0, cancel);
            await transaction.CommitAsync(cancel);
            return plan;
        }
        catch (Exception e) when (e is DbUpdateConcurrencyException or DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } })
        {
            return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
        }
    }

    /// <summary>Whether a file was ever applied: something in the store is managed by one.</summary>
    public async Task<bool> HasFileItemsAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return (await LoadAsync(db, cancel)).Any(i => i.FromFile);
    }

    /// <summary>The store as <c>ops.yaml</c>: also what people made in the page. In the place of each secret stands a variable.</summary>
    public async Task<string> ExportAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var stored = await LoadAsync(db, cancel);
        var variables = new ExportVariables();
        var entries = new List<InputEntry> { new("version", new InputScalar("1", false, null), null) };
        foreach (var section in _sections)
        {
            var items = stored.Where(i => i.Kind == section.Kind).OrderBy(i => i.Name, StringComparer.Ordinal);
            var written = items.Select(i => variables.Finish(section.Export(i, (path, _) => variables.For(section.Kind, i.Name, path)))).ToList();
            if (!section.IsSingle) entries.Add(new(section.Section, new InputList([.. written], null), null));
            else if (written.Count > 0) entries.Add(new(section.Section, written[0], null));
        }
        return variables.Comment + YamlOutput.Write(new(entries, null));
    }

    // People whom escalations tell, and who are neither in the file nor have an account.
    private static IEnumerable<FieldError> Strangers(OpsFile file, IReadOnlyList<StoredItem> stored)
    {
        var people = file.Items.Select(i => (i.Kind, i.Name)).Concat(stored.Select(s => (s.Kind, s.Name))).Where(i => i.Kind == NotifyTarget.Person).Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        return file.Items.Where(i => i.Input is EscalationInput).SelectMany(i => PolicyShape.NamedBy(i.Input).Where(n => n.Kind == NotifyTarget.Person && !people.Contains(n.Name))
            .Select(n => new FieldError(InputReader.Join(i.Path, n.Field), Phrase.Of("config.no_person", n.Name), i.Place)));
    }

    private async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel)
    {
        var items = new List<StoredItem>();
        foreach (var section in _sections) items.AddRange(await section.LoadAsync(db, cancel));
        return items;
    }
}
