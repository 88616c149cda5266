using Picasoft.Ops.Web.Ui;

namespace Picasoft.Ops.Tests.Web.Ui;

public class SafeMarkdownTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>", "<script")]
    [InlineData("[x](javascript:alert(1))", "href=\"javascript")]
    [InlineData("[x](JaVaScRiPt:alert(1))", "href")]
    [InlineData("[x](data:text/html;base64,PHNjcmlwdD4=)", "href")]
    [InlineData("[x](vbscript:x)", "href")]
    [InlineData("<img src=x onerror=alert(1)>", "<img")]
    [InlineData("![x](https://example.org/seen.png)", "<img")]
    [InlineData("<a href=\"https://x\" onclick=\"alert(1)\">x</a>", "<a ")]
    [InlineData("text {onclick=alert(1)}", "<p onclick")]
    [InlineData("[x](https://example.org){onmouseover=alert(1) style=position:fixed id=main class=shell}", "onmouseover=\"")]
    [InlineData("[x](https://example.org){style=position:fixed}", "style=")]
    [InlineData("# x {#main}", "id=")]
    [InlineData("<iframe src=https://example.org></iframe>", "<iframe")]
    [InlineData("<https://example.org/\"onmouseover=alert(1)>", "href=\"https://example.org/\"")]
    [InlineData("```html {onclick=alert(1)}\nx\n```", "onclick")]
    [InlineData("- [ ] x", "<input")]
    public void Nothing_that_acts_survives(string markdown, string mustBeGone) =>
        Assert.DoesNotContain(mustBeGone, SafeMarkdown.ToHtml(markdown), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void What_people_write_survives()
    {
        var html = SafeMarkdown.ToHtml("## Done\n\n**Restarted** `postfix`:\n\n| host | state |\n|---|---|\n| bob | ok |\n\n[log](https://example.org/log?a=1&b=2)");
        Assert.Contains("<h3>Done</h3>", html, StringComparison.Ordinal);
        Assert.Contains("<strong>Restarted</strong> <code>postfix</code>", html, StringComparison.Ordinal);
        Assert.Contains("<td>bob</td>", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://example.org/log?a=1&amp;b=2\" rel=\"noopener nofollow\" target=\"_blank\">log</a>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    public void Nothing_is_nothing(string? markdown) => Assert.Equal("", SafeMarkdown.ToHtml(markdown));
}
