using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

public sealed class SilenceTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task From_an_alert_in_two_clicks()
    {
        var incident = await BurnAsync(("service", "two-clicks"), ("instance", "a"));
        await BurnAsync(("service", "two-clicks"), ("instance", "b"));
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, $"/incidents/{incident}");
        await page.Locator(".alerts li", new() { HasText = "instance=a" }).GetByRole(AriaRole.Link, new() { Name = "Silence" }).ClickAsync();
        await page.GetByText("Active alerts: 1", new() { Exact = true }).WaitForAsync(); // what it would hold back: this one, not its neighbour
        await page.GetByRole(AriaRole.Button, new() { Name = "Silence", Exact = true }).ClickAsync();

        await Support.Browser.AtAsync(page, $"/incidents/{incident}");
        var silence = await SilenceAsync("instance=\"a\"");
        Assert.Equal(TimeSpan.FromHours(4), silence.EndsAt - silence.StartsAt);
        Assert.Contains($"#{incident}", silence.Comment, StringComparison.Ordinal);
        Assert.Contains("service=\"two-clicks\"", silence.Matchers);
    }

    [Fact]
    public async Task Of_several_incidents_for_as_long_as_the_chip_says()
    {
        var (one, two) = (await BurnAsync(("service", "several.one")), await BurnAsync(("service", "several-two")));
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, $"/silences/new?incident={one},{two}");
        Assert.Equal("service=~\"several\\\\.one|several-two\"", await page.GetByLabel("Condition 1", new() { Exact = true }).InputValueAsync());
        await page.GetByLabel("1 day").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Silence", Exact = true }).ClickAsync();
        await Support.Browser.AtAsync(page, "/silences");
        var silence = await SilenceAsync("service=~\"several\\\\.one|several-two\"");
        Assert.Equal(TimeSpan.FromDays(1), silence.EndsAt - silence.StartsAt);
        Assert.Equal([$"#{one}", $"#{two}"], silence.Comment.Split(", ").Select(c => c.Split(' ')[0]).Order());
    }

    [Fact]
    public async Task What_is_half_filled_in_is_there_again_when_the_page_had_to_be_loaded_anew()
    {
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/silences/new");
        await page.GetByLabel("Condition 1", new() { Exact = true }).FillAsync("service=\"half-filled\"");
        await page.GetByLabel("1 day").CheckAsync();
        await page.Locator("form textarea").FillAsync("Moves to another shelf");
        await Support.Browser.LoadAnewAsync(page);
        await page.WaitForFunctionAsync("() => document.querySelector('form textarea')?.value === 'Moves to another shelf'");
        await page.GetByRole(AriaRole.Button, new() { Name = "Silence", Exact = true }).ClickAsync();
        await Support.Browser.AtAsync(page, "/silences");
        var silence = await SilenceAsync("service=\"half-filled\"");
        Assert.Equal((TimeSpan.FromDays(1), "Moves to another shelf"), (silence.EndsAt - silence.StartsAt, silence.Comment));
    }

    [Fact]
    public async Task Several_at_once_from_the_inbox_each_for_what_it_speaks_of()
    {
        var (one, two) = (await BurnAsync(("service", "inbox-a")), await BurnAsync(("service", "inbox-b")));
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/?q=inbox-");
        await page.Locator(".board[data-ready]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Locator("[data-do=all]").CheckAsync();
        await page.GetByText("2 selected").WaitForAsync();
        await page.Keyboard.PressAsync("s"); // opens the choice of a length
        await page.Locator(".bulk select[data-key=s]").SelectOptionAsync("1h");
        await page.Locator(".mud-snackbar", new() { HasText = $"#{one}" }).Filter(new() { HasText = $"#{two}" }).WaitForAsync();
        foreach (var service in new[] { "inbox-a", "inbox-b" })
        {
            var silence = await SilenceAsync($"service=\"{service}\"");
            Assert.Equal((TimeSpan.FromHours(1), "camille"), (silence.EndsAt - silence.StartsAt, silence.CreatedBy));
        }
        // Both are marked as silent in the list that is open.
        await Eventually.TrueAsync(async () => await page.Locator("tr[data-n] .silenced").CountAsync() == 2, "both rows say that they are silent");
    }

    [Fact]
    public async Task Its_page_says_when_it_ends_on_whose_clock_and_ends_it_at_once()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var db = triage.CreateDbContext();
        var silence = db.Silences.Add(new() { Uuid = Guid.NewGuid(), Matchers = ["service=\"done-early\""], StartsAt = now.AddHours(-1), EndsAt = now.AddHours(3), CreatedAt = now, UpdatedAt = now, CreatedBy = "sacha", Comment = "Moves" }).Entity;
        await db.SaveChangesAsync();
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, $"/silences/{silence.Id}");
        await Eventually.TrueAsync(async () => Regex.IsMatch(await page.Locator("dd strong time").First.InnerTextAsync(), @" (CES?T|GMT\+[12])$"), "the zone is said");
        await page.GetByRole(AriaRole.Button, new() { Name = "End now" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "End now" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/silences");
        await db.Entry(silence).ReloadAsync();
        Assert.True(silence.EndsAt < now.AddHours(1));
    }

    [Fact]
    public async Task One_that_comes_again_becomes_a_window_with_the_same_conditions()
    {
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/silences/new?Matchers=" + Uri.EscapeDataString("host=\"bob\""));
        await page.GetByRole(AriaRole.Link, new() { Name = "Make a maintenance window of it" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/maintenance/new*");
        await Support.Browser.ReadyAsync(page);
        await Eventually.TrueAsync(async () => (await page.GetByTestId("settings-form").Locator("textarea, input").EvaluateAllAsync<string[]>("all => all.map(i => i.value.trim())")).Contains("host=\"bob\""), "the form of a window has its condition");
    }

    [Fact]
    public async Task A_window_once_is_chosen_and_shown_by_the_readers_clock()
    {
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/maintenance/new");
        foreach (var (field, text) in new[] { ("name", "new-disk"), ("match", "host=\"bob\""), ("starts_at", "2031-12-01T22:00"), ("ends_at", "2031-12-02T01:30") }) await page.Locator($"#field-{field}").FillAsync(text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/maintenance");
        await using var db = triage.CreateDbContext();
        var window = Json.Parse<MaintenanceInput>(db.Policies.Single(p => p.Kind == PolicyKind.Maintenance && p.Name == "new-disk").Definition);
        Assert.Equal((new(2031, 12, 1, 21, 0, 0, TimeSpan.Zero), new DateTimeOffset(2031, 12, 2, 0, 30, 0, TimeSpan.Zero)), (window.StartsAt!.Value, window.EndsAt!.Value)); // typed in Paris

        page = await Support.Browser.GoAsync(camille, "/maintenance/new-disk");
        await Eventually.TrueAsync(async () => await page.Locator("#field-starts_at").InputValueAsync() == "2031-12-01T22:00", "the field shows the hour that was chosen");
    }

    [Fact]
    public async Task The_review_lists_what_holds_nothing_and_what_is_about_to_end_and_nothing_else()
    {
        await BurnAsync(("service", "review-holds"));
        await using (var db = triage.CreateDbContext())
        {
            var now = TimeProvider.System.GetUtcNow();
            foreach (var (service, comment, hours) in new[] { ("long-gone", "Forgotten", 72), ("review-holds", "Ends tonight", 3), ("review-holds", "In good order", 72) })
                db.Silences.Add(new() { Uuid = Guid.NewGuid(), Matchers = [$"service=\"{service}\""], StartsAt = now.AddHours(-1), EndsAt = now.AddHours(hours), CreatedAt = now, UpdatedAt = now, CreatedBy = "sacha", Comment = comment });
            await db.SaveChangesAsync();
        }
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/silences?state=review");
        await page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Forgotten" }).GetByText("holds back nothing").WaitForAsync();
        await page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Ends tonight" }).GetByText("ends within a day").WaitForAsync();
        Assert.Equal(0, await page.GetByText("In good order").CountAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "Active and planned" }).ClickAsync();
        await page.GetByText("In good order").WaitForAsync(); // it is there, and needs nobody
    }

    private Task<long> BurnAsync(params (string, string)[] labels) => triage.AlertAsync(LabelSet.Of([("alertname", "Burning"), .. labels]));

    private async Task<Silence> SilenceAsync(string matcher)
    {
        await using var db = triage.CreateDbContext();
        return (await db.Silences.ToListAsync()).Single(s => s.Matchers.Contains(matcher));
    }
}
