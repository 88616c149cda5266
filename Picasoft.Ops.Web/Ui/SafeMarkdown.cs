using Ganss.Xss;
using Markdig;
using Markdig.Syntax;

namespace Picasoft.Ops.Web.Ui;

/// <summary>
/// Markdown to HTML that can do nothing: raw HTML is shown as text, and what is left is allowed by name.
/// No pictures (they would tell a stranger who reads), no styles, no ids (they would clash with the page's own).
/// </summary>
public static class SafeMarkdown
{
    private static readonly MarkdownPipeline _pipeline = new MarkdownPipelineBuilder().UseAdvancedExtensions().DisableHtml().Build();

    private static readonly HtmlSanitizer _sanitizer = MakeSanitizer();

    public static string ToHtml(string? markdown) =>
        string.IsNullOrWhiteSpace(markdown) ? "" : _sanitizer.Sanitize(Below(Markdig.Markdown.Parse(markdown, _pipeline)).ToHtml(_pipeline));

    /// <summary>The title of the page is above every title in it.</summary>
    private static MarkdownDocument Below(MarkdownDocument document)
    {
        foreach (var heading in document.Descendants<HeadingBlock>()) heading.Level = Math.Min(heading.Level + 1, 6);
        return document;
    }


    private static HtmlSanitizer MakeSanitizer()
    {
        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
            {
                "a", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ins", "kbd", "li", "mark", "ol", "p", "pre",
                "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
            },
            AllowedAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href", "title", "start", "colspan", "rowspan" },
            AllowedSchemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "http", "https", "mailto" },
            UriAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href" },
        })
        { KeepChildNodes = true };
        sanitizer.PostProcessNode += (_, e) =>
        {
            if (e.Node is not AngleSharp.Html.Dom.IHtmlAnchorElement link || !link.HasAttribute("href")) return;
            link.SetAttribute("rel", "noopener nofollow");
            link.SetAttribute("target", "_blank");
        };
        return sanitizer;
    }
}
