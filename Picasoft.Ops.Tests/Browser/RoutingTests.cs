using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>"Would I be told?" and "why was I not?", as somebody asks them in the page.</summary>
public sealed class RoutingTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task An_imagined_alert_is_played_through_rule_by_rule_at_the_hour_that_is_typed()
    {
        await using (var db = triage.CreateDbContext())
        {
            db.Policies.Add(new() { Kind = PolicyKind.Maintenance, Name = "updates", Definition = Json.Text(new MaintenanceInput { Name = "updates", Match = ["host=\"bob\""], Schedule = "0 5 * * 2", TimeZone = "Europe/Paris", Duration = TimeSpan.FromHours(1) }) });
            db.Channels.Add(new() { Name = "tech-phone", Type = "ntfy", Settings = """{"server": "http://127.0.0.1:9", "topic": "tech"}""" });
            await db.SaveChangesAsync();
        }
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/routing");
        await page.GetByLabel("Labels of the alert, one per line").FillAsync("alertname=HostDown\nhost=bob");
        await PlayAsync("2026-12-01T04:30"); // a Tuesday, half past five in Paris
        await page.Locator(".verdict").GetByText("Nobody is told: maintenance \"updates\" until").WaitForAsync();

        await PlayAsync("2026-12-01T05:30");
        await page.Locator(".verdict").GetByText("Would be told at once: tech (tech-phone)").WaitForAsync();
        await page.GetByText("Maintenance “updates” covers it, but is not open then.").WaitForAsync();

        async Task PlayAsync(string at)
        {
            await page.GetByLabel("At (UTC; empty: now)").FillAsync(at);
            await page.GetByRole(AriaRole.Button, new() { Name = "Play it through" }).ClickAsync();
        }
    }

    [Fact]
    public async Task The_incident_says_why_nobody_was_told()
    {
        var now = TimeProvider.System.GetUtcNow();
        var labels = LabelSet.Of(("alertname", "Why"), ("service", "why"), ("severity", "high"));
        await using var db = triage.CreateDbContext();
        var silence = db.Silences.Add(new() { Uuid = Guid.NewGuid(), Matchers = ["service=\"why\""], StartsAt = now.AddHours(-1), EndsAt = now.AddHours(3), CreatedAt = now, UpdatedAt = now, CreatedBy = "sacha", Comment = "We know." }).Entity;
        await db.SaveChangesAsync();
        var number = await triage.AlertAsync(labels);
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, $"/incidents/{number}");
        await page.GetByText($"Nobody is told: silence #{silence.Id} until").WaitForAsync();
    }
}
