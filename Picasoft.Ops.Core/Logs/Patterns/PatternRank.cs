using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>How much a kind of line deserves to be looked at: by the words it holds, by how seldom it comes, by whether it came in a burst. Pure.</summary>
public static partial class PatternRank
{
    /// <summary>From here on a kind is shown even while a program is only getting known.</summary>
    public const int Serious = 40;

    /// <param name="text">The pattern.</param>
    /// <param name="level">Syslog's severity, 0 to 7.</param>
    /// <param name="count">Lines.</param>
    /// <param name="peak">Most lines within a minute.</param>
    /// <returns>0 (nothing to see) to 100.</returns>
    public static int Of(string text, int level, long count, int peak)
    {
        var words = Words(text);
        var said = level switch { <= 2 => 60, 3 => 40, 4 => 20, _ => 0 };
        var rare = count switch { 1 => 15, < 10 => 10, < 100 => 5, _ => 0 };
        var burst = peak >= 1000 ? 25 : peak >= 100 ? 18 : peak >= 20 ? 10 : 0;
        return Math.Min(100, Math.Max(words, said) + rare + burst);
    }

    private static int Words(string text) =>
        Grave().IsMatch(text) ? 60 : Bad().IsMatch(text) ? 40 : Doubtful().IsMatch(text) ? 20 : 0;

    [GeneratedRegex(@"\b(panic|fatal|emergency|corrupt\w*|segfault|oops|out of memory|oom|data loss|disk failure|breach|compromis\w*|intrusion|break-in|attack|degraded|read-only file ?system|i/o error)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Grave();

    [GeneratedRegex(@"\b(errors?|fail(s|ed|ure|ures|ing)?|critical|crit|denied|refused|rejected|abort\w*|unable|cannot|could not|can't|exception|traceback|unreachable|no space|killed|died|expired|invalid|unauthori[sz]ed|forbidden|dropped|lost|crash\w*|échec|erreur)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Bad();

    [GeneratedRegex(@"\b(warn(ing)?|timed? ?out|timeout|retry\w*|deferred|slow|deprecated|missing|unknown|unexpected|disconnect\w*|reset|overflow|exceed\w*|high|full)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Doubtful();
}
