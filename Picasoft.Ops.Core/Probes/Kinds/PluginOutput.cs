using System.Globalization;
using System.Text;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>What a monitoring plugin said.</summary>
/// <param name="Summary">Its first line.</param>
/// <param name="Details">The lines after it.</param>
/// <param name="Measured">Its performance data; a value of <c>U</c> (unknown) is left out.</param>
public sealed record PluginOutput(string Summary, string Details, IReadOnlyList<Measurement> Measured)
{
    /// <summary>
    /// Reads the output of a plugin: <c>text|perfdata</c>, then lines of text up to one with <c>|</c>, after which all is perfdata.
    /// Source: the Monitoring Plugins Development Guidelines. What is not well formed is left out; nothing is refused. Pure.
    /// </summary>
    public static PluginOutput Parse(string output)
    {
        var lines = output.Split('\n');
        var (summary, data) = Split(lines[0]);
        var perfdata = new StringBuilder(data);
        var details = new StringBuilder();
        var inData = false;
        foreach (var line in lines.Skip(1))
        {
            if (inData) { perfdata.Append(' ').Append(line); continue; }
            var (text, more) = Split(line);
            details.Append(text.TrimEnd()).Append('\n');
            if (more is null) continue;
            inData = true;
            perfdata.Append(' ').Append(more);
        }
        return new(summary.Trim(), details.ToString().Trim(), [.. Perfdata(perfdata.ToString())]);
    }

    /// <summary>Reads <c>'label'=value[UOM];[warn];[crit];[min];[max]</c>, separated by spaces.</summary>
    public static IEnumerable<Measurement> Perfdata(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at])) { at++; continue; }
            if (Label(text, ref at) is not { } label) { SkipWord(text, ref at); continue; }
            var begin = at;
            SkipWord(text, ref at);
            if (Value(label, text[begin..at]) is { } measured) yield return measured;
        }
    }

    /// <summary>
    /// Where a range (<c>[@]start:end</c>, <c>~</c> for no end, a bare <c>10</c> for 0 to 10) begins to be bad, as one number for a chart:
    /// its end, or its start if it has no end.
    /// </summary>
    public static double? Limit(string range)
    {
        var text = range.StartsWith('@') ? range[1..] : range;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? Number(text) : Number(text[(colon + 1)..]) ?? Number(text[..colon]);
    }

    private static (string Text, string? Data) Split(string line) => line.IndexOf('|', StringComparison.Ordinal) is >= 0 and var bar ? (line[..bar], line[(bar + 1)..]) : (line, null);

    private static string? Label(string text, ref int at)
    {
        var label = new StringBuilder();
        if (text[at] == '\'')
        {
            for (at++; at < text.Length; at++)
            {
                if (text[at] != '\'') { label.Append(text[at]); continue; }
                if (at + 1 < text.Length && text[at + 1] == '\'') { label.Append('\''); at++; continue; }
                at++;
                break;
            }
        }
        else
        {
            while (at < text.Length && text[at] != '=' && !char.IsWhiteSpace(text[at])) label.Append(text[at++]);
        }
        if (at >= text.Length || text[at] != '=') return null;
        at++;
        return label.Length > 0 ? label.ToString().Trim() : null;
    }

    private static Measurement? Value(string label, string written)
    {
        var parts = written.Split(';');
        var digits = 0;
        while (digits < parts[0].Length && (char.IsAsciiDigit(parts[0][digits]) || "+-.,".Contains(parts[0][digits], StringComparison.Ordinal) || IsExponent(parts[0], digits))) digits++;
        if (Number(parts[0][..digits]) is not { } value) return null;
        var unit = parts[0][digits..];
        return new(label, value, unit.Length > 0 ? unit : null, At(1, Limit), At(2, Limit), At(3, Number), At(4, Number));

        double? At(int place, Func<string, double?> read) => place < parts.Length ? read(parts[place]) : null;
    }

    private static bool IsExponent(string text, int at) => text[at] is 'e' or 'E' && at > 0 && at + 1 < text.Length && (char.IsAsciiDigit(text[at + 1]) || (text[at + 1] is '+' or '-' && at + 2 < text.Length && char.IsAsciiDigit(text[at + 2])));

    // Some plugins write the decimal comma of their locale.
    private static double? Number(string text) =>
        double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static void SkipWord(string text, ref int at)
    {
        while (at < text.Length && !char.IsWhiteSpace(text[at])) at++;
    }
}
