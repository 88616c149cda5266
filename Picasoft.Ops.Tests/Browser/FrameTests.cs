using Microsoft.Playwright;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>The frame of every page: it follows the browser's language and theme until somebody chooses another, and its menu works with a thumb.</summary>
public sealed class FrameTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    private const string Background = "() => getComputedStyle(document.body).backgroundColor";

    [Fact]
    public async Task The_language_is_the_browsers_until_another_is_chosen_and_then_that_one()
    {
        await using var french = await browser.OpenAsync(triage.Host, language: "fr-FR");
        var page = await Support.Browser.GoAsync(french, "/services?sort=name");
        Assert.Equal("fr", await page.GetAttributeAsync("html", "lang"));
        await page.Locator(".side").GetByRole(AriaRole.Button, new() { Name = "English" }).ClickAsync();
        await page.Locator("html[lang=en]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        Assert.EndsWith("/services?sort=name", page.Url, StringComparison.Ordinal); // where one was
        var other = await Support.Browser.GoAsync(french, "/silences"); // another tab, and so the next visit
        Assert.Equal("en", await other.GetAttributeAsync("html", "lang"));
        // What is pushed to an open page is in its language too, whoever caused it.
        var inbox = await Support.Browser.GoAsync(french, "/");
        var incident = await triage.DeclareAsync("In which language?");
        await inbox.Locator($"tr[data-n='{incident.Number}']").GetByText("Open", new() { Exact = true }).WaitForAsync();
    }

    [Fact]
    public async Task The_theme_is_the_systems_until_the_other_is_chosen()
    {
        await using var night = await browser.OpenAsync(triage.Host, dark: true);
        var page = await Support.Browser.GoAsync(night, "/services");
        var dark = await page.EvaluateAsync<string>(Background);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        var light = await page.EvaluateAsync<string>(Background);
        Assert.NotEqual(dark, light); // it follows at once
        await page.Locator(".side [data-theme-switch]").ClickAsync();
        Assert.Equal(dark, await page.EvaluateAsync<string>(Background));
        await page.ReloadAsync();
        Assert.Equal(dark, await page.EvaluateAsync<string>(Background)); // in the first paint already, before any script
        Assert.Equal("dark", await page.GetAttributeAsync("html", "data-theme"));
        await Support.Browser.ReadyAsync(page);
        await page.Locator(".side [data-theme-switch]").ClickAsync();
        Assert.Null(await page.GetAttributeAsync("html", "data-theme")); // as the system again
    }

    [Fact]
    public async Task On_a_phone_every_page_is_two_touches_away_and_each_target_is_large_enough()
    {
        await using var phone = await browser.OpenAsync(triage.Host, width: 390, height: 844);
        var page = await Support.Browser.GoAsync(phone, "/");
        await page.Locator(".bar summary").ClickAsync();
        foreach (var target in await page.Locator(".bar a:visible, .bar summary:visible, .bar button:visible").AllAsync())
            Assert.True(await target.BoundingBoxAsync() is { Height: >= 44, Width: >= 44 }, await target.InnerTextAsync());
        await page.Locator(".sheet").GetByRole(AriaRole.Link, new() { Name = "Audit log" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/audit");
        await page.Locator(".sheet").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await page.Locator(".bar summary").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Locator(".sheet").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
    }
}
