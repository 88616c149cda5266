using System.Globalization;
using System.Net;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Reports;

namespace Picasoft.Ops.Web.StatusPage;

/// <summary>A badge for a README or a wiki: name and state in one small picture, in the flat look that such badges have. Pure.</summary>
internal static class Badge
{
    private const double Letter = 6.6; // mean width of a letter of the face, in pixels: a badge has no text engine
    private const int Padding = 6;

    /// <param name="name">On the left.</param>
    /// <param name="word">On the right.</param>
    public static string Of(string name, string word, ServiceStatus status)
    {
        // White on each of these is read easily (contrast above 4.5).
        var colour = status switch { ServiceStatus.Up => "#2e7d32", ServiceStatus.Degraded => "#a15200", ServiceStatus.Down => "#b3261e", _ => "#5f6368" };
        var (left, right) = (WidthOf(name), WidthOf(word));
        var said = WebUtility.HtmlEncode($"{name}: {word}");
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{said}"><title>{said}</title><clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath><g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g><g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="{left / 2.0}" y="14" textLength="{left - (2 * Padding)}">{WebUtility.HtmlEncode(name)}</text><text x="{left + (right / 2.0)}" y="14" textLength="{right - (2 * Padding)}">{WebUtility.HtmlEncode(word)}</text></g></svg>
            """);
    }

    private static int WidthOf(string text) => (int)Math.Ceiling(StringInfo.ParseCombiningCharacters(text).Length * Letter) + (2 * Padding);
}
