using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;

namespace Picasoft.Ops.Web.Shell;

/// <summary>
/// The rules of every page, made here, once: both palettes, drawn by MudBlazor itself, and our own, as one <c>style</c> element in the page (ADR 18), and MudBlazor's rules as a sheet (<c>/mud.css</c>).
/// A MudThemeProvider in the page would know the reader's system only when the circuit is up, so the page would flash, and its 10 kB would be sent twice with every page;
/// so <c>data-theme</c> and the system decide, in CSS. The sheet is pressed well: a package's own files are only pressed under a name that browsers have to ask for again each time.
/// </summary>
public sealed partial class ThemeSheet(IServiceScopeFactory scopes, ILoggerFactory logs, IWebHostEnvironment web)
{
    private static readonly string[] _own = ["app.css", "triage.css", "Picasoft.Ops.Web.styles.css"];

    private readonly Lazy<Task<Sheet>> _mud = new(async () => Sheet.Of(await TextOf(web, "_content/MudBlazor/MudBlazor.min.css")));

    private readonly Lazy<Task<MarkupString>> _frame = new(async () => new($"<style>{Pressed(await DrawAsync(scopes, logs) + string.Concat(await Task.WhenAll(_own.Select(file => TextOf(web, file)))))}</style>"));

    /// <summary>Both palettes and our own rules, as the <c>style</c> element of every page.</summary>
    public Task<MarkupString> FrameAsync() => _frame.Value;

    public Task<Sheet> MudAsync() => _mud.Value;

    private static async Task<string> TextOf(IWebHostEnvironment web, string file)
    {
        using var reader = new StreamReader(web.WebRootFileProvider.GetFileInfo(file).CreateReadStream());
        return await reader.ReadToEndAsync();
    }

    private static string Pressed(string css) => Space().Replace(Comment().Replace(css, ""), " ");

    private static async Task<string> DrawAsync(IServiceScopeFactory scopes, ILoggerFactory logs)
    {
        var light = await DrawAsync(scopes, logs, dark: false);
        var dark = await DrawAsync(scopes, logs, dark: true);
        return $$"""
            {{light}}
            :root { color-scheme: light; }
            @media screen and (prefers-color-scheme: dark) {
            {{dark.Replace(":root", ":root:not([data-theme=light])", StringComparison.Ordinal)}}
            :root:not([data-theme=light]) { color-scheme: dark; }
            }
            @media screen {
            {{dark.Replace(":root", ":root[data-theme=dark]", StringComparison.Ordinal)}}
            :root[data-theme=dark] { color-scheme: dark; }
            }
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

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Space();
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
