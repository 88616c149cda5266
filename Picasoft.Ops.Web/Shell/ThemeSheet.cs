using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;

namespace Picasoft.Ops.Web.Shell;

/// <summary>
/// Two sheets that are made here, once: MudBlazor's rules (<c>/mud.css</c>), and both palettes (<c>/theme.css</c>), drawn by MudBlazor itself. A MudThemeProvider in the
/// page would know the reader's system only when the circuit is up, so the page would flash, and its 10 kB would be sent twice with every page; so <c>data-theme</c> and the
/// system decide, in CSS. Both are pressed well: a package's own files are only pressed under a name that browsers have to ask for again each time.
/// </summary>
public sealed partial class ThemeSheet(IServiceScopeFactory scopes, ILoggerFactory logs, IWebHostEnvironment web)
{
    private readonly Lazy<Task<Sheet>> _palettes = new(async () => Sheet.Of(await DrawAsync(scopes, logs)));
    private readonly Lazy<Task<Sheet>> _mud = new(async () =>
    {
        using var reader = new StreamReader(web.WebRootFileProvider.GetFileInfo("_content/MudBlazor/MudBlazor.min.css").CreateReadStream());
        return Sheet.Of(await reader.ReadToEndAsync());
    });

    public Task<Sheet> PalettesAsync() => _palettes.Value;

    public Task<Sheet> MudAsync() => _mud.Value;

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

/// <summary>A style sheet, as it is and pressed with Brotli.</summary>
/// <param name="Version">Changes with the content, so that a browser may keep the sheet for ever.</param>
public sealed record Sheet(byte[] Plain, byte[] Brotli, string Version)
{
    private const int Quality = 9;
    private const int Window = 22;

    public static Sheet Of(string css)
    {
        var plain = Encoding.UTF8.GetBytes(css);
        var pressed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        if (!BrotliEncoder.TryCompress(plain, pressed, out var length, Quality, Window)) throw new InvalidOperationException("The style sheet could not be compressed.");
        return new(plain, pressed[..length], Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 6)));
    }

    /// <summary>Answers with it; a reader without Brotli gets it plain, or as the compression after us sees fit.</summary>
    public IResult Answer(HttpContext http)
    {
        var brotli = http.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase);
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        http.Response.Headers.Vary = "Accept-Encoding";
        if (brotli) http.Response.Headers.ContentEncoding = "br";
        return Results.Bytes(brotli ? Brotli : Plain, "text/css; charset=utf-8");
    }
}
