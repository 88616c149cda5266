using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>From a line never seen before to a rule: tried while it is written, decided when it is saved.</summary>
public sealed class LogWorkbenchTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task A_kind_becomes_a_rule_when_the_rule_is_saved_and_not_before()
    {
        var now = TimeProvider.System.GetUtcNow();
        var kind = new LearntPattern { Host = "alice", App = "smartd", Text = "Device: <*> has <*> unreadable sectors", Key = Pattern.Parse(0, "unreadable").ToKey(), Hash = 77, State = PatternState.New, Count = 40, Level = 2, FirstSeen = now, LastSeen = now };
        await using (var db = triage.CreateDbContext())
        {
            db.LearntPatterns.Add(kind);
            await db.SaveChangesAsync();
            db.LearntPatternDays.Add(new() { PatternId = kind.Id, Day = DateOnly.FromDateTime(now.UtcDateTime), Count = 40 });
            await db.SaveChangesAsync();
        }
        await using var camille = await browser.OpenAsync(triage.Host, width: 390);
        var page = await GoAsync(camille, "/logs/review");
        await page.GetByRole(AriaRole.Link, new() { Name = $"Make a rule of {kind.Id}" }).Or(page.Locator($"a[href='/logs/rules/new?pattern={kind.Id}']")).First.ClickAsync();
        await page.WaitForURLAsync("**/logs/rules/new?pattern=*");
        await Support.Browser.ReadyAsync(page);
        Assert.Equal(("smartd-device-has-unreadable", "unreadable"), (await page.Locator("#field-name").InputValueAsync(), await page.Locator("#field-match").InputValueAsync()));
        Assert.Equal(PatternState.New, await StateAsync(kind.Id)); // whoever goes away now has decided nothing
        await page.GetByText("In the last 7 days: about 40 lines of 1 kinds match").WaitForAsync();
        // What need not be there is folded.
        Assert.False(await page.Locator("#field-threshold-count").IsVisibleAsync());
        await page.Locator("#field-threshold").ClickAsync();
        await page.Locator("#field-threshold-count").FillAsync("2");

        await page.Locator("#bench-sample").FillAsync("smartd: Device: /dev/sda has 3 unreadable sectors\nsmartd: all is well\nsmartd: Device: /dev/sdb has 4 unreadable sectors");
        await page.GetByText("2 of 3 lines match; it would fire 1 times.").WaitForAsync();
        await page.Locator("#field-match").FillAsync(@"(?<sectors>\d+) unreadable");
        await page.Locator(".bench-lines .field").First.GetByText("3", new() { Exact = false }).WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.WaitForURLAsync("**/logs/review");
        await using var check = triage.CreateDbContext();
        var rule = (await check.LogRules.SingleAsync(r => r.Name == "smartd-device-has-unreadable")).Input();
        Assert.Equal((2, @"(?<sectors>\d+) unreadable", "smartd"), (rule.Threshold!.Count, rule.Match, Assert.Single(rule.Source.App)));
        Assert.Equal(PatternState.Rule, await StateAsync(kind.Id));
    }

    private async Task<PatternState> StateAsync(long id)
    {
        await using var db = triage.CreateDbContext();
        return (await db.LearntPatterns.SingleAsync(p => p.Id == id)).State;
    }

    private static Task<IPage> GoAsync(IBrowserContext context, string path) => Support.Browser.GoAsync(context, path);
}
