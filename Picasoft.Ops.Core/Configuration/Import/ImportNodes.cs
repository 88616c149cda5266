using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>Reading foreign files and writing ours, in nodes. Pure.</summary>
internal static class ImportNodes
{
    public static IEnumerable<string> Items(InputNode? node) => node switch { InputList list => list.Items.OfType<InputScalar>().Select(s => s.Text ?? ""), InputScalar { Text: { } text } => [text], _ => [] };

    public static IEnumerable<InputMap> Maps(InputNode? node) => node is InputList list ? list.Items.OfType<InputMap>() : [];

    public static string? Text(InputMap map, string name) => (map[name] as InputScalar)?.Text;

    public static IEnumerable<InputEntry> Section(string name, IReadOnlyList<InputNode> items) => items.Count == 0 ? [] : [new(name, new InputList(items, null), null)];

    public static InputMap Map(params (string Name, InputNode Value)[] entries) => new([.. entries.Select(e => new InputEntry(e.Name, e.Value, null))], null);

    public static InputList Texts(IEnumerable<string> texts) => new([.. texts.Select(Quoted)], null);

    public static InputScalar Plain(string text) => new(text, false, null);

    public static InputScalar Quoted(string text) => new(text, true, null);

    /// <summary>Foreign text: what looks like a variable of ours is none.</summary>
    public static InputScalar Foreign(string text) => Quoted(Variables.Escape(text));

    /// <summary>A name as ours must be: what cannot stand becomes a dash, accents go.</summary>
    public static string NameOf(string text, string otherwise)
    {
        var plain = string.Concat(text.Trim().ToLowerInvariant().Normalize(System.Text.NormalizationForm.FormD).Where(c => char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.NonSpacingMark).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? c : '-'));
        while (plain.Contains("--", StringComparison.Ordinal)) plain = plain.Replace("--", "-", StringComparison.Ordinal);
        var name = plain.Trim('-', '.', '_');
        return name.Length == 0 ? otherwise : name.Length > 90 ? name[..90].TrimEnd('-', '.', '_') : name;
    }
}
