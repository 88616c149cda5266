using System.Globalization;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Escalations;

public static partial class Simulator
{
    /// <summary>Reads labels as people write them: <c>name=value</c>, one on a line or several with commas; quotes and braces may stand.</summary>
    public static Outcome<LabelSet> ReadLabels(string text)
    {
        var errors = new List<FieldError>();
        var labels = new List<KeyValuePair<string, string>>();
        var parts = LabelPart().Matches(text.Trim().TrimStart('{').TrimEnd('}')).Select(m => m.Value.Trim()).Where(p => p.Length > 0);
        foreach (var (index, part) in parts.Index())
        {
            var read = MatcherParser.Parse(part, string.Create(CultureInfo.InvariantCulture, $"labels[{index}]"));
            if (read.Refusal is { } refusal) errors.AddRange(refusal.Errors);
            else if (read.Value.Kind != MatchKind.Equal) errors.Add(new("labels", Phrase.Of("simulate.not_a_label", part)));
            else labels.Add(new(read.Value.Name, read.Value.Value));
        }
        if (errors.Count == 0 && labels.Count == 0) errors.Add(new("labels", Phrase.Of("input.required")));
        return errors.Count > 0 ? Refusal.Invalid(errors) : LabelSet.Of(labels);
    }

    /// <summary>Labels as <see cref="ReadLabels"/> reads them, one on a line.</summary>
    public static string WriteLabels(LabelSet labels) => string.Join('\n', labels.Select(l => $"{l.Key}={(IsPlain().IsMatch(l.Value) ? l.Value : Quoted(l.Value))}"));

    private static string Quoted(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>What stands between commas and ends of lines; within quotes these are part of the value.</summary>
    [GeneratedRegex(@"(?>""(?:\\.|[^""\\])*""|[^,\n])+", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex LabelPart();

    [GeneratedRegex(@"^[\w.:/@%+-]([\w.:/@%+ -]*[\w.:/@%+-])?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsPlain();
}
