using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>Who manages one thing.</summary>
/// <param name="Kind">Its word: <c>probe</c>.</param>
/// <param name="Name">Unique among its kind.</param>
/// <param name="FromFile">The configuration file does; else people do.</param>
/// <param name="Place">Where it stands in the file.</param>
/// <param name="By">Who changed it last; null: nobody that the audit log knows.</param>
/// <param name="At">When.</param>
public sealed record OwnedItem(string Kind, string Name, bool FromFile, InputPlace? Place, string? By, DateTimeOffset? At);

/// <summary>How the store differs from <c>ops.yaml</c>.</summary>
/// <param name="File">Name of the file; null: this node was started without one.</param>
/// <param name="Changes">What applying it now would do; empty when the store is as the file says.</param>
/// <param name="Errors">Why it cannot be applied; the configuration applied before stays.</param>
/// <param name="Items">Everything that is configured, and who manages it.</param>
public sealed record Drift(string? File, IReadOnlyList<PlanChange> Changes, IReadOnlyList<FieldError> Errors, IReadOnlyList<OwnedItem> Items);

/// <summary>Compares the store with the configuration file of this node, and says of everything where it comes from.</summary>
public sealed class DriftQueries(IDbContextFactory<OpsDbContext> contexts, IEnumerable<IFileSection> sections, OpsFileReader reader, ConfigurationActions actions, OpsSettings settings)
{
    public async Task<Drift> LookAsync(CancellationToken cancel)
    {
        OpsFile? file = null;
        IReadOnlyList<FieldError> errors = [];
        IReadOnlyList<PlanChange> changes = [];
        if (settings.Config is { } path)
        {
            var read = reader.ReadFile(path, Variables.FromEnvironment);
            file = read.IsDone ? read.Value : null;
            var plan = read.Refusal is { } unreadable ? unreadable : await actions.ApplyAsync(read.Value, Path.GetFileName(path), dryRun: true, cancel);
            (errors, changes) = (plan.Refusal?.Errors ?? [], plan.IsDone ? plan.Value.Changes : []);
        }
        var places = file?.Items.ToDictionary(i => (i.Kind, i.Name), i => i.Place) ?? [];
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var last = await LastChangesAsync(db, cancel);
        var items = new List<OwnedItem>();
        foreach (var section in sections)
            foreach (var item in await section.LoadAsync(db, cancel))
            {
                var (by, at) = last.GetValueOrDefault((item.Kind, item.Name));
                items.Add(new(item.Kind, item.Name, item.FromFile, item.FromFile ? places.GetValueOrDefault((item.Kind, item.Name)) : null, by, at));
            }
        return new(settings.Config is null ? null : Path.GetFileName(settings.Config), changes, errors, items);
    }

    /// <summary>Who changed one thing last, and when; null: the audit log does not know it.</summary>
    public async Task<AuditEntry?> LastChangeAsync(string kind, string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var changes = Written.Select(w => $"{kind}.{w}").ToList();
        return await db.Audit.AsNoTracking().Where(a => a.Target == name && changes.Contains(a.Action)).OrderByDescending(a => a.Id).FirstOrDefaultAsync(cancel);
    }

    /// <summary>Where a thing stands in the file of this node, as <c>ops.yaml:12</c>; null: it does not, or the file cannot be read.</summary>
    public string? PlaceOf(string kind, string name)
    {
        if (settings.Config is not { } path || !File.Exists(path)) return null;
        var written = File.GetLastWriteTimeUtc(path);
        var seen = _seen;
        if (seen?.Written != written)
        {
            var read = reader.ReadFile(path, Variables.FromEnvironment);
            _seen = seen = new(written, read.IsDone ? read.Value.Items.ToDictionary(i => (i.Kind, i.Name), i => i.Place) : []);
        }
        return seen.Places.GetValueOrDefault((kind, name)) is { } place ? string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}:{place.Line}") : null;
    }

    /// <summary>Whether the file manages a thing.</summary>
    public async Task<bool> IsFromFileAsync(string kind, string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return (await sections.Single(s => s.Kind == kind).LoadAsync(db, cancel)).Any(i => i.Name == name && i.FromFile);
    }

    // Read again when it was written: pages ask for every thing that they show.
    private Seen? _seen;

    private sealed record Seen(DateTime Written, Dictionary<(string Kind, string Name), InputPlace?> Places);

    private static readonly string[] Written = ["create", "update", "enable", "disable"];

    private static async Task<Dictionary<(string Kind, string Name), (string? By, DateTimeOffset? At)>> LastChangesAsync(OpsDbContext db, CancellationToken cancel)
    {
        var rows = await db.Database.SqlQuery<LastChange>($"""
            select distinct on (split_part(action, '.', 1), target) split_part(action, '.', 1) as kind, target as name, actor_name as by, at
            from audit_entries where split_part(action, '.', 2) = any({Written}) order by split_part(action, '.', 1), target, id desc
            """).ToListAsync(cancel);
        return rows.ToDictionary(r => (r.Kind, r.Name), r => ((string?)r.By, (DateTimeOffset?)r.At));
    }

    private sealed record LastChange(string Kind, string Name, string By, DateTimeOffset At);
}
