using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>Two nodes on one database behind HAProxy, as docker/ha has it: whoever was served by the one that dies goes on with the other, without signing in again.</summary>
public sealed partial class TwoNodesTests(PostgresFixture postgres, Support.Browser browser)
{
    [Fact]
    public async Task Who_is_signed_in_on_one_goes_on_with_the_other_when_it_dies()
    {
        using var folder = new TempFolder();
        var database = await postgres.CreateDatabaseAsync();
        // The key that seals is the same on both, as docs/running says; all else they share is in the database.
        var environment = new Dictionary<string, string> { ["OPS_SECRET_KEY"] = new('k', 40), ["OPS_BOOTSTRAP_ADMIN"] = $"{Cast.CamilleMail}:{Cast.Password}", ["OPS_BOOTSTRAP_TOKEN"] = new('t', 40) };
        Dictionary<string, string> Of(string node) => new(environment) { ["OPS_NODE"] = node };
        await using var alice = await OpsHost.StartAsync(folder["alice"], database, environment: Of("alice"));
        await using var bob = await OpsHost.StartAsync(folder["bob"], database, environment: Of("bob"));
        await using var proxy = await RealProgram.StartAsync("haproxy", port =>
        {
            File.WriteAllText(folder["haproxy.cfg"], $"""
                defaults
                    mode http
                    timeout connect 2s
                    timeout client 5m
                    timeout server 5m
                    timeout check 10s
                    default-server inter 2s fall 2 rise 1 on-marked-down shutdown-sessions
                listen ops
                    bind 127.0.0.1:{port}
                    option httpchk GET /readyz
                    option redispatch
                    retry-on conn-failure empty-response
                    cookie node insert indirect nocache httponly
                    server alice 127.0.0.1:{alice.Address.Port} check cookie alice
                    server bob 127.0.0.1:{bob.Address.Port} check cookie bob

                """);
            return ["-db", "-f", folder["haproxy.cfg"]];
        }, RealProgram.ListensAsync);
        using (var declare = new HttpRequestMessage(HttpMethod.Post, "/api/v2/alerts") { Content = new StringContent("""[{"labels": {"alertname": "Nodes", "severity": "critical", "service": "nodes"}}]""", Encoding.UTF8, "application/json") })
        {
            declare.Headers.Authorization = new("Bearer", new string('t', 40));
            (await bob.Client.SendAsync(declare)).EnsureSuccessStatusCode();
        }

        // The session is made on alice herself; behind the proxy it holds wherever one is sent.
        await using var context = await browser.OpenAsync(alice, address: proxy.Address);
        var page = await Support.Browser.GoAsync(context, "/");
        var acknowledge = page.GetByRole(AriaRole.Button, new() { NameRegex = AcknowledgeAny() }).First;
        await acknowledge.WaitForAsync();
        var first = await NodeAsync(context);
        await page.EvaluateAsync("() => { window.before = true; }"); // a page that is loaded anew forgets this
        await (first == "alice" ? alice : bob).KillAsync();

        // The open page finds the other node by itself: nobody loads it anew, nobody signs in again.
        var stands = "";
        await Eventually.TrueAsync(async () =>
        {
            try { return (stands = await page.EvaluateAsync<string>("() => [window.before === true ? 'old' : 'new', document.readyState, document.getElementById('late') ? 'still' : 'live', document.querySelector('[data-interactive=\"1\"]') ? 'alive' : 'dead', document.getElementById('components-reconnect-modal')?.dataset.state].join(' ')")).StartsWith("new complete live alive", StringComparison.Ordinal); }
            catch (PlaywrightException) { return false; } // just then it went
        }, () => $"the page is loaded anew and alive; it is {stands}", 120);
        Assert.NotEqual(first, await NodeAsync(context));
        Assert.DoesNotContain("/login", page.Url, StringComparison.Ordinal);
        await page.Locator(".board[data-ready]").WaitForAsync(new() { State = WaitForSelectorState.Attached }); // a click before is nobody's
        await acknowledge.ClickAsync();
        await acknowledge.WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    private static async Task<string> NodeAsync(IBrowserContext context) => (await context.CookiesAsync()).SingleOrDefault(c => c.Name == "node")?.Value ?? "";

    [GeneratedRegex("^Acknowledge #")]
    private static partial Regex AcknowledgeAny();
}
