using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>From a compose file to probes, on a phone: what would come is shown, and only what is ticked does.</summary>
public sealed class ImportTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    private const string Compose = """
        name: carnet
        services:
          carnet:
            image: carnet
            container_name: carnet
            depends_on: [carnetdb]
            labels: ['traefik.http.routers.c.rule=Host(`carnet.example.org`)', 'traefik.http.routers.c.tls=true']
          carnetdb: {image: 'mariadb:10', container_name: carnetdb}
        """;

    [Fact]
    public async Task What_is_ticked_comes_with_what_it_needs_and_the_rest_does_not()
    {
        await using var camille = await browser.OpenAsync(triage.Host, width: 390);
        var page = await Support.Browser.GoAsync(camille, "/configuration/import");
        await page.Locator("#import-kind").SelectOptionAsync("compose");
        await page.Locator("#import-host").FillAsync("alice");
        await page.Locator("#import-text").FillAsync("services: 3");
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would come" }).ClickAsync();
        await page.Locator(".note.error").WaitForAsync();

        await page.Locator("#import-text").FillAsync(Compose);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would come" }).ClickAsync();
        await page.Locator("table.proposal").WaitForAsync();
        Assert.Contains("depends_on: [carnetdb]", await page.Locator("table.proposal").InnerTextAsync(), StringComparison.Ordinal);
        var boxes = page.Locator("table.proposal input[type=checkbox]");
        for (var i = 0; i < await boxes.CountAsync(); i++) await boxes.Nth(i).UncheckAsync();
        Assert.True(await page.GetByRole(AriaRole.Button, new() { Name = "Take over 0" }).IsDisabledAsync());
        await page.GetByLabel("probe:carnet-web").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take over 1" }).ClickAsync();

        await using var db = triage.CreateDbContext();
        await Eventually.TrueAsync(() => db.Probes.AnyAsync(p => p.Name == "carnet-web"), "the probe is there");
        Assert.Equal(["carnet-web"], await db.Probes.Where(p => p.Name.StartsWith("carnet")).Select(p => p.Name).ToListAsync());
        Assert.Equal(["carnet", "carnetdb"], await db.Services.Where(s => s.Name.StartsWith("carnet")).Select(s => s.Name).Order().ToListAsync()); // what it names came along
    }
}
