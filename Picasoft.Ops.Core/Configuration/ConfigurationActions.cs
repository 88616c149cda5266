using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Npgsql;
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
        // (Who is adopted stays when the file lets go.)
        var gone = plan.Changes.Where(c => c.Sign == PlanSign.Delete && !_sections.Single(s => s.Kind == c.Kind).Adopts).Select(c => (c.Kind, c.Name));
        var there = stored.Select(s => (s.Kind, s.Name)).Except(gone).ToHashSet();
        var unknown = file.NamedElsewhere().Where(n => !there.Contains((n.Kind, n.Name))).Select(n => new FieldError(n.Field, Phrase.Of("config.nowhere", $"{n.Kind}:{n.Name}"), n.Item.Place));
        if (plan.Errors.Concat(unknown).Concat(PlanCheck.Errors(file, stored)).ToList() is { Count: > 0 } wrong) return Refusal.Invalid(wrong);
        if (dryRun || plan.Changes.Count == 0) return plan;
        var context = new ApplyContext(new(ActorKind.File, 0, fileName), time.GetUtcNow());
        var errors = new List<FieldError>();
        var fresh = new List<EntityEntry>();
        db.ChangeTracker.Tracked += (_, e) => fresh.Add(e.Entry);
        try
        {
            foreach (var change in plan.Changes)
            {
                var section = _sections.Single(s => s.Kind == change.Kind);
                if (change.Item is null) await section.RemoveAsync(db, change.Stored!, context, cancel);
                else if (await section.SaveAsync(db, change.Item, change.Stored, context, cancel) is { } refusal)
                {
                    errors.AddRange(refusal.Errors.Select(e => e with { Field = InputReader.Join(change.Item.Path, e.Field), Place = change.Item.Place }));
                    continue;
                }
                // What a change made is let go: else every save looks at all that those before it made: ten thousand probes took many minutes.
                await db.SaveChangesAsync(cancel);
                foreach (var entry in fresh) entry.State = EntityState.Detached;
                fresh.Clear();
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

    private async Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel)
    {
        var items = new List<StoredItem>();
        foreach (var section in _sections) items.AddRange(await section.LoadAsync(db, cancel));
        return items;
    }
}
