using Microsoft.Playwright;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>A contact check from the button to the mailbox, over a real mail server, and what the page and the log of deliveries say of it.</summary>
public sealed class ReachTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task The_button_sends_a_mail_and_says_what_came_of_it_there_and_in_the_log_also_when_the_server_is_down()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();
        await using (var db = triage.CreateDbContext())
        {
            db.Channels.Add(new() { Name = "tech-mail", Type = "email", Settings = $$"""{"from": "ops@example.org", "to": ["tech@example.org"], "smtp": {"host": "127.0.0.1", "port": {{server.Port}}, "tls": "none"} }""" });
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
        await using var camille = await browser.OpenAsync(triage.Host);
        var page = await Support.Browser.GoAsync(camille, "/on-call/me");
        var button = page.GetByRole(AriaRole.Button, new() { Name = "Reach me now" });
        await button.ClickAsync();

        // At the server: to her and nobody else.
        var mail = await server.WaitForMessageAsync(_ => true);
        Assert.Equal(Cast.CamilleMail, mail.To.Mailboxes.Single().Address);
        Assert.Equal("ops@example.org", mail.From.Mailboxes.Single().Address);
        // In the page: through what, to where, and the server's own answer.
        var sent = page.Locator(".reach li");
        await sent.GetByText("handed over").WaitForAsync();
        Assert.Matches(@"tech-mail\s+camille@example\.org\s+handed over\s+.*queued as", (await sent.InnerTextAsync()).ReplaceLineEndings(" "));

        // What a server took is not yet what a person saw: they say so with the link in the mail. A program that only follows it says nothing.
        var link = new Uri(System.Text.RegularExpressions.Regex.Match(mail.TextBody ?? "", @"Oui, c’est arrivé.*?(?<link>https?://\S+/received/\S+)", System.Text.RegularExpressions.RegexOptions.Singleline | System.Text.RegularExpressions.RegexOptions.ExplicitCapture).Groups["link"].Value).PathAndQuery;
        await using var phone = await browser.OpenAsync(triage.Host, null, "en-GB", width: 390, height: 844);
        var reader = await phone.NewPageAsync();
        await reader.GotoAsync(link[..^2] + "xx");
        Assert.Equal(0, await reader.GetByRole(AriaRole.Button).CountAsync());
        await reader.GotoAsync(link);
        Assert.Equal(0, await sent.GetByText("arrived").CountAsync());
        await reader.GetByRole(AriaRole.Button, new() { Name = "Yes, it arrived" }).ClickAsync();
        await reader.GetByText("Noted, thank you: tech-mail reaches camille.").WaitForAsync();
        await Support.Browser.AssertNoBarriersAsync(reader);
        await sent.GetByText("arrived").WaitForAsync();

        // In the log, which the page leads to.
        await page.Locator("a[href^='/deliveries']").Filter(new() { HasText = "What became of it" }).ClickAsync();
        await Support.Browser.AtAsync(page, "/deliveries?*camille*");
        var row = page.Locator("table.data tbody tr").First;
        await row.GetByText("queued as").WaitForAsync();
        await row.GetByText("arrival confirmed").WaitForAsync();
        Assert.Matches(@"camille.*tech-mail.*camille@example\.org", (await row.Locator("th").InnerTextAsync()).ReplaceLineEndings(" "));
        Assert.Single(await server.ReadMessagesAsync());

        // A server that is down is a result too, at once and in words.
        await server.StopAsync();
        await page.GotoAsync("/on-call/me");
        await Support.Browser.ReadyAsync(page);
        await button.ClickAsync();
        await sent.GetByText("failed").WaitForAsync();
        Assert.Contains($"127.0.0.1:{server.Port}", await sent.InnerTextAsync(), StringComparison.Ordinal);
        await page.GotoAsync("/deliveries?person=camille&state=failed");
        await page.Locator("table.data tbody tr").First.GetByText($"127.0.0.1:{server.Port}").WaitForAsync();
    }
}
