using System.Text;

namespace Picasoft.Ops.Tests.Core.Logs;

/// <summary>Lines whose true kind is known, laid out as loghub does: <c>X_2k.log</c> with <c>X_2k.log_structured.csv</c> (Zhu et al., "Loghub", ISSRE 2023).</summary>
/// <param name="Raw">As written by the program, header and all; empty where the file does not go with the table.</param>
/// <param name="Content">The table's column of that name: the line without its header, as the published evaluations feed it.</param>
internal sealed record LabelledLines(string Name, IReadOnlyList<string> Raw, IReadOnlyList<string> Content, IReadOnlyList<string> Kinds)
{
    /// <summary>Every subfolder that holds such files.</summary>
    public static IEnumerable<LabelledLines> In(string folder)
    {
        foreach (var set in Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            var table = Directory.GetFiles(set, "*_structured.csv").Order(StringComparer.Ordinal).FirstOrDefault();
            if (table is null) continue;
            var rows = ReadCsv(File.ReadAllText(table));
            var (content, kind) = (Array.IndexOf(rows[0], "Content"), Array.IndexOf(rows[0], "EventId"));
            if (content < 0 || kind < 0) continue;
            rows = [.. rows.Skip(1).Where(r => r.Length > Math.Max(content, kind))];
            var log = table.Replace("_structured.csv", "", StringComparison.Ordinal);
            // Only \n ends a line: some hold other characters that .NET takes for line ends.
            var raw = File.Exists(log) ? File.ReadAllText(log).Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0).ToList() : [];
            yield return new(Path.GetFileName(set), raw.Count == rows.Count ? raw : [], [.. rows.Select(r => r[content])], [.. rows.Select(r => r[kind])]);
        }
    }

    /// <summary>Share of lines whose group is exactly the true one (Zhu et al., "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP 2019).</summary>
    public static double GroupingAccuracy<T>(IReadOnlyList<string> kinds, IReadOnlyList<T> groups) where T : notnull
    {
        var ofKind = kinds.CountBy(k => k).ToDictionary();
        var ofGroup = groups.CountBy(g => g).ToDictionary();
        return kinds.Zip(groups).CountBy(p => p).Where(p => p.Value == ofKind[p.Key.First] && p.Value == ofGroup[p.Key.Second]).Sum(p => p.Value) / (double)kinds.Count;
    }

    private static List<string[]> ReadCsv(string text)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"') { cell.Append('"'); i++; }
            else if (c == '"') quoted = !quoted;
            else if (!quoted && c is ',' or '\n' && !quoted)
            {
                row.Add(cell.ToString().TrimEnd('\r'));
                cell.Clear();
                if (c == '\n') { rows.Add([.. row]); row.Clear(); }
            }
            else cell.Append(c);
        }
        if (row.Count > 0) rows.Add([.. row, cell.ToString()]);
        return rows;
    }
}
