using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>The variables that stand for secrets in an export, such as <c>${CHANNEL_TECH_MAIL_SMTP_PASSWORD}</c>.</summary>
internal sealed class ExportVariables
{
    private const char Mark = '\uE000'; // private use: no value of a user begins with it by accident, and the escaping below must spare ours
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>What to set before the export can be applied.</summary>
    public string Comment => _names.Count == 0 ? "" : "# Secrets are not exported. Set these variables (or each one's _FILE) before you apply this:\n" + string.Concat(_names.Select(n => $"#   {n}\n"));

    /// <summary>The placeholder of a secret; <see cref="Finish"/> makes it the variable.</summary>
    public string For(string kind, string name, string path)
    {
        var plain = string.Concat($"{kind}_{name}_{path}".ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')).TrimEnd('_');
        var unique = plain;
        for (var n = 2; !_names.Add(unique); n++) unique = $"{plain}_{n}";
        return Mark + unique;
    }

    /// <summary>Puts the variables in, and protects what only looks like one.</summary>
    public InputNode Finish(InputNode node) => node switch
    {
        InputMap map => map with { Entries = [.. map.Entries.Select(e => e with { Value = Finish(e.Value) })] },
        InputList list => list with { Items = [.. list.Items.Select(Finish)] },
        InputScalar { Text: [Mark, .. var name] } scalar => scalar with { Text = $"${{{name}}}" },
        InputScalar { Text: { } text } scalar => scalar with { Text = Variables.Escape(text) },
        _ => node,
    };
}
