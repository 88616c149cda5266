using Microsoft.Playwright;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>A recovery plan is written where one is when it is needed: on a phone.</summary>
public sealed class PlanFormTests(OpsApi api, Support.Browser browser) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task The_whole_plan_is_printed_black_on_white_without_what_one_can_press()
    {
        await using var camille = await browser.OpenAsync(api.Host, dark: true);
        var page = await Support.Browser.GoAsync(camille, "/recovery/document");
        Assert.True(await BrightnessAsync(page, "body", "color") > 150, "on the screen it is dark");
        await page.EvaluateAsync("() => { window.print = () => window.printed = true; }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Print", Exact = true }).ClickAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => window.printed === true"));

        await page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.True(await BrightnessAsync(page, "main p", "color") < 80);
        foreach (var unseen in new[] { ".side", ".page-actions", ".skip" }) await Assertions.Expect(page.Locator(unseen).First).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator("h1")).ToBeVisibleAsync();
    }

    /// <summary>From 0 to 255.</summary>
    private static Task<double> BrightnessAsync(IPage page, string selector, string property) => page.EvaluateAsync<double>(
        "([selector, property]) => { const c = getComputedStyle(document.querySelector(selector))[property].match(/[\\d.]+/g).map(Number); return (c[0] + c[1] + c[2]) / 3; }", new[] { selector, property });

    [Theory, InlineData(false, 1366), InlineData(true, 390)]
    public async Task A_plan_that_one_administrator_made_laxer_says_so_until_another_agrees(bool dark, int width)
    {
        var (name, steps) = ($"lax-{width}", new[] { new { title = "Start it again", destructive = true, docker = new { container = "wiki", action = "restart" } } });
        await api.PostAsync("/api/v1/services", new { name });
        await api.PostAsync("/api/v1/recovery/plans", new { name, service = name, people = 2, steps });
        using (var other = await api.AdministratorAsync(name)) await other.PutAsync($"/api/v1/recovery/plans/{name}", new { service = name, people = 1, steps });

        await using var camille = await browser.OpenAsync(api.Host, dark: dark, width: width);
        var page = await Support.Browser.GoAsync(camille, $"/recovery/plans/{name}");
        var note = page.Locator(".note", new() { HasText = $"{name} wants this plan laxer" });
        await note.WaitForAsync();
        await Support.Browser.AssertNoBarriersAsync(page);
        if (Environment.GetEnvironmentVariable("OPS_TEST_PICTURES") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        await note.GetByRole(AriaRole.Button, new() { Name = "Agree to the change" }).ClickAsync();
        await note.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Null((await api.GetAsync($"/api/v1/recovery/plans/{name}"))["laxBy"].GetString());

        // What a program made laxer: two people, and the page says that one's word is taken already.
        await api.PutAsync($"/api/v1/recovery/plans/{name}", new { service = name, people = 2, steps });
        await api.PutAsync($"/api/v1/recovery/plans/{name}", new { service = name, people = 1, steps });
        await page.GetByText("A program (").WaitForAsync();
        await page.Locator(".note").GetByRole(AriaRole.Button, new() { Name = "Agree to the change" }).ClickAsync();
        await page.GetByText("Your word is one of the two already").WaitForAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Agree to the change" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_plan_is_written_step_by_step_put_in_order_and_mended_where_it_is_wrong()
    {
        await api.PostAsync("/api/v1/services", new { name = "wekan" });
        await using var camille = await browser.OpenAsync(api.Host, width: 390);
        var page = await Support.Browser.GoAsync(camille, "/recovery/plans/new");
        await page.FillAsync("#field-name", "bring-back");
        await page.SelectOptionAsync("#field-service", "wekan");
        var add = page.GetByRole(AriaRole.Button, new() { Name = "Add a step", Exact = true });

        await add.ClickAsync();
        await page.FillAsync("#field-steps-0-title", "Start it again");
        await page.SelectOptionAsync("#field-steps-0-way", "docker");
        await page.FillAsync("#field-steps-0-docker-container", "wekan");
        await add.ClickAsync();
        await page.FillAsync("#field-steps-1-title", "Is it down?");
        await page.SelectOptionAsync("#field-steps-1-way", "check");
        await page.SelectOptionAsync("#field-steps-1-check-way", "url");
        await page.FillAsync("#field-steps-1-check-url", "http://127.0.0.1:9/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Step 2: one place up" }).ClickAsync();
        await Assertions.Expect(page.Locator("#field-steps-0-title")).ToHaveValueAsync("Is it down?");

        // What it is to do to the container was not said: told there, and nothing that was typed is gone.
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator(".settings-summary a")).ToHaveTextAsync("Step 2 · Action");
        await Assertions.Expect(page.Locator("#field-steps-1-docker-action")).ToHaveAttributeAsync("aria-invalid", "true");
        await Support.Browser.AssertNoBarriersAsync(page);
        Assert.Equal(390, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        await page.SelectOptionAsync("#field-steps-1-docker-action", "restart");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Support.Browser.AtAsync(page, "/recovery/plans/bring-back");

        var plan = await api.GetAsync("/api/v1/recovery/plans/bring-back");
        Assert.Equal(["Is it down?", "Start it again"], plan["steps"].EnumerateArray().Select(s => s.GetProperty("title").GetString()));
        Assert.Equal("http://127.0.0.1:9/", plan["steps"][0].GetProperty("check").GetProperty("url").GetString());
        Assert.Equal(("wekan", "restart"), (plan["steps"][1].GetProperty("docker").GetProperty("container").GetString(), plan["steps"][1].GetProperty("docker").GetProperty("action").GetString()));

        // And changed: another way takes the place of what was there.
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit", Exact = true }).ClickAsync();
        await page.SelectOptionAsync("#field-steps-1-way", "manual");
        await page.FillAsync("#field-steps-1-manual", "Call the data centre.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await page.GetByText("Call the data centre.").WaitForAsync();
        Assert.Equal("Call the data centre.", (await api.GetAsync("/api/v1/recovery/plans/bring-back"))["steps"][1].GetProperty("manual").GetString());
    }
}
