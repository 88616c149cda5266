using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>A whole machine room fails and says so fifty thousand times. How fast it goes is measured by ./ops bench alerts; here somebody works with it meanwhile.</summary>
public sealed class StormTests(OpsApi api, Support.Browser browser) : IClassFixture<OpsApi>
{
    private const int Alerts = 50_000, Services = 5, Senders = 4, Batch = 250;

    [Fact]
    public async Task Fifty_thousand_alerts_are_a_handful_of_incidents_and_the_pages_are_used_meanwhile()
    {
        await using var camille = await browser.OpenAsync(api.Host);
        camille.SetDefaultTimeout(Eventually.Patience * 1000);
        var inbox = await Support.Browser.GoAsync(camille, "/");
        var storm = Task.WhenAll(Enumerable.Range(0, Senders).Select(SendAsync));

        // While they come, the inbox shows what opens, and a click takes it in hand.
        var row = inbox.Locator("tr").Filter(new() { HasText = "storm-3" });
        // A click on a row that is drawn anew between press and release is nobody's: whoever sees that nothing came of it clicks again.
        await Eventually.TrueAsync(async () =>
        {
            try { await row.GetByRole(AriaRole.Button, new() { NameRegex = new("^Acknowledge #") }).ClickAsync(new() { Timeout = 5_000 }); }
            catch (TimeoutException) { } // it moves all the time, or is taken
            return await row.GetByText("Acknowledged").CountAsync() > 0;
        }, "it is taken in hand");
        await storm;
        await Eventually.TrueAsync(async () => await api.AskAsync("select count(*) from alerts where not pending and incident_id is not null") == Alerts, "each is in its incident", 180);
        Assert.Equal(Services, await api.AskAsync("select count(*) from incidents"));
        Assert.Equal(Services, await api.AskAsync("select count(*) from incidents where state <> 'Resolved'"));
        Assert.InRange(await api.AskAsync("select count(*) from timeline_entries"), Services, 40L * Alerts / Batch);

        // Ten thousand alerts of one incident: its page, and that of a silence for it, say so and stay small.
        var number = await api.AskAsync("select min(number) from incidents");
        var page = await Support.Browser.GoAsync(camille, string.Create(CultureInfo.InvariantCulture, $"/incidents/{number}"));
        Assert.InRange(await page.Locator(".alerts li").CountAsync(), 1, IncidentQueries.MaxAlerts);
        page = await Support.Browser.GoAsync(camille, string.Create(CultureInfo.InvariantCulture, $"/silences/new?incident={number}"));
        await page.GetByText($"Active alerts: {Alerts / Services}").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Silence", Exact = true }).ClickAsync();
        await Support.Browser.AtAsync(page, $"/incidents/{number}");
        await page.GetByText("Silence #1 by camille").First.WaitForAsync();

        // And it is over as it began.
        await SendAsync(-1);
        await Eventually.TrueAsync(async () => await api.AskAsync("select count(*) from incidents where state <> 'Resolved'") == 0, "all is over", 180);
        await row.WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    /// <summary>Its share of the alerts; -1: the end of all.</summary>
    private async Task SendAsync(int sender)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (starts, ends) = (now.AddHours(-3).ToString("O", CultureInfo.InvariantCulture), now.AddHours(sender < 0 ? -1 : 1).ToString("O", CultureInfo.InvariantCulture));
        for (var from = Math.Max(sender, 0) * Batch; from < Alerts; from += sender < 0 ? Batch : Senders * Batch)
        {
            var body = new StringBuilder("[");
            for (var i = from; i < from + Batch; i++)
                body.Append(CultureInfo.InvariantCulture, $$$"""{{{(i == from ? "" : ",")}}}{"labels": {"alertname": "Down", "severity": "critical", "service": "storm-{{{i % Services}}}", "instance": "i{{{i}}}"}, "startsAt": "{{{starts}}}", "endsAt": "{{{ends}}}"}""");
            Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/api/v2/alerts", body.Append(']').ToString())).Status);
        }
    }
}
