using System.Globalization;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>The calendar by mouse, by finger and by keyboard: what is chosen over its cells is who stands in, when.</summary>
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
    public async Task In_the_week_hours_are_chosen_down_and_over_the_end_of_a_day()
    {
        var schedule = await ScheduleAsync();
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, $"/on-call?schedule={schedule}&view=week&on=2031-03-04"); // a Tuesday
        await page.Locator(".on-call[data-ready]").WaitForAsync();
        await HourOf(page, column: 1, row: 6).HoverAsync(); // Tuesday from 18:00
        await page.Mouse.DownAsync();
        await HourOf(page, column: 1, row: 7).HoverAsync();
        await HourOf(page, column: 2, row: 2).HoverAsync(); // Wednesday to 9:00
        await page.Mouse.UpAsync();
        await ChosenAsync(page, 5);
        Assert.Equal("2031-03-04T18:00", await page.Locator(".shift-panel input[type=datetime-local]").First.InputValueAsync());
        Assert.Equal("2031-03-05T09:00", await page.Locator(".shift-panel input[type=datetime-local]").Nth(1).InputValueAsync());
        await SaveAsync(page, "sacha");
        Assert.Equal(("sacha", "2031-03-04", "2031-03-05"), await ChangeAsync(schedule));

        // A click on one of them is that one.
        await HourOf(page, column: 5, row: 3).Locator(".pick").ClickAsync();
        await page.Locator("td", new() { HasText = "sacha" }).First.WaitForAsync(); // what was saved is shown, and takes nothing away
        await ChosenAsync(page, 1);
        Assert.Equal("2031-03-08T09:00", await page.Locator(".shift-panel input[type=datetime-local]").First.InputValueAsync());
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

    [Fact]
    public async Task A_finger_that_rests_and_is_dragged_chooses_and_one_that_moves_at_once_scrolls()
    {
        var schedule = await ScheduleAsync();
        await using var phone = await browser.OpenAsync(triage.Host, width: 390, height: 844);
        var page = await OpenAsync(phone, schedule);
        await CellOf(page, "18").ScrollIntoViewIfNeededAsync();
        await SettledAsync(page);
        var client = await phone.NewCDPSessionAsync(page);
        await client.SendAsync("Emulation.setTouchEmulationEnabled", new Dictionary<string, object> { ["enabled"] = true });
        var (from, to) = (await MiddleAsync(page, "18"), await MiddleAsync(page, "20"));

        var top = await page.EvaluateAsync<double>("() => scrollY");
        await TouchAsync("touchStart", from);
        await TouchAsync("touchMove", (from.X, from.Y - 60));
        await SettledAsync(page); // it rests before it lifts: the page does not go on by itself
        await TouchAsync("touchEnd", null);
        await SettledAsync(page);
        Assert.NotEqual(top, await page.EvaluateAsync<double>("() => scrollY"));
        Assert.Equal(0, await page.Locator(".calendar td[aria-selected], .calendar td.dragged").CountAsync());

        await CellOf(page, "18").ScrollIntoViewIfNeededAsync();
        await SettledAsync(page);
        (from, to) = (await MiddleAsync(page, "18"), await MiddleAsync(page, "20"));
        await TouchAsync("touchStart", from);
        await page.Locator(".calendar td.dragged").WaitForAsync(); // it rests long enough
        await TouchAsync("touchMove", ((from.X + to.X) / 2, from.Y));
        await TouchAsync("touchMove", to);
        await TouchAsync("touchEnd", null);
        await ChosenAsync(page, 3);
        await SaveAsync(page, "sacha");
        Assert.Equal(("sacha", "2031-03-18", "2031-03-21"), await ChangeAsync(schedule));

        Task TouchAsync(string type, (float X, float Y)? point) => client.SendAsync("Input.dispatchTouchEvent", new Dictionary<string, object>
        {
            ["type"] = type,
            ["touchPoints"] = point is { } p ? new object[] { new Dictionary<string, object> { ["x"] = p.X, ["y"] = p.Y } } : [],
        });
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

    private static ILocator HourOf(IPage page, int column, int row) => page.Locator($".calendar.week td[data-n='{column * 8 + row}']");

    /// <summary>Until the page scrolls no more: where a cell is says nothing before.</summary>
    private static Task SettledAsync(IPage page) => page.EvaluateAsync("""
        () => new Promise(done => {
            let last = -1, still = 0;
            const look = () => { still = scrollY === last ? still + 1 : 0; last = scrollY; still > 5 ? done() : requestAnimationFrame(look); };
            look();
        })
        """);

    private static Task ChosenAsync(IPage page, int days) => Eventually.TrueAsync(async () => await page.Locator(".calendar td[aria-selected]").CountAsync() == days, $"{days} days are chosen");

    private static async Task<(float X, float Y)> MiddleAsync(IPage page, string day)
    {
        var box = (await CellOf(page, day).BoundingBoxAsync())!;
        return (box.X + box.Width / 2, box.Y + box.Height / 2);
    }

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
