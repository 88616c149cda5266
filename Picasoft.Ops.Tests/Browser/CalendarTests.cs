using System.Globalization;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>The calendar by mouse and by keyboard: what is chosen over its cells is who stands in, when.</summary>
public sealed class CalendarTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    private const string Month = "2031-03-01"; // begins on a Saturday: the first row holds February too

    [Fact]
    public async Task A_mouse_that_is_dragged_over_days_chooses_them_and_who_stands_in_is_written()
    {
        var schedule = await ScheduleAsync();
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await OpenAsync(camille, schedule);
        await CellOf(page, "4").HoverAsync();
        await page.Mouse.DownAsync();
        await CellOf(page, "5").HoverAsync();
        await CellOf(page, "6").HoverAsync();
        await page.Mouse.UpAsync();
        await ChosenAsync(page, 3);
        await SaveAsync(page, "sacha");
        Assert.Equal(("sacha", "2031-03-04", "2031-03-07"), await ChangeAsync(schedule));
        await page.Locator("td", new() { HasText = "sacha" }).First.WaitForAsync();
    }

    [Fact]
    public async Task Shift_and_the_arrow_keys_choose_as_well()
    {
        var schedule = await ScheduleAsync();
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await OpenAsync(camille, schedule);
        await CellOf(page, "8").Locator(".pick").FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight"); // 9, a Sunday
        await page.Keyboard.PressAsync("Shift+ArrowRight"); // over the end of the row: 10
        await page.Keyboard.PressAsync("Shift+ArrowDown"); // 17
        await ChosenAsync(page, 9);
        await page.Keyboard.PressAsync("Shift+ArrowUp"); // back to 10
        await ChosenAsync(page, 2);
        await SaveAsync(page, "sacha");
        Assert.Equal(("sacha", "2031-03-09", "2031-03-11"), await ChangeAsync(schedule));
    }

    private async Task<string> ScheduleAsync()
    {
        var name = $"calendar-{Guid.NewGuid():N}"[..20];
        await using var db = triage.CreateDbContext();
        db.Policies.Add(new() { Kind = PolicyKind.Schedule, Name = name, Definition = Json.Text(new ScheduleInput { Name = name, Rotation = new() { People = ["camille"], Every = TimeSpan.FromDays(7), Handoff = "Monday 18:00" } }) });
        await db.SaveChangesAsync();
        return name;
    }

    private static async Task<IPage> OpenAsync(IBrowserContext context, string schedule)
    {
        var page = await Support.Browser.GoAsync(context, $"/on-call?schedule={schedule}&on={Month}");
        await page.Locator(".on-call[data-ready]").WaitForAsync();
        return page;
    }

    private static ILocator CellOf(IPage page, string day) => page.Locator(".calendar td:not(.outside)").Filter(new() { Has = page.Locator($".day:text-is('{day}')") });

    private static Task ChosenAsync(IPage page, int days) => Eventually.TrueAsync(async () => await page.Locator(".calendar td[aria-selected]").CountAsync() == days, $"{days} days are chosen");

    private static async Task SaveAsync(IPage page, string person)
    {
        await page.Locator(".shift-panel select").First.SelectOptionAsync(person);
        await page.Locator(".shift-panel button.primary").ClickAsync();
    }

    /// <summary>Who, from which day to which, on the schedule's clock.</summary>
    private async Task<(string Person, string From, string To)> ChangeAsync(string schedule)
    {
        OnCallChange? change = null;
        await Eventually.TrueAsync(() =>
        {
            using var db = triage.CreateDbContext();
            return Task.FromResult((change = db.OnCallChanges.SingleOrDefault(c => c.Schedule == schedule)) is not null);
        }, "it is written");
        var clock = WallClock.Of("Europe/Paris");
        return (change!.Person, Day(change.StartsAt), Day(change.EndsAt));

        string Day(DateTimeOffset at) => clock.Local(at).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
