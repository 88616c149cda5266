using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>Whatever <c>ops.yaml</c> manages says so on its page, with the line.</summary>
public sealed class ProvenanceTests(PostgresFixture postgres, Support.Browser browser) : IDisposable
{
    private readonly TempFolder _folder = new();

    private const string Written = """
        version: 1
        people: [{name: sacha, email: sacha@example.org}]
        services:
          - {name: wiki}
        probes:
          - {name: wiki-port, service: wiki, type: tcp, enabled: false, tcp: {host: 127.0.0.1, port: 9}}
        schedules:
          - {name: tech, time_zone: Europe/Paris, rotation: {people: [sacha], every: 7d, handoff: "Monday 18:00"}}
        escalations:
          - {name: default, steps: [{notify: ['schedule:tech']}]}
        maintenance:
          - {name: tuesday, match: ['service="wiki"'], schedule: "0 5 * * 2", time_zone: Europe/Paris, duration: 1h}
        clusters:
          - {name: database, engine: patroni, members: {alice: "http://127.0.0.1:9"}}
        recovery_plans:
          - {name: move, service: wiki, steps: [{title: Tell people, manual: Call them}]}
        prevention:
          forecast: 14d

        """;

    [Fact]
    public async Task A_page_names_the_line()
    {
        await File.WriteAllTextAsync(_folder["ops.yaml"], Written);
        await using var ops = await OpsHost.StartAsync(_folder["data"], await postgres.CreateDatabaseAsync(), environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_ADMIN"] = $"{Cast.CamilleMail}:{Cast.Password}" }, more: ["--config", _folder["ops.yaml"]]);
        await using var camille = await browser.OpenAsync(ops);
        string[] wanted = ["/services/wiki 4", "/probes/wiki-port 6", "/on-call/tech/edit 8", "/routing/escalations/default 10", "/maintenance/tuesday 12", "/recovery/clusters/database 14", "/recovery/plans/move 16", "/prevention/settings 18"];
        var seen = new List<string>();
        foreach (var path in wanted.Select(w => w.Split(' ')[0]))
        {
            var page = await Support.Browser.GoAsync(camille, path);
            var said = await page.Locator(".provenance").InnerTextAsync();
            seen.Add($"{path} {(said.Split("Managed by ops.yaml:") is [_, var rest] ? rest.Split(' ')[0].Trim('·') : said)}");
            await page.CloseAsync();
        }
        Assert.Equal(wanted, seen);
    }

    public void Dispose() => _folder.Dispose();
}
