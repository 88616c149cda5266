using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Logs;

/// <summary>Takes out of a line what must not be kept: passwords, tokens, keys, and mail addresses if so chosen. What is masked shows as dots. Pure.</summary>
public static partial class LogMask
{
    public const string Mask = "•••";

    public static string Of(string text, bool addresses)
    {
        text = Named().Replace(text, "${name}" + Mask);
        text = Bearer().Replace(text, "${name}" + Mask);
        text = InUrl().Replace(text, "${name}" + Mask + "@");
        text = Known().Replace(text, Mask);
        return addresses ? Address().Replace(text, Mask + "@${domain}") : text;
    }

    // password=…, "api_key": "…", --token …; what follows up to a space, quote or separator.
    [GeneratedRegex("""(?<name>\b[\w-]*(passw(or)?d|passphrase|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|session[_-]?id|cookie)["']?\s{0,3}[=:]\s{0,3}["']?)[^\s"',;&]+""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Named();

    [GeneratedRegex("""(?<name>\b(bearer|basic|authorization:)\s+)[A-Za-z0-9+/=._~-]{8,}""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Bearer();

    [GeneratedRegex("""(?<name>[a-z][a-z0-9+.-]+://[^\s/:@]*:)[^\s/@]+@""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex InUrl();

    // Keys that tell what they are: GitHub, GitLab, Slack, AWS, JWT.
    [GeneratedRegex("""\b(gh[pousr]_[A-Za-z0-9]{30,}|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Known();

    [GeneratedRegex("""[\w.+%-]+@(?<domain>[\w-]+(\.[\w-]+)+)""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Address();
}
