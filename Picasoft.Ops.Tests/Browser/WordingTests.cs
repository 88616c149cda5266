using Microsoft.Playwright;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>The wording of messages in the page: seen while it is typed, mistakes with their place, and the way back.</summary>
public sealed class WordingTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task What_is_typed_is_shown_as_its_reader_would_see_it_and_a_mistake_with_its_place()
    {
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/message-templates");
        await page.Locator(".preview select").First.SelectOptionAsync("sms_ovh");
        var shown = page.Locator(".preview-message");
        await shown.GetByText("#128").WaitForAsync();

        var sms = page.GetByLabel("Text message", new() { Exact = true });
        await sms.FillAsync("{{ severity_word | upcase }} on {{ service_title }}");
        await shown.GetByText("CRITICAL on Mattermost").WaitForAsync();
        await sms.FillAsync("one\n{{ titel }}");
        await page.GetByText("Line 2, column 4: there is no value “titel”").WaitForAsync();
        await sms.FillAsync("{{ severity_word | upcase }} on {{ service_title }}");
        await page.Locator(".preview select").Last.SelectOptionAsync("fr");
        await shown.GetByText("CRITIQUE on Mattermost").WaitForAsync();
        // A mail is shown as the page that it is, cut off from ours.
        await page.Locator(".preview select").First.SelectOptionAsync("email");
        await page.FrameLocator(".preview iframe[sandbox]").GetByText("Mattermost ne répond plus").First.WaitForAsync();

        // Every reader sees something, and what is shown names whose it is.
        foreach (var reader in await page.Locator(".preview select").First.Locator("option").AllInnerTextsAsync())
        {
            await page.Locator(".preview select").First.SelectOptionAsync(new SelectOptionValue { Label = reader });
            var seen = page.GetByRole(AriaRole.Group, new() { Name = reader, Exact = true });
            await seen.WaitForAsync();
            Assert.True((await seen.InnerTextAsync()).Trim().Length > 10, reader);
        }
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByText("Saved: the next message is worded so.").WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Back to the product’s words" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Back to the product’s words" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await page.GetByLabel("Text message", new() { Exact = true }).InputValueAsync()).Length == 0, "it is empty again");
    }
}
