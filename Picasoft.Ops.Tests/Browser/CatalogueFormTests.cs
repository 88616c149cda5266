using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>An administrator fills the catalogue in the page: mistakes are named at their fields, and what is saved works.</summary>
public sealed class CatalogueFormTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task A_service_and_its_probe_are_made_in_the_page_and_the_probe_runs()
    {
        await using var web = await WebTarget.StartAsync();
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/services/new");
        await page.Locator("#field-name").FillAsync("Not a name");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await page.Locator(".settings-summary").WaitForAsync();
        Assert.Equal("true", await page.Locator("#field-name").GetAttributeAsync("aria-invalid"));
        await page.Locator("#field-name").FillAsync("wiki");
        await page.Locator("#field-title").FillAsync("Wiki");
        await page.Locator("#field-criticality").SelectOptionAsync("high");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Support.Browser.AtAsync(page, "/services/wiki");

        await page.GotoAsync("/probes/new?service=wiki");
        await Support.Browser.ReadyAsync(page);
        await page.Locator("a[href*='type=http&']").ClickAsync();
        await page.Locator("#field-http-url").WaitForAsync();
        Assert.Equal("wiki", await page.Locator("#field-service").InputValueAsync());
        await page.Locator("#field-name").FillAsync("wiki-home");
        await page.Locator("#field-interval").FillAsync("often");
        await page.Locator("#field-http-url").FillAsync("nowhere");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();

        // Both at once, each with its reason, and a way to the field.
        await page.Locator(".settings-summary li").Nth(1).WaitForAsync();
        await page.Locator("#field-interval-error").GetByText("is not a length of time").WaitForAsync();
        await page.Locator("#field-http-url-error").WaitForAsync();
        await page.Locator(".settings-summary a").First.ClickAsync(); // in the order of the form: what is checked before how often
        await page.WaitForFunctionAsync("() => document.activeElement.id === 'field-http-url'"); // the server says so

        await page.Locator("#field-interval").FillAsync("1s");
        await page.Locator("#field-http-url").FillAsync(web.Url("/"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Support.Browser.AtAsync(page, "/probes/wiki-home");
        await page.Locator(".st-up").First.WaitForAsync(); // live, without reloading
        Assert.True(web.Hits > 0);
    }

    [Fact]
    public async Task What_is_half_filled_in_is_there_again_when_the_page_had_to_be_loaded_anew()
    {
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/services/new");
        await page.Locator("#field-name").FillAsync("pads");
        await page.Locator("#field-runbook").FillAsync("1. Look\n2. Restart");
        await page.Locator("#field-criticality").SelectOptionAsync("critical");
        await page.Locator("#field-public").CheckAsync();
        await page.GetByLabel("keys", new() { Exact = true }).CheckAsync();
        await Support.Browser.LoadAnewAsync(page);
        await page.WaitForFunctionAsync("() => document.querySelector('#field-name')?.value === 'pads'");
        Assert.Equal("1. Look\n2. Restart", await page.Locator("#field-runbook").InputValueAsync());
        Assert.True(await page.Locator("#field-public").IsCheckedAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Support.Browser.AtAsync(page, "/services/pads"); // the server has it too, not only the browser
        await using var db = triage.CreateDbContext();
        var saved = await db.Services.SingleAsync(s => s.Name == "pads");
        Assert.Equal((Criticality.Critical, true, "keys"), (saved.Criticality, saved.Public, Assert.Single(saved.DependsOn)));
    }

    [Fact]
    public async Task Which_kind_a_step_is_stays_chosen_too_and_what_belongs_to_it_is_filled_in_again()
    {
        await using (var db = triage.CreateDbContext())
        {
            db.Policies.Add(new() { Kind = PolicyKind.RecoveryPlan, Name = "kept-kind", Definition = Json.Text(new RecoveryPlanInput { Name = "kept-kind", Service = "keys", Steps = [new() { Title = "Say it", Manual = "In the room" }] }) });
            await db.SaveChangesAsync();
        }
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/recovery/plans/kept-kind/edit");
        await page.Locator("#field-steps-0-way").SelectOptionAsync("http");
        await page.Locator("#field-steps-0-http-url").FillAsync("http://127.0.0.1/deploy");
        await Support.Browser.LoadAnewAsync(page);
        await page.WaitForFunctionAsync("() => document.querySelector('#field-steps-0-http-url')?.value === 'http://127.0.0.1/deploy'");
        Assert.Equal("http", await page.Locator("#field-steps-0-way").InputValueAsync());
    }

    [Fact]
    public async Task Who_saves_second_is_told_and_keeps_what_was_typed()
    {
        await using var camille = await browser.OpenAsync(triage.Host);
        var (one, two) = (await Support.Browser.GoAsync(camille, "/services/keys/edit"), await Support.Browser.GoAsync(camille, "/services/keys/edit"));
        await one.Locator("#field-title").FillAsync("Keys, by one");
        await two.Locator("#field-title").FillAsync("Keys, by two");
        await one.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Support.Browser.AtAsync(one, "/services/keys");
        await two.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await two.Locator(".settings-summary").WaitForAsync();
        Assert.Equal("Keys, by two", await two.Locator("#field-title").InputValueAsync());
        await using var db = triage.CreateDbContext();
        Assert.Equal("Keys, by one", (await db.Services.SingleAsync(s => s.Name == "keys")).Title);
    }
}
