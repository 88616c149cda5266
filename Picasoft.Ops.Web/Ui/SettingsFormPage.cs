using Microsoft.AspNetCore.Components;
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

    /// <summary>The deepest field shown that an error path leads to, so that the summary can link there.</summary>
    public (string Path, string Key)? Nearest(DraftRecord record, string error, string path = "")
    {
        foreach (var field in record.Fields)
        {
            var at = InputReader.Join(path, field.Name);
            if (error != at && !error.StartsWith(at + ".", StringComparison.Ordinal) && !error.StartsWith(at + "[", StringComparison.Ordinal)) continue;
            return (field.Node is DraftRecord inner ? Nearest(inner, error, at) : null) ?? (at, field.Key);
        }
        return null;
    }
}
