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

    // Only what no reader of YAML could take for anything else stands bare.
    private static void Text(Emitter emitter, string text, bool isText)
    {
        var style = IsBlock(text) ? ScalarStyle.Literal : IsBare(text) && (!isText || !CouldBeElse(text)) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));
    }

    private static bool IsBlock(string text) =>
        text.Contains('\n', StringComparison.Ordinal) && !char.IsWhiteSpace(text[0]) && text.All(c => c == '\n' || (!char.IsControl(c) && !char.IsSurrogate(c) && c is not ('\u2028' or '\u2029' or '\uFEFF')))
        && Array.TrueForAll(text.Split('\n'), line => line.Length == 0 || !char.IsWhiteSpace(line[^1]));

    private static bool IsBare(string text) => text.Length > 0 && char.IsLetterOrDigit(text[0]) && text.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ' ') && text[^1] != ' ';

    private static bool CouldBeElse(string text) => char.IsAsciiDigit(text[0]) || text.ToLowerInvariant() is "null" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n";
}
