using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>What happens to one thing.</summary>
public enum PlanSign
{
    Create,
    Change,
    Delete,
}

/// <summary>One change that makes the store match the file.</summary>
/// <param name="Sign">What happens.</param>
/// <param name="Kind">To what kind of thing.</param>
/// <param name="Name">To which.</param>
/// <param name="Fields">Of a change: what differs, never the values.</param>
/// <param name="Item">As the file has it; null when it goes.</param>
/// <param name="Stored">As the store has it; null when it comes.</param>
public sealed record PlanChange(PlanSign Sign, string Kind, string Name, IReadOnlyList<string> Fields, FileItem? Item, StoredItem? Stored)
{
    /// <summary><c>~ service mattermost: url, host</c></summary>
    public override string ToString() =>
        $"{Sign switch { PlanSign.Create => '+', PlanSign.Change => '~', _ => '-' }} {Kind} {Name}{(Fields.Count == 0 ? "" : ": " + string.Join(", ", Fields))}";
}

/// <summary>The changes that make the store match the file, and why they cannot be made. Pure.</summary>
/// <param name="Changes">In the order in which they are made.</param>
/// <param name="Errors">When there is one, nothing may be done.</param>
public sealed record Plan(IReadOnlyList<PlanChange> Changes, IReadOnlyList<FieldError> Errors)
{
    /// <param name="kinds">The kinds, those that others name first.</param>
    /// <param name="stored">All that the store holds.</param>
    /// <param name="file">All that the file says.</param>
    /// <param name="adopted">The kinds of which the file takes over what people made.</param>
    public static Plan Of(IReadOnlyList<string> kinds, IReadOnlyList<StoredItem> stored, IReadOnlyList<FileItem> file, IReadOnlyList<string>? adopted = null)
    {
        var there = stored.ToDictionary(s => (s.Kind, s.Name));
        var wanted = file.Select(i => (i.Kind, i.Name)).ToHashSet();
        var errors = new List<FieldError>();
        var saves = new List<PlanChange>();
        foreach (var item in file)
        {
            if (!there.TryGetValue((item.Kind, item.Name), out var now)) saves.Add(new(PlanSign.Create, item.Kind, item.Name, [], item, null));
            else if (!now.FromFile && adopted?.Contains(item.Kind, StringComparer.Ordinal) == true) saves.Add(new(PlanSign.Change, item.Kind, item.Name, Differences(now.Written, item.Written), item, now));
            else if (!now.FromFile) errors.Add(new(InputReader.Join(item.Path, "name"), Phrase.Of("config.clash", item.Kind, item.Name), item.Place));
            else if (Differences(now.Written, item.Written) is { Count: > 0 } fields) saves.Add(new(PlanSign.Change, item.Kind, item.Name, fields, item, now));
        }
        var gone = stored.Where(s => s.FromFile && !wanted.Contains((s.Kind, s.Name))).ToList();
        foreach (var (item, use) in stored.Where(s => !s.FromFile).SelectMany(s => s.Uses, (item, use) => (item, use)))
            if (gone.Exists(g => g.Kind == use.Kind && g.Name == use.Name))
                errors.Add(new("", Phrase.Of("config.still_used", use.Name, $"{item.Kind}:{item.Name}")));
        // What is named comes before what names it, and goes after it.
        var order = kinds.Index().ToDictionary(k => k.Item, k => k.Index, StringComparer.Ordinal);
        return new([.. saves.OrderBy(c => order[c.Kind]), .. gone.OrderByDescending(g => order[g.Kind]).Select(g => new PlanChange(PlanSign.Delete, g.Kind, g.Name, [], null, g))], errors);
    }

    private static List<string> Differences(InputMap? was, InputMap now)
    {
        if (was is null) return ["settings"]; // could not be opened
        var found = new List<string>();
        Compare(was, now, "", found);
        return found;
    }

    private static void Compare(InputMap was, InputMap now, string path, List<string> found)
    {
        foreach (var name in was.Entries.Select(e => e.Name).Union(now.Entries.Select(e => e.Name), StringComparer.Ordinal))
        {
            var (before, after) = (was.Entries.FirstOrDefault(e => e.Name == name)?.Value, now.Entries.FirstOrDefault(e => e.Name == name)?.Value);
            if (InputWriter.Canonical(before) == InputWriter.Canonical(after)) continue;
            if (before is InputMap a && after is InputMap b) Compare(a, b, InputReader.Join(path, name), found);
            else found.Add(InputReader.Join(path, name));
        }
    }
}
