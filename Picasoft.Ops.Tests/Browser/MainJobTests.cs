using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>
/// What the product is for, from end to end, with nothing pretended: its own process and PostgreSQL, a real web server that stops and comes back,
/// a real mail server, two browsers.
/// </summary>
public sealed class MainJobTests(Support.Browser browser)
{
    private const string Token = "the-token-of-the-main-job-0123456789";

    [Fact]
    public async Task A_service_that_breaks_is_noticed_told_worked_on_and_seen_to_come_back()
    {
        Assert.SkipUnless(MailServer.CanRun, "needs root, Postfix and Dovecot");
        using var folder = new TempFolder();
        await using var mail = await MailServer.CreateAsync();
        await using var web = await WebTarget.StartAsync();
        await using var ops = await OpsHost.StartAsync(folder["data"], environment: new Dictionary<string, string>
        {
            ["OPS_BOOTSTRAP_ADMIN"] = $"{Cast.CamilleMail}:{Cast.Password}",
            ["OPS_BOOTSTRAP_TOKEN"] = Token,
        });
        ops.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);

        await PostAsync(ops, "services", new { name = "wiki", title = "Wiki", criticality = "critical", runbook = "# Wiki\n\nRestart it: `systemctl restart wiki`" });
        await PostAsync(ops, "channels", new { name = "tech-mail", type = "email", from = "ops@example.org", to = new[] { "tech@example.org" }, language = "en", smtp = new { host = "127.0.0.1", port = mail.Port, tls = "none" } });
        await PostAsync(ops, "probes", new { name = "wiki-home", service = "wiki", type = "http", interval = "5s", timeout = "5s", failures = 2, severity = "critical", http = new { url = web.Url("/") } });
        await Eventually.TrueAsync(() => Task.FromResult(web.Hits > 0), "the probe checks the web server");

        await using var desk = await browser.OpenAsync(ops);
        await using var phone = await browser.OpenAsync(ops, language: "fr-FR", width: 390, height: 844);
        var inbox = await Support.Browser.GoAsync(desk, "/");
        var pocket = await Support.Browser.GoAsync(phone, "/");
        await inbox.GetByText("All is calm").WaitForAsync();

        // It breaks. (How soon it is told is measured by ./ops bench outage.)
        await web.StopAsync();
        await Task.WhenAll(inbox.Locator("tr[data-n='1']").WaitForAsync(), pocket.Locator("tr[data-n='1']").WaitForAsync());
        var first = await mail.WaitForMessageAsync(m => m.Subject!.Contains("#1", StringComparison.Ordinal));

        // Somebody works on it.
        await inbox.GetByRole(AriaRole.Link, new() { Name = "#1" }).ClickAsync();
        await inbox.GetByRole(AriaRole.Button, new() { Name = "Acknowledge", Exact = true }).ClickAsync();
        await pocket.Locator("tr[data-n='1']").GetByText("Pris en charge").WaitForAsync();
        await inbox.GetByText("systemctl restart wiki").WaitForAsync();
        await inbox.GetByLabel("Note (Markdown)").FillAsync("The process is **gone**");
        await inbox.GetByRole(AriaRole.Button, new() { Name = "Add the note" }).ClickAsync();
        await inbox.GetByText("Record a recovery action").ClickAsync();
        await inbox.GetByLabel("What was done").FillAsync("Started it again");
        await inbox.GetByLabel("Command (optional)").FillAsync("systemctl start wiki");
        await inbox.GetByLabel("Yes").CheckAsync();
        await inbox.GetByRole(AriaRole.Button, new() { Name = "Record", Exact = true }).ClickAsync();
        await inbox.Locator(".timeline", new() { HasText = "systemctl start wiki" }).WaitForAsync();

        // It comes back, and nobody has to say so.
        await web.StartAsync();
        await inbox.Locator(".st-resolved").First.WaitForAsync();
        await pocket.GetByText("Tout est calme").WaitForAsync();
        var last = await mail.WaitForMessageAsync(m => m != first && m.MessageId != first.MessageId && m.References.Contains(first.MessageId!));
        Assert.Equal(first.MessageId, last.InReplyTo);

        // The whole story stands where people look for it.
        var incident = await IncidentAsync(ops);
        Assert.Equal(("resolved", "camille"), (incident.GetProperty("state").GetString(), incident.GetProperty("acknowledgedBy").GetString()));
        var kinds = incident.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("kind").GetString()!).ToList();
        string[] story = ["opened", "told", "acknowledged", "note", "action", "resolved"];
        Assert.Equal(story, kinds.Where(story.Contains).Distinct());
        var history = await Support.Browser.GoAsync(desk, "/incidents?q=%231&state=resolved");
        await history.Locator(".history tbody tr").GetByText("#1").WaitForAsync();

        // The probe's own page goes on with its results while it is looked at, also when all of them are alike.
        const string Newest = "table.data tbody tr:first-child td:first-child time";
        var probe = await Support.Browser.GoAsync(desk, "/probes/wiki-home");
        var seen = await probe.Locator(Newest).GetAttributeAsync("datetime");
        await probe.Locator($"{Newest}:not([datetime='{seen}'])").WaitForAsync();
    }

    private static async Task PostAsync(OpsHost ops, string what, object body)
    {
        using var answer = await ops.Client.PostAsJsonAsync($"/api/v1/{what}", body);
        Assert.True(answer.IsSuccessStatusCode, $"{what}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static async Task<JsonElement> IncidentAsync(OpsHost ops) => await ops.Client.GetFromJsonAsync<JsonElement>("/api/v1/incidents/1");
}
