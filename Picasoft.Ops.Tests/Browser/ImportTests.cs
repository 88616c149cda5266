using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>From a compose file to probes, on a phone: what would come is shown, and only what is ticked does.</summary>
public sealed class ImportTests(Triage triage, Support.Browser browser, DockerEngine engine) : IClassFixture<Triage>
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

    [Fact]
    public async Task What_an_engine_runs_is_learned_and_what_it_learns_later_is_added()
    {
        await engine.RequireAsync();
        var (wiki, data) = (DockerEngine.NameOf("wiki"), DockerEngine.NameOf("wikidb"));
        await engine.StartAsync(wiki, "sleep 1000");
        await using var camille = await browser.OpenAsync(triage.Host, width: 390);
        var page = await Support.Browser.GoAsync(camille, "/configuration/import");
        await page.Locator("#import-kind").SelectOptionAsync("docker");
        await page.Locator("#import-host").FillAsync("alice");
        await page.Locator("#import-engine").FillAsync("/nowhere.sock");
        await LookAsync(page);
        await page.Locator(".note.error").GetByText("nobody listens on /nowhere.sock").WaitForAsync();

        await page.Locator("#import-engine").FillAsync(engine.Socket);
        await LookAsync(page);
        await TakeAsync(page, $"probe:{wiki}-container");
        await using var db = triage.CreateDbContext();
        await Eventually.TrueAsync(() => db.Probes.AnyAsync(p => p.Name == $"{wiki}-container"), "the probe is there");
        Assert.Empty((await db.Services.AsNoTracking().SingleAsync(s => s.Name == wiki)).DependsOn);

        // It is made anew, with a database: what is there stays, and the dependency is offered.
        await engine.DoAsync("rm", "--force", wiki);
        await engine.StartAsync(data, "sleep 1000");
        await engine.StartAsync(wiki, "sleep 1000", "--env", $"DB_HOST={data}");
        await LookAsync(page);
        var row = page.Locator("table.proposal tr").Filter(new() { Has = page.GetByLabel($"Take over service:{wiki}", new() { Exact = true }) });
        await row.GetByText($"+ depends_on: [{data}]").WaitForAsync();
        await TakeAsync(page, $"service:{wiki}");
        await Eventually.TrueAsync(async () => (await db.Services.AsNoTracking().SingleAsync(s => s.Name == wiki)).DependsOn.SequenceEqual([data]), "the dependency is known");
    }

    private static Task LookAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "See what would come" }).ClickAsync();

    /// <summary>One of all that is proposed.</summary>
    private static async Task TakeAsync(IPage page, string key)
    {
        await page.GetByLabel($"Take over {key}", new() { Exact = true }).WaitForAsync();
        var boxes = page.Locator("table.proposal input[type=checkbox]");
        for (var i = await boxes.CountAsync() - 1; i >= 0; i--) await boxes.Nth(i).UncheckAsync();
        await page.GetByLabel($"Take over {key}", new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take over 1" }).ClickAsync();
    }
}
