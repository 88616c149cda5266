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
            db.LearntPatternHours.Add(new() { PatternId = kind.Id, Hour = now.AddHours(-1), Count = 40 });
            await db.SaveChangesAsync();
        }
        await using var camille = await browser.OpenAsync(triage.Host, width: 390);
        var page = await GoAsync(camille, "/logs/review");
        await page.GetByRole(AriaRole.Link, new() { Name = $"Make a rule of {kind.Id}" }).Or(page.Locator($"a[href='/logs/rules/new?pattern={kind.Id}']")).First.ClickAsync();
        await Support.Browser.AtAsync(page, "/logs/rules/new?pattern=*");
        await Support.Browser.ReadyAsync(page);
        Assert.Equal(("smartd-device-has-unreadable", "unreadable"), (await page.Locator("#field-name").InputValueAsync(), await page.Locator("#field-match").InputValueAsync()));
        Assert.Equal(PatternState.New, await StateAsync(kind.Id)); // whoever goes away now has decided nothing
        await page.GetByText("about 40 lines of 1 kind match").WaitForAsync();
        // What need not be there is folded.
        Assert.False(await page.Locator("#field-threshold-count").IsVisibleAsync());
        await page.Locator("#field-threshold").ClickAsync();
        await page.Locator("#field-threshold-count").FillAsync("2");

        await page.Locator("#bench-sample").FillAsync("smartd: Device: /dev/sda has 3 unreadable sectors\nsmartd: all is well\nsmartd: Device: /dev/sdb has 4 unreadable sectors");
        await page.GetByText("2 of 3 lines match; it would fire 1 time.").WaitForAsync();
        await page.Locator("#field-match").FillAsync("never said");
        await page.GetByText("no line of all that were heard matches").WaitForAsync();
        await page.Locator("#field-match").FillAsync("(unclosed");
        await page.GetByText("is not a usable regular expression").WaitForAsync();
        Assert.Equal(0, await page.Locator(".bench-lines").CountAsync()); // what another pattern found says nothing of this one
        await page.Locator("#field-match").FillAsync(@"(?<sectors>\d+) unreadable");
        await page.Locator(".bench-lines .field").First.GetByText("3", new() { Exact = false }).WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/logs/review");
        await using var check = triage.CreateDbContext();
        var rule = (await check.LogRules.SingleAsync(r => r.Name == "smartd-device-has-unreadable")).Input();
        Assert.Equal((2, @"(?<sectors>\d+) unreadable", "smartd"), (rule.Threshold!.Count, rule.Match, Assert.Single(rule.Source.App)));
        Assert.Equal(PatternState.Rule, await StateAsync(kind.Id));
    }

    [Fact]
    public async Task One_click_calls_a_kind_noise_and_another_opens_an_incident()
    {
        var (noise, grave) = (await AddAsync("cron", "session opened for <*>", 78), await AddAsync("kernel", "Out of memory: Killed process <*>", 79));
        await using var camille = await browser.OpenAsync(triage.Host, width: 390);
        var page = await GoAsync(camille, "/logs/review");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Kind {noise} is noise", Exact = true }).ClickAsync();
        await Eventually.TrueAsync(async () => await StateAsync(noise) == PatternState.Noise, "it is noise");
        await Eventually.TrueAsync(async () => await page.GetByText("session opened for").CountAsync() == 0, "it has left the review");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Open an incident for kind {grave}", Exact = true }).ClickAsync();
        await Support.Browser.AtAsync(page, "/incidents/*");
        await page.GetByRole(AriaRole.Heading, new() { Name = "kernel: Out of memory: Killed process <*>" }).WaitForAsync();
        Assert.Equal(PatternState.Incident, await StateAsync(grave));

        // What was decided can be taken back.
        page = await GoAsync(camille, "/logs/review?state=noise");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Put kind {noise} back into the review", Exact = true }).ClickAsync();
        await Eventually.TrueAsync(async () => await StateAsync(noise) == PatternState.New, "it is news again");
    }

    [Fact]
    public async Task An_incident_shows_the_lines_of_its_service_with_their_source_and_time()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using (var db = triage.CreateDbContext())
        {
            var rule = (await db.LogRules.FirstOrDefaultAsync(r => r.Name == "keys-rule")) ?? db.LogRules.Add(new() { Name = "keys-rule", Enabled = false, CreatedAt = now }).Entity;
            await db.SaveChangesAsync();
            db.LogLines.AddRange(
                new LogEvidence { Id = Guid.NewGuid(), At = now.AddMinutes(-2), RuleId = rule.Id, Rule = "keys-rule", Service = "keys", Host = "alice", App = "slapd", Severity = LogSeverity.Error, Origin = LogOrigin.Syslog, Text = "conn=1 fd=12 closed <b>oddly</b>", Before = ["the line before"], After = ["the line after"] },
                new LogEvidence { Id = Guid.NewGuid(), At = now.AddHours(-5), RuleId = rule.Id, Rule = "keys-rule", Service = "keys", Host = "alice", App = "slapd", Severity = LogSeverity.Error, Origin = LogOrigin.Syslog, Text = "five hours ago" });
            await db.SaveChangesAsync();
        }
        var incident = await triage.DeclareAsync("Keys refuse", service: "keys");
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await GoAsync(camille, $"/incidents/{incident.Number}");
        var pane = page.GetByRole(AriaRole.Region, new() { Name = "What the logs say" });
        var text = await pane.InnerTextAsync();
        foreach (var word in new[] { "conn=1 fd=12 closed <b>oddly</b>", "alice", "slapd" }) Assert.Contains(word, text, StringComparison.Ordinal);
        Assert.DoesNotContain("five hours ago", text, StringComparison.Ordinal);
        Assert.True(await pane.Locator("time").CountAsync() > 0);
        await pane.GetByText("the line before").WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    private async Task<long> AddAsync(string app, string text, long hash)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var db = triage.CreateDbContext();
        var kind = db.LearntPatterns.Add(new() { Host = "alice", App = app, Text = text, Key = Pattern.Parse(0, text.Split(' ')[0]).ToKey(), Hash = hash, State = PatternState.New, Count = 1, Level = 4, FirstSeen = now, LastSeen = now }).Entity;
        await db.SaveChangesAsync();
        return kind.Id;
    }

    private async Task<PatternState> StateAsync(long id)
    {
        await using var db = triage.CreateDbContext();
        return (await db.LearntPatterns.SingleAsync(p => p.Id == id)).State;
    }

    private static Task<IPage> GoAsync(IBrowserContext context, string path) => Support.Browser.GoAsync(context, path);
}
