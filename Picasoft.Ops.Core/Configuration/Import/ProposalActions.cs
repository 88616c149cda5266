using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>Compares what an import proposes with the store, and takes over what somebody chose of it. What is there is never replaced.</summary>
public sealed class ProposalActions(IDbContextFactory<OpsDbContext> contexts, IEnumerable<IFileSection> sections, OpsFileReader reader, TimeProvider time)
{
    /// <summary>Of these a proposal may add to what is there; of all others (a probe, a heartbeat) one of that name is enough.</summary>
    private static readonly string[] _grow = ["host", "service"];

    private readonly IReadOnlyList<IFileSection> _sections = [.. sections];

    /// <summary>The proposal as a diff, in the order in which it would be made.</summary>
    public async Task<Outcome<IReadOnlyList<ProposedItem>>> CompareAsync(Imported imported, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var found = await ComparedAsync(db, imported, cancel);
        return found.Refusal is { } refusal ? refusal : found.Value.ConvertAll(c => c.Shown);
    }

    /// <summary>Makes what was chosen, and what that names, in one transaction; how many things changed.</summary>
    /// <param name="chosen">Keys such as <c>service:mattermost</c>; null: all that can be.</param>
    public async Task<Outcome<int>> AcceptAsync(Imported imported, IReadOnlyCollection<string>? chosen, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await InventoryActions.LockAsync(db, cancel);
        var compared = await ComparedAsync(db, imported, cancel);
        if (compared.Refusal is { } refusal) return refusal;
        var unknown = chosen?.Where(c => !compared.Value.Exists(i => i.Shown.Key == c)).ToList() ?? [];
        if (unknown.Count > 0) return Refusal.Invalid("only", Phrase.Of("import.not_proposed", string.Join(", ", unknown)));
        var context = new ApplyContext(actor, time.GetUtcNow());
        var errors = new List<FieldError>();
        var done = new List<string>();
        try
        {
            foreach (var item in WithNamed(compared.Value, chosen).Where(i => i.Shown.CanAccept))
            {
                var file = item.Stored is null ? item.File : item.Section.Read(Proposal.Merged(item.Section.Export(item.Stored, (_, s) => s.Reveal()), item.Missing), item.File.Path, errors);
                if (file is not null && (await item.Section.SaveAsync(db, file, item.Stored, context, cancel)) is { } wrong) errors.AddRange(wrong.Errors.Select(e => e with { Field = $"{item.Shown.Key} {e.Field}" }));
                done.Add(item.Shown.Key);
            }
            if (errors.Count > 0) return Refusal.Invalid(errors);
            if (await CycleAsync(db, cancel) is { } cycle) return Refusal.Conflict(Phrase.Of("inventory.cycle", cycle));
            if (done.Count == 0) return 0;
            db.Audit.Add(AuditEntry.Of(actor, "import.accept", imported.Secrets.Count == 0 ? "import" : "import with secrets", null, new { changes = done }, context.Now));
            await db.SaveChangesAsync(cancel);
            await ChangeSignal.PublishAsync(db, InventoryActions.Topic, 0, cancel);
            await transaction.CommitAsync(cancel);
            return done.Count;
        }
        catch (DbUpdateException)
        {
            return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
        }
    }

    private sealed record Compared(IFileSection Section, FileItem File, InputMap Written, StoredItem? Stored, InputMap Missing, ProposedItem Shown);

    private async Task<Outcome<List<Compared>>> ComparedAsync(OpsDbContext db, Imported imported, CancellationToken cancel)
    {
        var file = reader.Read(imported.Yaml, imported.Secrets.GetValueOrDefault, path => Refusal.Invalid("", Phrase.Of("config.runbook_outside", path)));
        if (file.Refusal is { } refusal) return refusal;
        // As it is written, with variables: nothing of it is a secret.
        var text = (InputMap)YamlInput.Read(imported.Yaml, name => $"${{{name}}}").Root!;
        var found = new List<Compared>();
        foreach (var section in _sections.Where(s => file.Value.Items.Any(i => i.Kind == s.Kind)))
        {
            var stored = (await section.LoadAsync(db, cancel)).ToDictionary(s => s.Name, StringComparer.Ordinal);
            var written = ImportNodes.Maps(text[section.Section]).ToDictionary(m => ImportNodes.Text(m, "name")!, StringComparer.Ordinal);
            foreach (var item in file.Value.Items.Where(i => i.Kind == section.Kind))
            {
                var there = stored.GetValueOrDefault(item.Name);
                var missing = there is null ? written[item.Name] : !_grow.Contains(section.Kind, StringComparer.Ordinal) || there.Written is null ? new([], null) : Proposal.Missing(there.Written, item.Written);
                var state = there is null ? ProposedState.New : missing.Entries.Count == 0 ? ProposedState.There : there.FromFile ? ProposedState.InFile : ProposedState.Adds;
                found.Add(new(section, item, written[item.Name], there, missing, new(section.Kind, item.Name, state, missing.Entries.Count == 0 ? "" : YamlOutput.Write(missing))));
            }
        }
        return found;
    }

    /// <summary>What was chosen, and what it names and is not there yet.</summary>
    private static List<Compared> WithNamed(List<Compared> all, IReadOnlyCollection<string>? chosen)
    {
        if (chosen is null) return all;
        var wanted = chosen.ToHashSet(StringComparer.Ordinal);
        var next = new Queue<string>(wanted);
        while (next.TryDequeue(out var key))
            foreach (var item in all.Where(i => i.Shown.Key == key))
                foreach (var (field, kind) in item.Section.Names)
                    foreach (var named in OpsFileReader.TextsOf(item.Missing, field).Select(name => $"{kind}:{name}"))
                        if (all.Exists(i => i.Shown.Key == named && i.Shown.State == ProposedState.New) && wanted.Add(named)) next.Enqueue(named);
        return all.FindAll(i => wanted.Contains(i.Shown.Key));
    }

    private static async Task<string?> CycleAsync(OpsDbContext db, CancellationToken cancel) =>
        DependencyGraph.Cycle(await db.Services.ToDictionaryAsync(s => s.Name, s => (IReadOnlyList<string>)s.DependsOn, StringComparer.Ordinal, cancel)) is { } cycle ? string.Join(" → ", cycle) : null;
}
