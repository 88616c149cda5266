using Microsoft.Playwright;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

public sealed class InboxTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task A_change_anywhere_shows_in_two_browsers_that_load_nothing_anew()
    {
        await using var camille = await browser.OpenAsync(triage.Host);
        await using var sacha = await browser.OpenAsync(triage.Host, Cast.SachaMail, "fr-FR");
        var (one, two) = (await GoAsync(camille), await GoAsync(sacha));
        // A page that loads itself anew would forget this. How soon a change is seen is measured by ./ops bench triage.
        foreach (var page in new[] { one, two }) await page.EvaluateAsync("() => { window.same = true; }");

        var incident = await triage.DeclareAsync("Wekan is slow");
        await Task.WhenAll(Row(one, incident).WaitForAsync(), Row(two, incident).WaitForAsync());
        await triage.Actions.AcknowledgeAsync(incident.Number, Triage.Sacha, null, null, null, CancellationToken.None);
        await Task.WhenAll(Row(one, incident).GetByText("Acknowledged").WaitForAsync(), Row(two, incident).GetByText("Pris en charge").WaitForAsync());
        foreach (var page in new[] { one, two }) Assert.True(await page.EvaluateAsync<bool>("() => window.same === true"));
    }

    [Fact]
    public async Task One_click_acknowledges()
    {
        var incident = await triage.DeclareAsync("Etherpad says 502");
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await GoAsync(camille);
        await page.GetByRole(AriaRole.Button, new() { Name = $"Acknowledge #{incident.Number}", Exact = true }).ClickAsync();
        await Row(page, incident).GetByText("Acknowledged").WaitForAsync();
        Assert.Equal((IncidentState.Acknowledged, "camille"), ((await triage.FindAsync(incident.Number)).State, (await triage.FindAsync(incident.Number)).Assignee));
    }

    [Fact]
    public async Task Keys_move_select_acknowledge_and_open_but_never_while_typing()
    {
        var (first, second) = (await triage.DeclareAsync("Keys one", Severity.Critical, "keys"), await triage.DeclareAsync("Keys two", Severity.Low, "keys"));
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await GoAsync(camille, "/?service=keys");

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("ja");
        Assert.Equal("ja", await page.Locator("[data-search]").InputValueAsync());
        await page.Locator("[data-search]").FillAsync("");
        await page.Locator("h1").ClickAsync();

        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("x");
        await page.GetByText("1 selected").WaitForAsync();
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("x");
        await page.GetByText("2 selected").WaitForAsync();
        await page.Keyboard.PressAsync("a");
        await Row(page, first).GetByText("Acknowledged").WaitForAsync();
        await Row(page, second).GetByText("Acknowledged").WaitForAsync();

        await page.Keyboard.PressAsync("?");
        await page.Locator("dialog.keys[open]").WaitForAsync();
        await page.Keyboard.PressAsync("Escape");
        await Row(page, second).FocusAsync();
        await page.Keyboard.PressAsync("k");
        await page.Keyboard.PressAsync("o");
        await page.WaitForURLAsync($"**/incidents/{first.Number}");
    }

    [Fact]
    public async Task The_filter_is_in_the_address_and_survives_a_reload()
    {
        var (shown, hidden) = (await triage.DeclareAsync("Filter me", Severity.Low), await triage.DeclareAsync("Filter me too", Severity.Critical));
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await GoAsync(camille);
        await Row(page, hidden).WaitForAsync();
        await page.Locator("select[name=severity]").SelectOptionAsync("low");
        await Row(page, hidden).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Contains("severity=low", page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        await Support.Browser.ReadyAsync(page);
        Assert.Equal("low", await page.Locator("select[name=severity]").InputValueAsync());
        Assert.True(await Row(page, shown).IsVisibleAsync());
        Assert.False(await Row(page, hidden).IsVisibleAsync());
    }

    [Fact]
    public async Task A_viewer_sees_everything_and_has_no_buttons()
    {
        var incident = await triage.DeclareAsync("Look, do not touch");
        await using var robin = await browser.OpenAsync(triage.Host, Cast.ViewerMail);
        var page = await GoAsync(robin);
        await Row(page, incident).WaitForAsync();
        Assert.Equal(0, await page.Locator("main [data-do]").CountAsync());
        // What the buttons would have sent changes nothing.
        await page.EvaluateAsync("n => document.querySelector('table.rows').dispatchEvent(new CustomEvent('rowaction', { bubbles: true, detail: { number: n, action: 'acknowledge' } }))", incident.Number);
        await page.GetByText("ask an administrator").WaitForAsync();
        Assert.Equal(IncidentState.Open, (await triage.FindAsync(incident.Number)).State);
    }

    [Theory]
    [InlineData(false, 1366)]
    [InlineData(true, 1366)]
    [InlineData(true, 390)]
    public async Task Axe_finds_nothing_in_the_inbox(bool dark, int width)
    {
        await triage.DeclareAsync("For axe", Severity.Medium);
        await using var camille = await browser.OpenAsync(triage.Host, dark: dark, width: width);
        var page = await GoAsync(camille);
        await page.Locator("tr[data-n] input").First.CheckAsync();
        await page.Locator(".bulk").WaitForAsync();
        await Support.Browser.AssertNoBarriersAsync(page);
    }

    private static async Task<IPage> GoAsync(IBrowserContext context, string path = "/")
    {
        var page = await Support.Browser.GoAsync(context, path);
        await page.Locator(".board[data-ready]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        return page;
    }

    private static ILocator Row(IPage page, Incident incident) => page.Locator($"tr[data-n='{incident.Number}']");
}
