using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

public sealed class IncidentPageTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task A_note_and_a_recovery_action_reach_the_timeline_of_another_who_is_typing()
    {
        var incident = await triage.DeclareAsync("LDAP refuses sign-ins");
        await using var camille = await browser.OpenAsync(triage.Host);
        await using var sacha = await browser.OpenAsync(triage.Host, Cast.SachaMail);
        var (one, two) = (await GoAsync(camille, incident), await GoAsync(sacha, incident));
        await two.GetByLabel("Note (Markdown)").FillAsync("half a sent");

        await one.GetByLabel("Note (Markdown)").FillAsync("The disk of **bob** is full <script>alert(1)</script>");
        await one.GetByRole(AriaRole.Button, new() { Name = "Add the note" }).ClickAsync();
        await two.Locator(".timeline strong", new() { HasText = "bob" }).WaitForAsync();
        Assert.Equal("half a sent", await two.GetByLabel("Note (Markdown)").InputValueAsync());
        Assert.Equal(0, await two.Locator(".timeline script").CountAsync());

        await one.GetByText("Record a recovery action").ClickAsync();
        await one.GetByLabel("What was done").FillAsync("Removed old images");
        await one.GetByLabel("Command (optional)").FillAsync("docker image prune");
        await one.GetByLabel("Yes").CheckAsync();
        await one.GetByRole(AriaRole.Button, new() { Name = "Record", Exact = true }).ClickAsync();
        await two.Locator(".timeline", new() { HasText = "docker image prune" }).GetByText("helped").WaitForAsync();
    }

    [Fact]
    public async Task What_helped_becomes_a_step_of_the_runbook_in_one_click_and_the_next_incident_says_how_often_it_helped()
    {
        const string service = "remembered";
        await using (var db = triage.CreateDbContext())
        {
            db.Services.Add(new() { Name = service, Runbook = "Look first." });
            await db.SaveChangesAsync();
        }
        async Task<Incident> BreaksAsync(bool? helped, string output)
        {
            var broken = await triage.DeclareAsync("It hangs", Severity.High, service);
            await triage.Actions.RecordActionAsync(broken.Number, Triage.Sacha, "Restarted it", "systemctl restart it", output, helped, CancellationToken.None);
            return broken;
        }
        foreach (var helped in new[] { true, false })
            await triage.Actions.ResolveAsync((await BreaksAsync(helped, "done")).Number, Triage.Sacha, null, null, CancellationToken.None);
        var incident = await BreaksAsync(true, "restarted in 2 s");
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await GoAsync(camille, incident);

        // What was tried, by whom, what it said, and whether it helped; and what is known of the times before.
        var entry = page.Locator(".tl-action");
        foreach (var words in new[] { "sacha", "Restarted it", "systemctl restart it", "helped" }) await entry.GetByText(words, new() { Exact = true }).WaitForAsync();
        await entry.GetByText("Output").ClickAsync();
        await entry.GetByText("restarted in 2 s").WaitForAsync();
        await page.GetByText("helped 1 of 2 times").WaitForAsync();

        await entry.GetByRole(AriaRole.Button, new() { Name = "Add to the runbook" }).ClickAsync();
        var runbook = page.Locator("section[aria-labelledby=h-runbook]");
        await runbook.GetByText("systemctl restart it").WaitForAsync();
        Assert.Equal("Look first.", (await runbook.Locator("details p").First.InnerTextAsync()).Trim());
        // It is there now: nowhere on the page is it offered again.
        await Eventually.TrueAsync(async () => await page.GetByText("Add to the runbook").CountAsync() == 0, "it is not offered twice");
    }

    [Fact]
    public async Task Every_act_of_the_page_stands_on_the_timeline_with_who_did_it()
    {
        var incident = await triage.DeclareAsync("Every act", Severity.Medium, "keys");
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await GoAsync(camille, incident);
        async Task SeenAsync(string kind, string words = "") => await page.Locator($".tl-{kind}").Filter(new() { HasText = "camille" }).Filter(new() { HasText = words }).First.WaitForAsync();
        Task PressAsync(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

        await page.GetByLabel("1 h", new() { Exact = true }).CheckAsync();
        await page.GetByLabel("Comment (optional)").FillAsync("On it");
        await PressAsync("Acknowledge");
        await SeenAsync("acknowledged", "On it");
        await Eventually.TrueAsync(async () => await page.GetByLabel("Comment (optional)").InputValueAsync() == "", "the comment is sent, and gone from its field");
        var taken = await triage.FindAsync(incident.Number);
        Assert.Equal(TimeSpan.FromHours(1), taken.AcknowledgementExpiresAt - taken.AcknowledgedAt);
        // Said by the reader's clock, and then no longer as UTC.
        var until = TimeZoneInfo.ConvertTime(taken.AcknowledgementExpiresAt!.Value, TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris")).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        var shown = page.Locator(".incident-facts time[data-at]");
        await Eventually.TrueAsync(async () => (await shown.InnerTextAsync()).EndsWith(", " + until, StringComparison.Ordinal), $"it says {until}");
        await page.Locator(".plain-select").SelectOptionAsync("critical");
        await SeenAsync("severity");
        await page.GetByLabel("Assign to").SelectOptionAsync("sacha");
        await SeenAsync("assigned", "sacha");
        await PressAsync("I take it");
        await page.Locator(".tl-assigned").Nth(1).WaitForAsync(); // the first names camille too: as who did it
        await PressAsync("Call for help");
        await SeenAsync("help_asked");
        await PressAsync("Users no longer suffer");
        await SeenAsync("mitigated");
        await PressAsync("Resolve");
        await SeenAsync("resolved");
        await PressAsync("Reopen");
        await SeenAsync("reopened");
        var now = await triage.FindAsync(incident.Number);
        Assert.Equal((IncidentState.Open, Severity.Critical), (now.State, now.Severity));
        await using var db = triage.CreateDbContext();
        var audit = await db.Set<Picasoft.Ops.Core.People.AuditEntry>().Where(a => a.Target == $"#{incident.Number}" && a.ActorName == "camille").OrderBy(a => a.Id).ToListAsync();
        Assert.Equal(["acknowledge", "severity", "assign", "assign", "escalate", "mitigate", "resolve", "reopen"], audit.Select(a => a.Action["incident.".Length..]));
        Assert.All(audit, a => Assert.True(a.Before is not null && a.After is not null, a.Action));
    }

    [Fact]
    public async Task Who_acts_second_is_told_who_was_faster_and_nothing_is_overwritten()
    {
        var incident = await triage.DeclareAsync("Two at once");
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await GoAsync(camille, incident);
        var button = page.GetByRole(AriaRole.Button, new() { Name = "Acknowledge", Exact = true });
        // Sacha's change holds the row while camille clicks, so her click was made on what she saw before it.
        await using (var db = triage.CreateDbContext())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await db.Database.ExecuteSqlAsync($"update incidents set state = 'Acknowledged', assignee = 'sacha', assignee_id = 2, revision = revision + 1 where number = {incident.Number}");
            await db.Database.ExecuteSqlAsync($"insert into timeline_entries (incident_number, at, kind, actor_kind, actor_id, by, pending) values ({incident.Number}, now(), 'Acknowledged', 'Person', 2, 'sacha', false)");
            await button.ClickAsync();
            await button.And(page.Locator("[disabled]")).WaitForAsync();
            await transaction.CommitAsync();
        }
        await page.Locator(".mud-snackbar", new() { HasText = "sacha was faster" }).WaitForAsync();
        await button.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Equal("sacha", (await triage.FindAsync(incident.Number)).Assignee);
    }

    [Fact]
    public async Task A_lost_connection_shows_itself_until_it_is_back()
    {
        var incident = await triage.DeclareAsync("In a long tunnel");
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await camille.NewPageAsync();
        var isLost = false;
        List<IWebSocketRoute> connections = [];
        await page.RouteWebSocketAsync("**/_blazor**", route =>
        {
            if (isLost) { _ = route.CloseAsync(new() { Code = 4000 }); return; }
            route.ConnectToServer();
            connections.Add(route);
        });
        await page.RouteAsync("**/_blazor/negotiate**", route => isLost ? route.AbortAsync() : route.ContinueAsync());
        await page.GotoAsync($"/incidents/{incident.Number}");
        await Support.Browser.ReadyAsync(page);
        isLost = true;
        await connections[0].CloseAsync(new() { Code = 4000 });
        await page.Locator("#components-reconnect-modal[open]").GetByText("Connection lost").WaitForAsync();
        await triage.Actions.NoteAsync(incident.Number, Triage.Sacha, "Meanwhile", CancellationToken.None);
        isLost = false;
        await page.Locator("#components-reconnect-modal:not([open])").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Locator(".timeline", new() { HasText = "Meanwhile" }).WaitForAsync();

        // The box as it stands when the server does not come back: MudBlazor would draw its button too.
        await page.EvaluateAsync("() => { for (const state of ['show', 'failed']) document.getElementById('components-reconnect-modal').dispatchEvent(new CustomEvent('components-reconnect-state-changed', { detail: { state } })); }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).WaitForAsync();
        await Support.Browser.AssertNoBarriersAsync(page);
    }

    [Fact]
    public async Task A_typed_note_survives_a_lost_connection()
    {
        var incident = await triage.DeclareAsync("In a tunnel");
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await camille.NewPageAsync();
        List<IWebSocketRoute> connections = [];
        await page.RouteWebSocketAsync("**/_blazor**", route =>
        {
            route.ConnectToServer();
            connections.Add(route);
        });
        await page.GotoAsync($"/incidents/{incident.Number}");
        await Support.Browser.ReadyAsync(page);
        await page.GetByLabel("Note (Markdown)").FillAsync("Do not lose me");
        await connections[0].CloseAsync(new() { Code = 4000 });
        await Eventually.TrueAsync(() => Task.FromResult(connections.Count > 1), "it connects again");
        await page.Locator("#components-reconnect-modal:not([open])").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await Eventually.TrueAsync(async () => await page.GetByLabel("Note (Markdown)").InputValueAsync() == "Do not lose me", "the note is still there");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the note" }).ClickAsync();
        await page.Locator(".timeline", new() { HasText = "Do not lose me" }).WaitForAsync();
    }

    [Theory]
    [InlineData(false, 1366)]
    [InlineData(true, 390)]
    [InlineData(false, 390)]
    public async Task Axe_finds_nothing_on_the_incident_the_history_and_the_form(bool dark, int width)
    {
        var incident = await triage.DeclareAsync("For axe", Severity.Medium);
        await triage.Actions.NoteAsync(incident.Number, Triage.Sacha, "# A title\n\n`code` and [a link](https://example.org)", CancellationToken.None);
        await triage.Actions.RecordActionAsync(incident.Number, Triage.Sacha, "Tried", "ls", "nothing", false, CancellationToken.None);
        await using var camille = await browser.OpenAsync(triage.Host, dark: dark, width: width);
        foreach (var path in new[] { $"/incidents/{incident.Number}", "/incidents", "/incidents/new", "/incidents/999999" })
        {
            var page = await Support.Browser.GoAsync(camille, path);
            await Support.Browser.AssertNoBarriersAsync(page);
            await page.CloseAsync();
        }
    }

    [Fact]
    public async Task The_primary_action_is_within_reach_of_a_thumb()
    {
        var incident = await triage.DeclareAsync("Three in the morning");
        await using var phone = await browser.OpenAsync(triage.Host, width: 390, height: 844);
        var page = await GoAsync(phone, incident);
        var box = await page.GetByRole(AriaRole.Button, new() { Name = "Acknowledge", Exact = true }).BoundingBoxAsync();
        Assert.InRange(box!.Y, 844 / 2, 844 - box.Height);
        Assert.True(box.Height >= 44);
    }

    private static Task<IPage> GoAsync(IBrowserContext context, Incident incident) => Support.Browser.GoAsync(context, $"/incidents/{incident.Number}");
}
