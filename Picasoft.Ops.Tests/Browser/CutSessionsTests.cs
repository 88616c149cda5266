using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>All sessions of the database are ended under pages that are open.</summary>
public sealed class CutSessionsTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task Open_pages_live_on_and_show_what_comes_after()
    {
        await using var camille = await browser.OpenAsync(triage.Host);
        var first = await triage.DeclareAsync("Before the cut");
        var inbox = await Support.Browser.GoAsync(camille, "/");
        var incident = await Support.Browser.GoAsync(camille, $"/incidents/{first.Number}");
        await inbox.Locator(".board[data-ready]").WaitForAsync(new() { State = WaitForSelectorState.Attached });

        await using (var db = triage.CreateDbContext())
            await db.Database.ExecuteSqlAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");

        var second = await triage.DeclareAsync("After the cut");
        await inbox.Locator($"tr[data-n='{second.Number}']").WaitForAsync();
        await inbox.GetByRole(AriaRole.Button, new() { Name = $"Acknowledge #{first.Number}", Exact = true }).ClickAsync();
        await incident.Locator(".incident").GetByText("Acknowledged").First.WaitForAsync();
        Assert.False(await inbox.Locator("#blazor-error-ui").IsVisibleAsync());
    }
}
