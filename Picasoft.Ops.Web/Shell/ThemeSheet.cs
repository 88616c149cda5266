using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;

namespace Picasoft.Ops.Web.Shell;

/// <summary>
/// Both palettes as one stylesheet, drawn once by MudBlazor itself. A MudThemeProvider in the page would know the reader's system only
/// when the circuit is up: the page would flash, and its 10 kB would be sent twice with every page. So <c>data-theme</c> and the system decide, in CSS.
/// </summary>
public sealed partial class ThemeSheet(IServiceScopeFactory scopes, ILoggerFactory logs)
{
    private readonly Lazy<Task<string>> _css = new(() => DrawAsync(scopes, logs));

    public Task<string> CssAsync() => _css.Value;

    /// <summary>The address, which changes with the content and so can be kept for ever.</summary>
    public async Task<string> HrefAsync() =>
        $"theme.css?v={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(await CssAsync())).AsSpan(0, 6))}";

    private static async Task<string> DrawAsync(IServiceScopeFactory scopes, ILoggerFactory logs)
    {
        var light = await DrawAsync(scopes, logs, dark: false);
        var dark = await DrawAsync(scopes, logs, dark: true);
        return $$"""
            {{light}}
            :root { color-scheme: light; }
            @media (prefers-color-scheme: dark) {
            {{dark.Replace(":root", ":root:not([data-theme=light])", StringComparison.Ordinal)}}
            :root:not([data-theme=light]) { color-scheme: dark; }
            }
            {{dark.Replace(":root", ":root[data-theme=dark]", StringComparison.Ordinal)}}
            :root[data-theme=dark] { color-scheme: dark; }
            """;
    }

    private static async Task<string> DrawAsync(IServiceScopeFactory scopes, ILoggerFactory logs, bool dark)
    {
        await using var scope = scopes.CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, logs);
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                [nameof(MudThemeProvider.Theme)] = Theme.Ops,
                [nameof(MudThemeProvider.IsDarkMode)] = dark,
                [nameof(MudThemeProvider.DefaultScrollbar)] = true,
            };
            return (await renderer.RenderComponentAsync<MudThemeProvider>(ParameterView.FromDictionary(parameters))).ToHtmlString();
        });
        return string.Concat(Style().Matches(html).Select(m => System.Net.WebUtility.HtmlDecode(m.Groups["css"].Value)));
    }

    [GeneratedRegex("<style[^>]*>(?<css>.*?)</style>", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Style();
}
