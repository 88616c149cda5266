using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>Turns as people live them, with a real mail server: a note is left, somebody takes over on the phone and hears what they should know; a night is asked for and given.</summary>
public sealed class TurnTests(Triage triage, Support.Browser browser) : IClassFixture<Triage>
{
    [Fact]
    public async Task Who_takes_over_hears_what_they_should_know_and_a_swap_is_asked_for_and_accepted_by_mail_and_phone()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();
        await using (var db = triage.CreateDbContext())
        {
            db.Channels.Add(new() { Name = "turn-mail", Type = "email", Settings = $$"""{"from": "ops@example.org", "to": ["tech@example.org"], "smtp": {"host": "127.0.0.1", "port": {{server.Port}}, "tls": "none"} }""" });
            db.Policies.Add(new() { Kind = PolicyKind.Schedule, Name = "turn", Definition = Json.Text(new ScheduleInput { Name = "turn", Title = "Serveurs", Rotation = new() { People = ["camille"], Every = TimeSpan.FromDays(7), Handoff = "Monday 18:00" } }) });
            await db.SaveChangesAsync();
            await ChangeSignal.PublishAsync(db, OnCallActions.Topic, 0, TestContext.Current.CancellationToken);
        }
        (await server.WaitForMessageAsync(m => m.To.Mailboxes.Single().Address == Cast.CamilleMail)).Dispose(); // hers begins with the schedule

        await using var camille = await browser.OpenAsync(triage.Host);
        var desk = await Support.Browser.GoAsync(camille, "/on-call?schedule=turn");
        await desk.GetByText("Write a new one").ClickAsync();
        await desk.GetByLabel("For whoever comes next (Markdown)").FillAsync("The disk of **bob** fills up.");
        await desk.GetByRole(AriaRole.Button, new() { Name = "Save the note" }).ClickAsync();
        await desk.Locator("strong").GetByText("bob", new() { Exact = true }).WaitForAsync();

        await using var sacha = await browser.OpenAsync(triage.Host, Cast.SachaMail, width: 390, height: 844);
        var phone = await Support.Browser.GoAsync(sacha, "/on-call?schedule=turn");
        Assert.Equal("sacha", await phone.Locator(".shift-panel select").First.InputValueAsync()); // oneself, from now on
        await phone.Locator(".shift-panel button.primary").ClickAsync();

        using var mail = await server.WaitForMessageAsync(m => m.To.Mailboxes.Single().Address == Cast.SachaMail);
        Assert.Equal("[Picasoft.Ops] Vous êtes d’astreinte pour Serveurs", mail.Subject);
        Assert.Contains("The disk of **bob** fills up.", mail.TextBody!, StringComparison.Ordinal);
        Assert.Matches(@"Avant vous.*camille", mail.TextBody!);
        var link = Regex.Match(mail.TextBody!, @"https?://\S+/on-call\?schedule=turn").Value;
        await phone.GotoAsync(new Uri(link).PathAndQuery);
        await Support.Browser.ReadyAsync(phone);
        var now = phone.GetByRole(AriaRole.List, new() { Name = "On call now" }).GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Serveurs" });
        await now.GetByText("sacha", new() { Exact = true }).WaitForAsync();
        await phone.Locator("strong").GetByText("bob", new() { Exact = true }).WaitForAsync();
        await Support.Browser.AssertNoBarriersAsync(phone);
        await phone.GotoAsync("/");
        await Support.Browser.ReadyAsync(phone);
        await phone.Locator(".on-call-strip").GetByText("Serveurs: sacha").WaitForAsync(); // the inbox says who it is, too
        Assert.Equal(2, (await server.ReadMessagesAsync()).Count); // each of the two was told once

        // A day that is camille's: she asks sacha, who reads it on the phone and says yes.
        await desk.GotoAsync("/on-call?schedule=turn&on=2031-03-01");
        await desk.Locator(".on-call[data-ready]").WaitForAsync();
        await DayOf(desk, "12").Locator(".pick").ClickAsync();
        await desk.GetByText("The chosen hours").WaitForAsync();
        await desk.Locator(".shift-panel select").Last.SelectOptionAsync("swap");
        await Eventually.TrueAsync(async () => await desk.Locator(".shift-panel select").First.InputValueAsync() != "camille", "one asks somebody else");
        await desk.Locator(".shift-panel select").First.SelectOptionAsync("sacha");
        await desk.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
        using var asked = await server.WaitForMessageAsync(m => m.Subject == "[Picasoft.Ops] camille vous demande de prendre son astreinte (Serveurs)");
        Assert.Equal(Cast.SachaMail, asked.To.Mailboxes.Single().Address);
        await phone.GotoAsync(new Uri(Regex.Match(asked.TextBody!, @"https?://\S+/on-call\?schedule=turn").Value).PathAndQuery);
        await Support.Browser.ReadyAsync(phone);
        await phone.GetByText("camille asks you to take over").WaitForAsync();
        await Support.Browser.AssertNoBarriersAsync(phone);
        await phone.GetByRole(AriaRole.Button, new() { Name = "Accept" }).ClickAsync();
        using var given = await server.WaitForMessageAsync(m => m.Subject == "[Picasoft.Ops] sacha prend votre astreinte (Serveurs)");
        Assert.Equal(Cast.CamilleMail, given.To.Mailboxes.Single().Address);
        await DayOf(desk, "12").GetByText("sacha").First.WaitForAsync(); // her page shows it by itself
        var at = await (await camille.APIRequest.GetAsync("/api/v1/on-call?schedule=turn&at=2031-03-12T12:00:00Z")).JsonAsync();
        Assert.Equal("sacha", at!.Value.GetProperty("items")[0].GetProperty("people")[0].GetString());
    }

    private static ILocator DayOf(IPage page, string day) => page.Locator(".calendar td:not(.outside)").Filter(new() { Has = page.Locator($".day:text-is('{day}')") });
}
