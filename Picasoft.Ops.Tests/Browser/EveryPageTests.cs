using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Tests.Rules;
using Picasoft.Ops.Tests.Support;
using Picasoft.Ops.Web;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>
/// What every page promises, whoever wrote it: nobody is shut out (axe), nothing runs off a phone or a desk, nothing fails in the browser's
/// console, the language is said. The pages are the router's own, so a new one cannot be forgotten.
/// </summary>
public sealed class EveryPageTests(FilledStore store, Support.Browser browser) : IClassFixture<FilledStore>
{
    /// <summary>As many as a small machine paints at once without slowing each other down.</summary>
    private const int Tabs = 3;

    private const int Phone = 390, Desk = 1366;

    // Axe sees barriers, only people see ugliness: a folder named here receives a picture of every page.
    private static readonly string? _pictures = Environment.GetEnvironmentVariable("OPS_TEST_PICTURES");

    // One picture in each language shows opposite looks; OPS_TEST_LOOKS=all: theme by width by language, eight of each page.
    private static readonly bool _allLooks = Environment.GetEnvironmentVariable("OPS_TEST_LOOKS") == "all";

    // Who works on some pages looks at these only: beginnings of their addresses, with commas between.
    private static readonly string[] _only = Environment.GetEnvironmentVariable("OPS_TEST_PAGES")?.Split(',') ?? [""];

    // Opposites stand two apart, so that each page is looked at in two of them: one in each language.
    private static readonly (int Width, bool Dark)[] _looks = [(Desk, true), (Desk, false), (Phone, false), (Phone, true)];

    [Theory]
    [InlineData("en", 0)]
    [InlineData("fr", 2)]
    public async Task It_is_open_to_everybody_in_both_themes_on_a_phone_and_on_a_desk(string language, int first)
    {
        await using var camille = await browser.OpenAsync(store.Host, language: language);
        await using var stranger = await browser.OpenAsync(store.Host, null, language);
        var wrong = new ConcurrentBag<string>();
        var pages = new ConcurrentQueue<(int Index, Address Item)>(Pages().Where(p => _only.Any(o => p.Path.StartsWith(o, StringComparison.Ordinal))).Index());
        await Task.WhenAll(Enumerable.Range(0, Tabs).Select(async _ =>
        {
            // A tab of its own for each page would cost as much as all that is looked at there.
            var (signedIn, signedOut) = (await Tab.OpenAsync(camille), await Tab.OpenAsync(stranger));
            while (pages.TryDequeue(out var page))
                foreach (var fault in await LookAsync(page.Item.IsOpen ? signedOut : signedIn, page.Item, language, _looks[(page.Index + first) % _looks.Length])) wrong.Add(fault);
        }));
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal)));
    }

    private static async Task<List<string>> LookAsync(Tab tab, Address address, string language, (int Width, bool Dark) look)
    {
        var wrong = new List<string>();
        var page = tab.Show(address, wrong);
        await page.EmulateMediaAsync(new() { ColorScheme = look.Dark ? ColorScheme.Dark : ColorScheme.Light });
        await page.GotoAsync(address.Path);
        try
        {
            if (!address.IsStatic) await Support.Browser.ReadyAsync(page);
            await page.Locator("h1").First.WaitForAsync();
            await page.EvaluateAsync(Quiet);
        }
        catch (TimeoutException)
        {
            return [.. wrong, $"{address.Path}: never became alive"];
        }
        if (await page.GetAttributeAsync("html", "lang") is var said && said != language) wrong.Add($"{address.Path}: says that its language is {said}, not {language}");
        if (await page.EvaluateAsync<string?>("() => window.vanished") is { } vanished) wrong.Add($"{address.Path}: its content vanishes while the circuit begins: {vanished}");
        if (await page.Locator("h1").CountAsync() != 1) wrong.Add($"{address.Path}: has not one title (h1)");
        // Axe takes its time, and looks last: where it does, the page stays.
        foreach (var width in new[] { look.Width == Desk ? Phone : Desk, look.Width })
        {
            await page.SetViewportSizeAsync(width, 850);
            if (await page.EvaluateAsync<string?>(Overflow) is { } culprit) wrong.Add($"{address.Path} ({width} px, {language}): runs off the screen: {culprit}");
            if (width != Phone || address.IsStatic || await page.Locator(".filter-toggle").CountAsync() == 0) continue;
            await page.ClickAsync(".filter-toggle[aria-expanded=false]");
            await page.WaitForSelectorAsync(".filter-more.open");
            if (await page.EvaluateAsync<string?>(Overflow) is { } opened) wrong.Add($"{address.Path} ({width} px, {language}): its filters run off the screen: {opened}");
            await page.ClickAsync(".filter-toggle[aria-expanded=true]");
        }
        wrong.AddRange((await Support.Browser.BarriersAsync(page)).Select(b => $"{address.Path} ({look.Width} px, {(look.Dark ? "dark" : "light")}, {language}): {b}"));
        if (_pictures is not null)
            foreach (var shown in _allLooks ? _looks : [look])
            {
                await PictureAsync(page, address, language, shown);
                if (shown != look) wrong.AddRange((await Support.Browser.BarriersAsync(page)).Select(b => $"{address.Path} ({shown.Width} px, {(shown.Dark ? "dark" : "light")}, {language}): {b}"));
            }
        return wrong;
    }

    private static async Task PictureAsync(IPage page, Address address, string language, (int Width, bool Dark) look)
    {
        var name = string.Concat(address.Path.Select(c => char.IsLetterOrDigit(c) ? c : '_'));
        // At rest: a colour half way to another one is none of ours.
        await page.EmulateMediaAsync(new() { ColorScheme = look.Dark ? ColorScheme.Dark : ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
        await page.SetViewportSizeAsync(look.Width, 850);
        await page.EvaluateAsync(Quiet);
        await page.EvaluateAsync(Settled);
        // A window as high as the page: what lies below the edge of a lower one (mails in their frames, rows that are painted in view) stays white in a picture of all.
        await page.SetViewportSizeAsync(look.Width, Math.Clamp(await page.EvaluateAsync<int>("() => document.documentElement.scrollHeight"), 850, 16_000));
        await page.EvaluateAsync(Quiet);
        await page.ScreenshotAsync(new() { Path = Path.Combine(_pictures!, $"{name[..Math.Min(80, name.Length)]}-{look.Width}-{(look.Dark ? "dark" : "light")}-{language}.png") });
    }

    /// <summary>Until the circuit has drawn what it loaded: nothing moves any more for a moment.</summary>
    private const string Quiet = """
        () => new Promise(done => {
            let soon = setTimeout(done, 150);
            setTimeout(done, 1000); // a page that shows live figures is never quite still
            new MutationObserver(() => { clearTimeout(soon); soon = setTimeout(done, 150); }).observe(document.body, { subtree: true, childList: true });
        })
        """;

    /// <summary>Colours of another theme pass from the outside in, an element at a time: until none is on its way any more.</summary>
    private const string Settled = """
        async () => {
            for (let turn = 0; turn < 50; turn++) {
                const moving = document.getAnimations().filter(a => a instanceof CSSTransition);
                if (moving.length === 0) return;
                await Promise.race([Promise.allSettled(moving.map(a => a.finished)), new Promise(done => setTimeout(done, 500))]);
            }
        }
        """;

    /// <summary>What the server has drawn stays in sight until the circuit has drawn the same: looked at whenever the browser paints.</summary>
    private const string Vanishing = """
        (() => {
            let most = 0;
            // Of rows that are laid out only when they come into view (content-visibility) innerText says nothing until the frame is painted.
            const lengthOf = m => [...m.querySelectorAll('tbody')].reduce((sum, r) => sum + r.textContent.length - r.innerText.length, m.innerText.length);
            const look = () => {
                const seen = [...document.querySelectorAll('main')].filter(m => m.getClientRects().length > 0).reduce((sum, m) => sum + lengthOf(m), 0);
                if (seen < most * 0.8) window.vanished ??= `${seen} of ${most} characters`;
                most = Math.max(most, seen);
                if (!document.querySelector('[data-interactive="1"]')) requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        })()
        """;

    /// <summary>What stands furthest outside a document that is wider than its window; null when none does.</summary>
    private const string Overflow = """
        () => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return null;
            const all = [...document.querySelectorAll('body *')].map(e => [e.getBoundingClientRect().right, e]).sort((a, b) => b[0] - a[0]);
            return `${root.scrollWidth} of ${root.clientWidth}: ${all[0][1].outerHTML.slice(0, 200)}`;
        }
        """;

    private IEnumerable<Address> Pages()
    {
        var addresses = Addresses();
        var pages =
            from component in typeof(OpsApplication).Assembly.GetTypes()
            from route in component.GetCustomAttributes<RouteAttribute>()
            let isStatic = component.GetCustomAttribute<ExcludeFromInteractiveRoutingAttribute>() is not null
            let isOpen = component.GetCustomAttribute<AllowAnonymousAttribute>() is not null
            from path in addresses.TryGetValue(route.Template, out var known) ? known
                : route.Template.Contains('{', StringComparison.Ordinal) ? throw new NotSupportedException($"{component.Name}: say in EveryPageTests.Addresses what to open for {route.Template}.")
                : [route.Template]
            select new Address(path, isStatic, isOpen, path.Contains("nothing", StringComparison.Ordinal) || isOpen);
        return pages.Append(new("/nothing/of/ours", true, false, true)); // a bare status has a page of its own, without a circuit
    }

    /// <summary>What to open for pages with parameters, and for those with several faces.</summary>
    private Dictionary<string, string[]> Addresses() => new()
    {
        ["/incidents/{Number:long}"] = [$"/incidents/{store.Incident}", $"/incidents/{store.Over}", "/incidents/999999"],
        ["/services/{Name}"] = ["/services/mattermost", "/services/nothing"],
        ["/services/{Name}/edit"] = ["/services/mattermost/edit"],
        ["/hosts/{Name}"] = ["/hosts/alice", "/hosts/nothing"],
        ["/probes/new"] = ["/probes/new", .. EveryProbeTests.Kinds.Select(k => $"/probes/new?type={k.Data}")],
        ["/probes/{Name}"] = [.. EveryProbeTests.Kinds.Select(k => $"/probes/{FilledStore.ProbeOf(k.Data)}"), "/probes/nothing"],
        ["/probes/{Name}/edit"] = [.. EveryProbeTests.Kinds.Select(k => $"/probes/{FilledStore.ProbeOf(k.Data)}/edit")],
        ["/logs/rules/{Name}/edit"] = ["/logs/rules/postfix-deferred/edit", "/logs/rules/nothing/edit"],
        ["/heartbeats/{Name}"] = ["/heartbeats/borg-alice", "/heartbeats/silent", "/heartbeats/borg-repo", "/heartbeats/nothing"],
        ["/heartbeats/{Name}/edit"] = ["/heartbeats/borg-alice/edit", "/heartbeats/from-kuma/edit"],
        ["/on-call"] = ["/on-call", "/on-call?schedule=tech&view=week"],
        ["/on-call/{Name}/edit"] = ["/on-call/tech/edit", "/on-call/nothing/edit"],
        ["/a/{Signed}"] = ["/a/nothing"],
        ["/received/{Signed}"] = ["/received/nothing"],
        ["/channels/new"] = [.. EveryChannelTests.Kinds.Select(k => $"/channels/new?type={k.Data}")],
        ["/recovery/clusters/{Name}/edit"] = ["/recovery/clusters/edge/edit", "/recovery/clusters/nothing/edit"],
        ["/recovery/plans/{Name}/edit"] = ["/recovery/plans/bring-back/edit", "/recovery/plans/move-database/edit", "/recovery/plans/nothing/edit"],
        ["/recovery/clusters/{Name}"] = ["/recovery/clusters/database", "/recovery/clusters/edge", "/recovery/clusters/nothing"],
        ["/recovery/plans/{Name}"] = ["/recovery/plans/move-database", "/recovery/plans/nothing"],
        ["/recovery/runs/{Id:long}"] = [$"/recovery/runs/{store.Run}", "/recovery/runs/999999"],
        ["/channels/{Name}"] = ["/channels/tech-mail", "/channels/nothing"],
        ["/silences"] = ["/silences", "/silences?state=review", "/silences?state=expired"],
        ["/silences/{Id:long}"] = [$"/silences/{store.Silence}", "/silences/999999"],
        ["/oops/{Status:int}"] = ["/oops/403", "/oops/404", "/oops/429"],
        ["/routing"] = ["/routing", $"/routing?labels={Uri.EscapeDataString("alertname=HostDown\nservice=mattermost\nseverity=critical")}"],
        ["/routing/{Path}/new"] = [.. PolicyShape.All.Where(p => p.Kind != PolicyKind.Maintenance).Select(p => $"/routing/{p.Path}/new")],
        ["/routing/{Path}/{Name}"] = ["/routing/routes/1", $"/routing/routes/{store.Route}", "/routing/escalations/default", "/routing/routes/nothing", "/routing/nothing/1"],
        ["/maintenance/new"] = [$"/maintenance/new?Match={Uri.EscapeDataString("service=\"mattermost\"")}&Comment=Updates"],
        ["/maintenance/{Name}"] = ["/maintenance/every-tuesday", "/maintenance/nightly", "/maintenance/nothing"],
        ["/setup"] = ["/setup?key=nothing"],
    };

    /// <param name="Path">What to open.</param>
    /// <param name="IsStatic">It has no circuit.</param>
    /// <param name="IsOpen">Without signing in.</param>
    /// <param name="IsMissing">Its status is not 200, and rightly so.</param>
    private sealed record Address(string Path, bool IsStatic, bool IsOpen, bool IsMissing);

    /// <summary>One that goes from page to page, and hears what each says.</summary>
    private sealed class Tab(IPage page)
    {
        private Address? _address;
        private List<string> _wrong = [];

        public static async Task<Tab> OpenAsync(IBrowserContext context)
        {
            var page = await context.NewPageAsync();
            var tab = new Tab(page);
            page.Console += (_, message) =>
            {
                // A mail is shown in a frame where no program runs, so neither does the one below that looks for what vanishes.
                if (message.Text.StartsWith("Blocked script execution in 'about:srcdoc'", StringComparison.Ordinal)) return;
                // The browser itself reports a page that says 403, 404 or 410, as these should.
                if (message.Type == "error" && !(tab._address!.IsMissing && message.Text.Contains("status of 4", StringComparison.Ordinal))) tab._wrong.Add($"{tab._address.Path}: console: {message.Text}");
            };
            page.PageError += (_, error) => tab._wrong.Add($"{tab._address!.Path}: script: {error}");
            await page.AddInitScriptAsync(Vanishing);
            return tab;
        }

        /// <param name="address">What is to be opened next.</param>
        /// <param name="wrong">Receives what the browser complains about meanwhile.</param>
        public IPage Show(Address address, List<string> wrong)
        {
            (_address, _wrong) = (address, wrong);
            return page;
        }
    }
}
