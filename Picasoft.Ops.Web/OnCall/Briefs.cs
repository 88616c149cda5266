using System.Globalization;

namespace Picasoft.Ops.Web.OnCall;

/// <summary>Names cut so that they fit into a day of a phone's calendar: as few letters as tell those apart who are shown.</summary>
public static class Briefs
{
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<string> people)
    {
        var all = people.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return all.ToDictionary(p => p, p => Enumerable.Range(2, p.Length).Where(n => all.TrueForAll(o => o == p || Cut(o, n) != Cut(p, n))).Select(n => Cut(p, n)).FirstOrDefault(p), StringComparer.Ordinal);
    }

    /// <summary>The first letters of the words, where there are so many, else of the name.</summary>
    private static string Cut(string name, int letters)
    {
        var words = name.Split([' ', '-', '.', '_'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Concat((words.Length >= letters ? string.Concat(words.Take(letters).Select(w => w.EnumerateRunes().First())) : name).EnumerateRunes().Take(letters)).ToUpper(CultureInfo.CurrentCulture);
    }
}
