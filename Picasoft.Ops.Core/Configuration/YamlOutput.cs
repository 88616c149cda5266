using System.Globalization;
using Picasoft.Ops.Core.Primitives;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>Writes nodes as YAML that <see cref="YamlInput"/> reads back as the same.</summary>
public static class YamlOutput
{
    public static string Write(InputMap root)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: true, indentSequences: true, newLine: "\n", useUtf16SurrogatePairs: false));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Node(emitter, root);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Node(Emitter emitter, InputNode node)
    {
        switch (node)
        {
            case InputMap map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Entries.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var entry in map.Entries)
                {
                    Text(emitter, entry.Name, isText: false);
                    Node(emitter, entry.Value);
                }
                emitter.Emit(new MappingEnd());
                break;
            case InputList list:
                var isShort = list.Items.All(i => i is InputScalar { Text: null or { Length: < 40 } });
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, isShort ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list.Items) Node(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case InputScalar { Text: null }:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, "null", ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
            case InputScalar scalar:
                Text(emitter, scalar.Text, scalar.IsQuoted);
                break;
        }
    }

    // A word may stand bare; what a reader of YAML could take for a number, a truth or nothing is quoted.
    private static void Text(Emitter emitter, string text, bool isText)
    {
        var style = text.Contains('\n', StringComparison.Ordinal) && !text.Contains('\r', StringComparison.Ordinal) && !text.StartsWith(' ') && !text.StartsWith('\n') && text.Split('\n').All(l => l.Length == 0 || !char.IsWhiteSpace(l[^1])) && text.All(IsPlainCharacter) ? ScalarStyle.Literal
            : text.Length > 0 && text.All(IsPlainCharacter) && !text.Contains('\n', StringComparison.Ordinal) && (!isText || !CouldBeElse(text)) ? ScalarStyle.Any
            : ScalarStyle.DoubleQuoted;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));
    }

    private static bool IsPlainCharacter(char c) => c == '\n' || (!char.IsControl(c) && !char.IsSurrogate(c) && c is not ('\u2028' or '\u2029' or '\uFEFF' or '\u0085'));

    private static bool CouldBeElse(string text) =>
        text.ToLowerInvariant() is "null" or "~" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n"
        || char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.' || text.Contains('$', StringComparison.Ordinal);
}
