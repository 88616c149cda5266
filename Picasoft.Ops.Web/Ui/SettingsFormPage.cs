using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Ui;

/// <summary>What the parts of one form share: the errors, and where each field stands on the page.</summary>
public sealed class SettingsFormPage
{
    public IReadOnlyList<FieldError> Errors { get; set; } = [];

    /// <inheritdoc cref="SettingsDraft.Choices"/>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Choices { get; set; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>What a field takes one of; null: anything. <c>*.host</c> stands for that field wherever it is.</summary>
    public IReadOnlyList<string>? ChoicesAt(string path) =>
        Choices.GetValueOrDefault(path) ?? Choices.GetValueOrDefault("*." + path[(path.LastIndexOf('.') + 1)..]);

    public bool ReadOnly { get; set; }

    public Dictionary<string, ElementReference> Elements { get; } = new(StringComparer.Ordinal);

    private readonly HashSet<string> _opened = new(StringComparer.Ordinal);

    /// <summary>Whether a folded group is shown: once something was typed into it, or is wrong in it, it stays so.</summary>
    public bool IsOpen(string path, DraftRecord group) =>
        _opened.Contains(path) || ((!group.IsBlank || Errors.Any(e => e.Field == path || e.Field.StartsWith(path + ".", StringComparison.Ordinal))) && _opened.Add(path));

    public static string IdOf(string path) => "field-" + path.Replace('.', '-').Replace('[', '-').Replace("]", "", StringComparison.Ordinal);

    /// <summary>The errors of exactly this field, and for a field without parts of its own also those of its items (<c>status[1]</c>).</summary>
    public IEnumerable<FieldError> At(string path, bool withItems) =>
        Errors.Where(e => e.Field == path || (withItems && e.Field.StartsWith(path + "[", StringComparison.Ordinal)));

    /// <summary>What a field is called; its key in the contract when no text says it.</summary>
    public static string Name(IStringLocalizer texts, string key, string name) => texts[key] is { ResourceNotFound: false } known ? known.Value : name;

    /// <summary>What one item of a list is called: a step, where the list is the steps.</summary>
    public static string One(IStringLocalizer texts, string key, string name) => Name(texts, key + ".one", Name(texts, key, name));

    /// <summary>Where a record asks which of its ways it is: none of its fields.</summary>
    public static string WayOf(string path) => InputReader.Join(path, "way");

    /// <summary>Errors as the form tells them: in its own order, and where no way was chosen that it is to be chosen, not the names that a file would have.</summary>
    public static IReadOnlyList<FieldError> Shown(DraftRecord root, IReadOnlyList<FieldError> errors)
    {
        var order = Paths(root, "").ToList();
        return [.. errors.Select(e => e.Message.Key == "input.one_of" && (e.Field.Length == 0 ? root : Way(root, e.Field) is [.., { Node: DraftRecord at }] ? at : null) is { Ways.Count: > 0, Chosen.Length: 0 }
                ? e with { Field = WayOf(e.Field), Message = Phrase.Of("input.required") } : e)
            .OrderBy(e => Way(root, e.Field) is [.., var last] ? order.IndexOf(last.Path) : -1)];
    }

    private static IEnumerable<string> Paths(DraftRecord record, string path)
    {
        foreach (var field in record.Fields)
        {
            if (record.Ways is [var first, ..] && field.Name == first) yield return WayOf(path);
            var at = InputReader.Join(path, field.Name);
            yield return at;
            var parts = field.Node switch
            {
                DraftRecord inner => Paths(inner, at),
                DraftList list => list.Items.Index().SelectMany(i => (string[])[$"{at}[{i.Index}]", .. i.Item is DraftRecord part ? Paths(part, $"{at}[{i.Index}]") : []]),
                _ => [],
            };
            foreach (var part in parts) yield return part;
        }
    }

    /// <summary>The way to the deepest field shown that an error path leads to, so that the summary can say and link where it is: the items of lists that it goes through, and the field. Empty: none is shown.</summary>
    public static IReadOnlyList<SettingsPlace> Way(DraftRecord record, string error, string path = "")
    {
        if (record.Ways.Count > 0 && error == WayOf(path)) return [new(error, record.Name + ".way", record, null)];
        foreach (var field in record.Fields)
        {
            var at = InputReader.Join(path, field.Name);
            if (error != at && !error.StartsWith(at + ".", StringComparison.Ordinal) && !error.StartsWith(at + "[", StringComparison.Ordinal)) continue;
            if (field.Node is DraftRecord inner && Way(inner, error, at) is { Count: > 0 } deeper) return deeper;
            if (field.Node is DraftList list && ItemOf(error[at.Length..]) is { } index && list.Items.ElementAtOrDefault(index) is { } item)
                return [new($"{at}[{index}]", field.Key, item, index), .. item is DraftRecord part ? Way(part, error, $"{at}[{index}]") : []];
            return [new(at, field.Key, field.Node, null)];
        }
        return [];
    }

    private static int? ItemOf(string rest) =>
        rest.StartsWith('[') && int.TryParse(rest[1..Math.Max(1, rest.IndexOf(']'))], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
}

/// <summary>One part of the way to a field.</summary>
/// <param name="Path">Where it stands, in the contract's words: <c>steps[1].title</c>.</param>
/// <param name="Key">Of its label.</param>
/// <param name="Item">Which of a list, from 0; null: a field.</param>
public sealed record SettingsPlace(string Path, string Key, DraftNode Node, int? Item);
