using Microsoft.EntityFrameworkCore;
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
        await Support.Browser.AtAsync(page, $"/incidents/{first.Number}");
    }

    [Fact]
    public async Task The_keys_for_silence_and_resolve_lead_to_a_question_first()
    {
        var incident = await triage.DeclareAsync("Keys for one", Severity.Low, "keys");
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await GoAsync(camille, "/?service=keys&severity=low&q=" + Uri.EscapeDataString("for one"));
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("s");
        await Support.Browser.AtAsync(page, $"/silences/new?incident={incident.Number}");

        page = await GoAsync(camille, "/?service=keys&severity=low&q=" + Uri.EscapeDataString("for one"));
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("r");
        var question = page.GetByRole(AriaRole.Dialog);
        await question.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await question.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Equal(IncidentState.Open, (await triage.FindAsync(incident.Number)).State);
        await Row(page, incident).FocusAsync();
        await page.Keyboard.PressAsync("r");
        await question.GetByRole(AriaRole.Button, new() { Name = "Resolve" }).ClickAsync();
        await Row(page, incident).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Equal((IncidentState.Resolved, "camille"), ((await triage.FindAsync(incident.Number)).State, (await triage.FindAsync(incident.Number)).ResolvedBy));
    }

    [Fact]
    public async Task Several_are_given_to_somebody_at_once_and_whoever_was_faster_is_named()
    {
        var (one, two, taken) = (await triage.DeclareAsync("Bulk one"), await triage.DeclareAsync("Bulk two"), await triage.DeclareAsync("Bulk three"));
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await GoAsync(camille, "/?q=Bulk");
        await page.Locator("[data-do=all]").CheckAsync();
        await page.GetByText("3 selected").WaitForAsync();
        await page.Locator(".bulk").GetByLabel("Assign").SelectOptionAsync("sacha");
        foreach (var incident in new[] { one, two, taken }) await Row(page, incident).GetByText("sacha").WaitForAsync();
        Assert.Equal(["sacha", "sacha", "sacha"], [(await triage.FindAsync(one.Number)).Assignee, (await triage.FindAsync(two.Number)).Assignee, (await triage.FindAsync(taken.Number)).Assignee]);

        await page.Locator(".bulk").WaitForAsync(new() { State = WaitForSelectorState.Detached }); // the act is over, and its choice with it

        // One of them is taken by the time the button is pressed: the others are done, and that one is said.
        await page.Locator("[data-do=all]").CheckAsync();
        await page.GetByText("3 selected").WaitForAsync();
        await using (var db = triage.CreateDbContext())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await db.Database.ExecuteSqlAsync($"update incidents set state = 'Acknowledged', revision = revision + 1 where number = {taken.Number}");
            await db.Database.ExecuteSqlAsync($"insert into timeline_entries (incident_number, at, kind, actor_kind, actor_id, by, pending) values ({taken.Number}, now(), 'Acknowledged', 'Person', 2, 'sacha', false)");
            await page.Locator(".bulk [data-key=a]").ClickAsync();
            await db.WaitedForAsync("her act waits for sacha's");
            await transaction.CommitAsync();
        }
        await page.Locator(".mud-snackbar", new() { HasText = $"#{taken.Number}" }).Filter(new() { HasText = "sacha was faster" }).WaitForAsync();
        await Eventually.TrueAsync(async () => (await triage.FindAsync(one.Number)).State == IncidentState.Acknowledged && (await triage.FindAsync(two.Number)).State == IncidentState.Acknowledged, "the others are taken");
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

        // Every part of it, and what somebody else opens from the address shows the same.
        foreach (var (name, value) in new[] { ("state", "open"), ("who", "-"), ("silenced", "hide") })
        {
            await page.Locator($"select[name={name}]").SelectOptionAsync(value);
            await Support.Browser.AtAsync(page, $"{name}={value}*");
        }
        await page.Locator("[data-search]").FillAsync("Filter");
        await page.Keyboard.PressAsync("Enter");
        await Support.Browser.AtAsync(page, "q=Filter*");
        await using var sacha = await browser.OpenAsync(triage.Host, Cast.SachaMail);
        var other = await GoAsync(sacha, new Uri(page.Url).PathAndQuery);
        Assert.Equal(["low", "open", "-", "hide"], await Task.WhenAll(new[] { "severity", "state", "who", "silenced" }.Select(n => other.Locator($"select[name={n}]").InputValueAsync())));
        Assert.Equal("Filter", await other.Locator("[data-search]").InputValueAsync());
        Assert.True(await Row(other, shown).IsVisibleAsync());
        Assert.Equal(1, await other.Locator("tr[data-n]").CountAsync());
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
