using System.Globalization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>One change that somebody makes to what is decided about paging. Pure: the same is played through before it is made.</summary>
/// <param name="Kind">What kind of thing changes.</param>
/// <param name="Name">Which one; null: a new one.</param>
/// <param name="Input">As it is to be; null: it goes, or only moves.</param>
/// <param name="Position">Where it is to stand among those that people made, from 1; null: where it stands, a new one last.</param>
/// <param name="Version">The <see cref="Policy.Version"/> that was seen; null: whatever it is.</param>
public sealed record PolicyChange(PolicyKind Kind, string? Name, object? Input, int? Position = null, uint? Version = null)
{
    public static PolicyChange Delete(PolicyKind kind, string name, uint? version = null) => new(kind, name, null, null, version);

    public bool IsDelete => Name is not null && Input is null && Position is null;

    /// <summary>Carries it out on all that there is, rows included. Answers the row; nothing was touched when it is refused.</summary>
    /// <param name="all">Every policy of every kind: what is deleted leaves it, what is new joins it.</param>
    /// <param name="exists">Whether a channel, a person and so on of this name exists.</param>
    public Outcome<Policy> Carry(List<Policy> all, Func<string, string, bool> exists)
    {
        var shape = PolicyShape.Of(Kind);
        Policy? row = null;
        if (Name is not null)
        {
            row = all.Find(p => p.Kind == Kind && p.Name == Name);
            if (row is null) return Refusal.NotFound("policy", Name);
            if (row.FromFile) return Refusal.Conflict(Phrase.Of("refused.from_file", Name));
            if (Version is { } seen && seen != row.Version) return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
        }
        if (Input is not null && Wrong(shape, Input, all, exists) is { Count: > 0 } wrong) return Refusal.Invalid(wrong);
        if (IsDelete && UsersOf(row!, all) is { Count: > 0 } users) return Refusal.Conflict(Phrase.Of("inventory.in_use", Name, string.Join(", ", users)));

        var ours = PolicyBook.Ordered(all.Where(p => p.Kind == Kind && !p.FromFile)).ToList();
        if (IsDelete)
        {
            all.Remove(row!);
            ours.Remove(row!);
        }
        else
        {
            if (row is null)
            {
                row = new() { Kind = Kind, Name = shape.NameOf(Input!) ?? Free(all) };
                all.Add(row);
                ours.Add(row);
            }
            if (Input is not null) row.Definition = Json.Text(Input);
            if (Position is { } position)
            {
                ours.Remove(row);
                ours.Insert(Math.Clamp(position - 1, 0, ours.Count), row);
            }
        }
        foreach (var (index, policy) in ours.Index()) policy.Position = index + 1;
        return row!;
    }

    private List<FieldError> Wrong(PolicyShape shape, object input, List<Policy> all, Func<string, string, bool> exists)
    {
        var wrong = new List<FieldError>();
        if (shape.NameOf(input) is { } name)
        {
            if (Name is not null && name != Name) wrong.Add(new("name", Phrase.Of("input.renamed", Name)));
            else if (Name is null && all.Exists(p => p.Kind == Kind && p.Name == name)) wrong.Add(new("name", Phrase.Of("input.taken", name)));
        }
        foreach (var (field, kind, named) in PolicyShape.NamedBy(input))
        {
            var isThere = kind switch
            {
                "escalation" => named == Alerts.Routing.Route.DefaultEscalation || all.Exists(p => p.Kind == PolicyKind.Escalation && p.Name == named),
                "schedule" => all.Exists(p => p.Kind == PolicyKind.Schedule && p.Name == named),
                _ => exists(kind, named),
            };
            if (!isThere) wrong.Add(new(field, Phrase.Of("policy.unknown", $"{kind}:{named}")));
        }
        return wrong;
    }

    // What is called "default" is there also when nobody wrote it: then everybody is told.
    private static List<string> UsersOf(Policy gone, List<Policy> all) => gone is { Kind: PolicyKind.Escalation, Name: not Alerts.Routing.Route.DefaultEscalation }
        ? [.. PolicyBook.Ordered(all.Where(p => p.Kind == PolicyKind.Route)).Select((route, i) => (Number: i + 1, Route: PolicyShape.Of(PolicyKind.Route).InputOf(route)))
            .Where(r => PolicyShape.NamedBy(r.Route).Any(n => n.Name == gone.Name)).Select(r => string.Create(CultureInfo.InvariantCulture, $"route {r.Number}"))]
        : [];

    // Never that of a place in the file.
    private string Free(List<Policy> all) =>
        string.Create(CultureInfo.InvariantCulture, $"p{1 + all.Where(p => p.Kind == Kind && p.Name.StartsWith('p'))
            .Select(p => int.TryParse(p.Name.AsSpan(1), CultureInfo.InvariantCulture, out var number) ? number : 0).DefaultIfEmpty().Max()}");
}
