using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>How a small team sets itself up in the page: a schedule that is nearly filled in already, a channel whose names are chosen, quiet hours that come and go.</summary>
public sealed class TeamFormTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task A_new_schedule_begins_with_all_who_respond_and_its_rotation_can_be_taken_out()
    {
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/on-call/new");
        await page.Locator("#field-name").FillAsync("team");
        Assert.Equal("camille\nsacha", await page.Locator("#field-rotation-people").InputValueAsync()); // robin only looks
        await page.Locator("#field-rotation-handoff").FillAsync("Friday 18:00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/on-call?schedule=team");
        await page.Locator(".calendar td", new() { HasText = "sacha" }).First.WaitForAsync();
        Assert.Equal(["camille", "sacha"], (await ScheduleAsync()).Rotation!.People);

        await page.GotoAsync("/on-call/team/edit");
        await Support.Browser.ReadyAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove “Rotation”" }).ClickAsync();
        await page.Locator("#field-rotation-people").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/on-call?schedule=team");
        Assert.Null((await ScheduleAsync()).Rotation); // people write themselves in
    }

    [Fact]
    public async Task A_channel_is_told_what_it_stands_on_and_what_helps_it_by_choosing()
    {
        await using (var db = triage.CreateDbContext())
        {
            db.Services.Add(new Service { Name = "town-square", Title = "Town square" });
            db.Channels.Add(new() { Name = "siren", Type = "ntfy", Settings = """{"topic": "siren"}""" });
            await db.SaveChangesAsync();
        }
        await using var camille = await browser.OpenAsync(triage.Host, width: 390, height: 844);
        var page = await Support.Browser.GoAsync(camille, "/channels/new?type=ntfy");
        await page.Locator("#field-name").FillAsync("pocket");
        await page.Locator("#field-topic").FillAsync("pocket");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "town-square" }).CheckAsync();
        await page.Locator("#field-fallback").SelectOptionAsync("siren");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/channels");
        await using var look = triage.CreateDbContext();
        var made = await look.Channels.SingleAsync(c => c.Name == "pocket");
        Assert.Equal(("town-square", "siren"), (Assert.Single(made.DependsOn), made.Fallback));
    }

    [Fact]
    public async Task Quiet_hours_are_set_and_taken_back()
    {
        await using var sacha = await browser.OpenAsync(triage.Host, Cast.SachaMail, width: 390, height: 844);
        var page = await Support.Browser.GoAsync(sacha, "/on-call/me");
        await page.Locator("summary#field-quiet").ClickAsync();
        await page.Locator("#field-quiet-from").FillAsync("22:30");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await ContactsAsync()).Quiet is { From: "22:30", To: "07:00" }, "they are kept");

        page = await Support.Browser.GoAsync(sacha, "/on-call/me");
        Assert.Equal("22:30", await page.Locator("#field-quiet-from").InputValueAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove “Quiet hours”" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await ContactsAsync()).Quiet is null, "they are gone");
    }

    private async Task<ScheduleInput> ScheduleAsync()
    {
        await using var db = triage.CreateDbContext();
        return Json.Parse<ScheduleInput>((await db.Policies.SingleAsync(p => p.Kind == PolicyKind.Schedule && p.Name == "team")).Definition);
    }

    private async Task<PersonContacts> ContactsAsync()
    {
        await using var db = triage.CreateDbContext();
        return (await db.People.SingleAsync(p => p.Name == "sacha")).Contacts;
    }
}
