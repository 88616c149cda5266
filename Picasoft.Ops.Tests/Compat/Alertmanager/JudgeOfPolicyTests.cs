using System.Net;
using System.Text.Json;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Alertmanager;

/// <summary>
/// The same alertmanager.yml in Debian's Alertmanager and, imported by our own verb and applied, in ours: the same alerts at random go to the same receivers, stand in the same groups and are
/// inhibited alike. (What a mute time holds back 0.25 does not say.)
/// </summary>
public sealed class JudgeOfPolicyTests(OpsApi api) : IClassFixture<OpsApi>
{
    private const string Configuration = """
        route:
          receiver: default
          group_by: [alertname]
          group_wait: 1s
          routes:
            - matchers: ['team="web"']
              receiver: web
              group_by: [service]
              routes:
                - matchers: ['severity="critical"']
                  receiver: web-night
                  group_by: ['...']
            - matchers: ['team=~"db|infra"']
              receiver: infra
              group_by: [service, alertname]
              continue: true
            - matchers: ['severity="critical"', 'host!="h1"']
              receiver: pager
        receivers: [{name: default}, {name: web}, {name: web-night}, {name: infra}, {name: pager}]
        inhibit_rules:
          - {source_matchers: ['severity="critical"'], target_matchers: ['severity=~"low|medium"'], equal: [service]}
          - {source_matchers: ['alertname="HostDown"'], target_matchers: ['alertname!="HostDown"'], equal: [host, team]}
        """;

    [Fact]
    public async Task Routes_groups_and_inhibition_are_Alertmanagers()
    {
        using var folder = new TempFolder();
        await using var alertmanager = await RealProgram.AlertmanagerAsync(folder, Configuration);
        using var theirs = new HttpClient { BaseAddress = alertmanager.Address };
        var imported = await OpsHost.VerbAsync("import", "alertmanager", folder["alertmanager.yml"]);
        Assert.True(imported.Exit == 0, imported.Error);
        await api.ApplyAsync(imported.Output);

        var ends = TimeProvider.System.GetUtcNow().AddHours(1);
        var random = new Random(7);
        var bodies = Enumerable.Range(0, 300).Select(_ => JsonSerializer.Serialize(new { labels = Pick(random), endsAt = ends })).Distinct().ToList();
        var body = $"[{string.Join(',', bodies)}]";
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/api/v2/alerts", body)).Status);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.OK, (await theirs.PostAsync("/api/v2/alerts", content)).StatusCode);

        foreach (var query in new[] { "", "?receiver=infra", "?receiver=web.*", "?inhibited=false", "?filter=team%3D%22web%22&active=false" })
            await SameAsync(theirs, "/api/v2/alerts" + query, Alerts);
        await SameAsync(theirs, "/api/v2/alerts/groups", Groups);
        await SameAsync(theirs, "/api/v2/alerts/groups?receiver=pager", Groups);
        await SameAsync(theirs, "/api/v2/receivers", json => json.EnumerateArray().Select(r => r.GetProperty("name").GetString()!));
        Assert.Contains((await api.GetAsync("/api/v2/alerts")).Json.EnumerateArray(), a => a.GetProperty("status").GetProperty("inhibitedBy").GetArrayLength() > 0);
    }

    private static Dictionary<string, string> Pick(Random random)
    {
        string?[][] values = [["HostDown", "Disk", "Slow"], [null, "web", "db", "infra", "mail"], [null, "critical", "high", "medium", "low"], [null, "s1", "s2", "s3"], [null, "h1", "h2"]];
        string[] names = ["alertname", "team", "severity", "service", "host"];
        return names.Zip(values, (name, of) => (name, Value: of[random.Next(of.Length)])).Where(l => l.Value is not null).ToDictionary(l => l.name, l => l.Value!);
    }

    // Alertmanager puts alerts into groups, and looks at inhibition, a moment later.
    private async Task SameAsync(HttpClient theirs, string path, Func<JsonElement, IEnumerable<string>> said)
    {
        List<string> there = [], here = [];
        try
        {
            await Eventually.TrueAsync(async () =>
            {
                there = [.. said(JsonDocument.Parse(await theirs.GetStringAsync(path)).RootElement).Order(StringComparer.Ordinal)];
                here = [.. said((await api.GetAsync(path)).Json).Order(StringComparer.Ordinal)];
                return there.SequenceEqual(here, StringComparer.Ordinal);
            }, "both say the same");
        }
        catch (Xunit.Sdk.FailException)
        {
            Assert.Fail($"{path}\nonly there:\n{string.Join('\n', there.Except(here, StringComparer.Ordinal).Take(5))}\nonly here:\n{string.Join('\n', here.Except(there, StringComparer.Ordinal).Take(5))}");
        }
        Assert.NotEmpty(here);
    }

    // Which of several inhibits is the other's chance; that one does is not.
    private static IEnumerable<string> Alerts(JsonElement json) => json.EnumerateArray().Select(a =>
        $"{a.GetProperty("labels")} to {string.Join(',', a.GetProperty("receivers").EnumerateArray().Select(r => r.GetProperty("name").GetString()).Order(StringComparer.Ordinal))}: " +
        $"{a.GetProperty("status").GetProperty("state")}, inhibited {a.GetProperty("status").GetProperty("inhibitedBy").GetArrayLength() > 0}");

    private static IEnumerable<string> Groups(JsonElement json) => json.EnumerateArray().Select(g =>
        $"{g.GetProperty("receiver").GetProperty("name")} {g.GetProperty("labels")}: {string.Join(' ', g.GetProperty("alerts").EnumerateArray().Select(a => a.GetProperty("fingerprint").GetString()))}");
}
