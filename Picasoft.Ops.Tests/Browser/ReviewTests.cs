using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Notifications;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>The weekly review as those see it who were called: what called, how it was taken, what was noise, and its three ways to less of it.</summary>
public sealed class ReviewTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task What_called_for_nothing_is_named_with_the_ways_to_make_it_quieter_and_they_work()
    {
        string week;
        await using var ntfy = await HttpDouble.StartAsync(_ => (200, """{"id": "x"}"""));
        await using (var db = triage.CreateDbContext())
        {
            db.Channels.Add(new() { Name = "room", Type = "ntfy", Settings = $$"""{"server": "http://127.0.0.1:{{ntfy.Port}}", "topic": "tech"}""" });
            await db.SaveChangesAsync();
        }
        var labels = LabelSet.Of(("alertname", "probe_down"), ("probe", "door-bell"), ("service", "keys"), ("severity", "high"));
        var number = await triage.AlertAsync(labels);
        await ToldAsync(number);
        await triage.AlertAsync(labels, TimeProvider.System.GetUtcNow());
        var taken = await triage.AlertAsync(LabelSet.Of(("alertname", "Flood"), ("service", "cellar"), ("severity", "high")));
        await ToldAsync(taken);
        await triage.Actions.AcknowledgeAsync(taken, Triage.Sacha, null, null, null, CancellationToken.None);

        await using (var db = triage.CreateDbContext())
        {
            // All in the week of the first: another may have begun since.
            var first = await db.Deliveries.Where(d => d.IncidentNumber == number).MinAsync(d => d.CreatedAt);
            await db.Deliveries.Where(d => d.IncidentNumber == number || d.IncidentNumber == taken).ExecuteUpdateAsync(d => d.SetProperty(x => x.CreatedAt, first));
            week = $"?week={WallClock.Of("Europe/Paris").Local(first):yyyy-MM-dd}";
        }
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/on-call/review" + week);
        var noisy = page.Locator("section.card li").Filter(new() { Has = page.Locator($"a[href='/incidents/{number}']") });
        await noisy.GetByText("1×, 1 for nothing").WaitForAsync();
        var rows = page.Locator("table.data tbody tr");
        Assert.Contains("ended by itself", await rows.Filter(new() { HasText = $"#{number}" }).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("sacha", await rows.Filter(new() { HasText = $"#{taken}" }).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("50%", (await page.Locator("dl.facts dd").Last.InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal));

        // Raise the threshold: the rule itself. What comes from outside has none here.
        Assert.Equal("/probes/door-bell/edit", await noisy.GetByRole(AriaRole.Link, new() { Name = "Raise the threshold" }).GetAttributeAsync("href"));
        Assert.Equal(0, await page.Locator("section.card li").Filter(new() { Has = page.Locator($"a[href='/incidents/{taken}']") }).GetByRole(AriaRole.Link, new() { Name = "Raise the threshold" }).CountAsync());

        // Once a day: a route before all others, and the policy that it leads to.
        await noisy.GetByRole(AriaRole.Button, new() { Name = "Tell once a day only" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Once a day" }).ClickAsync();
        await page.GetByText("From now on this is told once a day.").WaitForAsync();
        await using (var db = triage.CreateDbContext())
        {
            var route = Json.Parse<RouteInput>(db.Policies.Single(p => p.Kind == PolicyKind.Route && p.Position == 1).Definition);
            Assert.Equal(QuieterActions.Digest, route.Escalation);
            Assert.Contains("probe=\"door-bell\"", route.Match);
            Assert.Equal("08:00", Json.Parse<EscalationInput>(db.Policies.Single(p => p.Kind == PolicyKind.Escalation && p.Name == QuieterActions.Digest).Definition).Digest);
        }

        // Silence: filled in with what it is about.
        await noisy.GetByRole(AriaRole.Link, new() { Name = "Silence" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/silences/new*");
        await Support.Browser.ReadyAsync(page);
        Assert.Contains("keys", await page.GetByLabel("Condition 1", new() { Exact = true }).InputValueAsync(), StringComparison.Ordinal);

        var markdown = await camille.APIRequest.GetAsync($"/api/v1/on-call/review{week}&format=markdown");
        Assert.StartsWith("text/markdown", markdown.Headers["content-type"], StringComparison.Ordinal);
        Assert.Contains($"| {number} |", await markdown.TextAsync(), StringComparison.Ordinal);
    }

    private Task ToldAsync(long incident) => Eventually.TrueAsync(() =>
    {
        using var db = triage.CreateDbContext();
        return Task.FromResult(db.Deliveries.Any(d => d.IncidentNumber == incident && d.State == DeliveryState.Sent));
    }, "somebody is told");
}
