using System.Globalization;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>One sample of an exporter's page.</summary>
public sealed record Sample(string Name, LabelSet Labels, double Value);

/// <summary>Reads the text that exporters serve (Prometheus text format 0.0.4, OpenMetrics). Lines that are not samples are passed over. Pure.</summary>
public static class Exposition
{
    /// <summary>The samples of one name; all others are not even read.</summary>
    public static IEnumerable<Sample> Find(string text, string name)
    {
        for (int begin = 0, end; begin < text.Length; begin = end + 1)
        {
            end = text.IndexOf('\n', begin) is >= 0 and var found ? found : text.Length;
            if (end - begin <= name.Length || string.CompareOrdinal(text, begin, name, 0, name.Length) != 0 || text[begin + name.Length] is not ('{' or ' ' or '\t')) continue;
            if (Parse(text[begin..end], name) is { } sample) yield return sample;
        }
    }

    private static Sample? Parse(string line, string name)
    {
        var at = name.Length;
        var labels = new List<(string, string)>();
        if (line[at] == '{')
        {
            at++;
            while (at < line.Length && line[at] != '}')
            {
                if (line[at] is ',' or ' ') { at++; continue; }
                var equals = line.IndexOf('=', at);
                if (equals < 0 || equals + 1 >= line.Length || line[equals + 1] != '"') return null;
                var label = line[at..equals].Trim().Trim('"');
                at = equals + 2;
                if (Quoted(line, ref at) is not { } value) return null;
                labels.Add((label, value));
            }
            at++;
        }
        var words = at < line.Length ? line[at..].Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries) : [];
        return words.Length > 0 && Number(words[0]) is { } number ? new(name, LabelSet.Of([.. labels]), number) : null;
    }

    private static string? Quoted(string line, ref int at)
    {
        var value = new StringBuilder();
        for (; at < line.Length; at++)
        {
            if (line[at] == '"') { at++; return value.ToString(); }
            if (line[at] != '\\' || at + 1 == line.Length) { value.Append(line[at]); continue; }
            value.Append(line[++at] switch { 'n' => '\n', var other => other });
        }
        return null;
    }

    /// <summary>A number as Prometheus writes it; null when it is none.</summary>
    public static double? Number(string text) => text switch
    {
        "+Inf" or "Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
    };
}
