using System.Text.RegularExpressions;

namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>How a container looks after its own health. Source: Compose Specification, "healthcheck"; Docker Engine API, <c>HealthConfig</c>. Pure.</summary>
/// <param name="Path">What it asks itself for by HTTP; null: it does something else.</param>
internal sealed partial record ComposeHealth(string? Path)
{
    /// <summary>Null: it does not.</summary>
    /// <param name="test">The command, with or without <c>CMD</c> before it.</param>
    public static ComposeHealth? Of(IEnumerable<string> test)
    {
        var words = string.Join(' ', test.Take(50));
        if (words.Length is 0 or > 4096 || words == "NONE") return null;
        return new(OwnAddress().Match(words) is { Success: true } found ? found.Groups["path"].Value : null);
    }

    [GeneratedRegex(@"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(:[0-9]+)?(?<path>/[A-Za-z0-9._~/-]+)(?=[\s""'|;&)]|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OwnAddress();
}
