using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using Picasoft.Ops.Tests.Support;

[assembly: AssemblyFixture(typeof(Browser))]

namespace Picasoft.Ops.Tests.Support;

/// <summary>One headless Chromium (Debian's) for the whole run. Take it as a constructor parameter.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly string _axe = new BundledAxeScriptProvider().GetScript();
    private static readonly string[] _rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _started = new(StartAsync);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(Uri, string), Lazy<Task<string>>> _sessions = new();

    /// <summary>A browser of its own, as another person's machine: signed in unless <paramref name="email"/> is null.</summary>
    public async Task<IBrowserContext> OpenAsync(OpsHost host, string? email = Cast.CamilleMail, string language = "en-GB", bool dark = false, int width = 1366, int height = 850, Uri? address = null)
    {
        // Signed in once for each person and server: the door lets only a few attempts a minute through.
        var session = email is null ? null : await _sessions.GetOrAdd((host.Address, email), key => new(() => SignInAsync(key.Item1, key.Item2))).Value;
        return await ContextAsync(address ?? host.Address, session, language, dark, width, height);
    }

    /// <summary>Opens a page and waits until its circuit is up: a click before that is lost.</summary>
    public static async Task<IPage> GoAsync(IBrowserContext context, string path)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(path);
        await ReadyAsync(page);
        return page;
    }

    /// <summary>
    /// Waits until the page is at an address. Not by WaitForURLAsync: between its first look and its listening an address that the page itself writes is missed, and it waits for ever.
    /// </summary>
    /// <param name="address">The end of it; <c>*</c> stands for anything.</param>
    public static Task AtAsync(IPage page, string address) =>
        Assertions.Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(address).Replace("\\*", ".*", StringComparison.Ordinal) + "$"), new() { Timeout = Eventually.Patience * 1000 });

    public static Task ReadyAsync(IPage page) => page.Locator("[data-interactive='1']").WaitForAsync(new() { Timeout = Eventually.Patience * 1000, State = WaitForSelectorState.Attached });

    /// <summary>As Blazor does when the server that held the page is gone (another node, or the same one started anew); waits until it is alive again.</summary>
    public static async Task LoadAnewAsync(IPage page)
    {
        await page.EvaluateAsync("() => { window.before = true; }");
        await page.EvaluateAsync("() => document.getElementById('components-reconnect-modal').dispatchEvent(new CustomEvent('components-reconnect-state-changed', { detail: { state: 'rejected' } }))");
        await page.WaitForFunctionAsync("() => window.before !== true && document.querySelector('[data-interactive=\"1\"]') !== null");
    }

    /// <summary>Fails with everything that axe finds wrong (WCAG 2.1 A and AA), in words.</summary>
    public static async Task AssertNoBarriersAsync(IPage page)
    {
        if (await BarriersAsync(page) is { Count: > 0 } barriers) Assert.Fail($"{page.Url}:\n{string.Join('\n', barriers)}");
    }

    /// <summary>Everything that axe finds wrong with a page as it stands (WCAG 2.1 A and AA), in words.</summary>
    public static async Task<IReadOnlyList<string>> BarriersAsync(IPage page)
    {
        // To their end at once: waiting for it takes for ever on a page that the browser does not paint just now.
        await page.EvaluateAsync("() => document.getAnimations().filter(a => a.effect?.getComputedTiming().iterations !== Infinity).forEach(a => a.finish())");
        // In the page itself: RunAxe opens a tab of its own for each result, which takes some seconds.
        await page.EvaluateAsync(_axe);
        return await page.EvaluateAsync<string[]>("""
            async tags => (await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })).violations
                .map(v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => n.html).join(' | ')}`)
            """, _rules);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_started.IsValueCreated) return;
        var (playwright, browser) = await _started.Value;
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    private async Task<string> SignInAsync(Uri address, string email)
    {
        await using var context = await ContextAsync(address, null, "en-GB", false, 1366, 850);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/login");
        await page.FillAsync("#email", email);
        await page.FillAsync("#password", Cast.Password);
        await page.ClickAsync("form button.primary");
        await Assertions.Expect(page).Not.ToHaveURLAsync(new Regex("/login"), new() { Timeout = Eventually.Patience * 1000 });
        return await context.StorageStateAsync();
    }

    private async Task<IBrowserContext> ContextAsync(Uri address, string? session, string language, bool dark, int width, int height)
    {
        var (_, browser) = await _started.Value;
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            StorageState = session,
            Locale = language,
            TimezoneId = "Europe/Paris",
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new() { Width = width, Height = height },
        });
        context.SetDefaultTimeout(Eventually.Patience * 1000);
        return context;
    }

    private static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        return (playwright, browser);
    }
}
