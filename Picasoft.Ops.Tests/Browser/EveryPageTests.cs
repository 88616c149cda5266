using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;
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
    private const int Phone = 390, Desk = 1366;

    [Theory]
    [InlineData("en", false)]
    [InlineData("fr", true)]
    public async Task It_is_open_to_everybody_in_both_themes_on_a_phone_and_on_a_desk(string language, bool lookAtPhone)
    {
        await using var camille = await browser.OpenAsync(store.Host, language: language);
        await using var stranger = await browser.OpenAsync(store.Host, null, language);
        var wrong = new List<string>();
        foreach (var address in Pages()) wrong.AddRange(await LookAsync(address.IsOpen ? stranger : camille, address, language, lookAtPhone));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<List<string>> LookAsync(IBrowserContext context, Address address, string language, bool lookAtPhone)
    {
        var wrong = new List<string>();
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            // The browser itself reports a page that says 403 or 404, as these should.
            if (message.Type == "error" && !(address.IsMissing && message.Text.Contains("status of 40", StringComparison.Ordinal))) wrong.Add($"{address.Path}: console: {message.Text}");
        };
        page.PageError += (_, error) => wrong.Add($"{address.Path}: script: {error}");
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
        if (await page.Locator("h1").CountAsync() != 1) wrong.Add($"{address.Path}: has not one title (h1)");
        foreach (var (width, dark) in new[] { (Desk, true), (Phone, false) })
        {
            await page.SetViewportSizeAsync(width, 850);
            await page.EmulateMediaAsync(new() { ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });
            var at = $"{address.Path} ({width} px, {(dark ? "dark" : "light")}, {language})";
            if (await page.EvaluateAsync<string?>(Overflow) is { } culprit) wrong.Add($"{at}: runs off the screen: {culprit}");
            // Axe takes its time: the dark desk in one language, the light phone in the other.
            if ((width == Phone) == lookAtPhone) wrong.AddRange((await Support.Browser.BarriersAsync(page)).Select(b => $"{at}: {b}"));
        }
        await page.CloseAsync();
        return wrong;
    }

    /// <summary>Until the circuit has drawn what it loaded: nothing moves any more for a moment.</summary>
    private const string Quiet = """
        () => new Promise(done => {
            let soon = setTimeout(done, 200);
            setTimeout(done, 2000); // a page that shows live figures is never quite still
            new MutationObserver(() => { clearTimeout(soon); soon = setTimeout(done, 200); }).observe(document.body, { subtree: true, childList: true });
        })
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
        ["/probes/new"] = [.. EveryProbeTests.Kinds.Select(k => $"/probes/new?type={k.Data}")],
        ["/probes/{Name}"] = [.. EveryProbeTests.Kinds.Select(k => $"/probes/{FilledStore.ProbeOf(k.Data)}"), "/probes/nothing"],
        ["/probes/{Name}/edit"] = [.. EveryProbeTests.Kinds.Select(k => $"/probes/{FilledStore.ProbeOf(k.Data)}/edit")],
        ["/channels/{Name}"] = ["/channels/tech-mail", "/channels/nothing"],
        ["/silences/{Id:long}"] = [$"/silences/{store.Silence}", "/silences/999999"],
        ["/oops/{Status:int}"] = ["/oops/403", "/oops/404", "/oops/429"],
        ["/setup"] = ["/setup?key=nothing"],
    };

    /// <param name="Path">What to open.</param>
    /// <param name="IsStatic">It has no circuit.</param>
    /// <param name="IsOpen">Without signing in.</param>
    /// <param name="IsMissing">Its status is not 200, and rightly so.</param>
    private sealed record Address(string Path, bool IsStatic, bool IsOpen, bool IsMissing);
}
