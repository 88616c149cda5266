using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Configuration.Import;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Tests.Core.Configuration;

public class AlertmanagerImportTests
{
    private const string Theirs = """
        global:
          smtp_smarthost: mail.example.org:587
          smtp_from: alert@example.org
          smtp_auth_username: alert
          smtp_auth_password: hunter2
          resolve_timeout: 10m
        templates: ['/etc/alertmanager/*.tmpl']
        time_intervals:
          - name: Nights
            time_intervals:
              - times: [{start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '06:00'}]
                weekdays: ['monday:friday', 'sunday']
                months: ['january:march']
                location: Europe/Paris
              - days_of_month: ['-3']
        route:
          receiver: Team Tech
          group_by: [alertname, cluster]
          group_wait: 30s
          group_interval: 5m
          repeat_interval: 4h
          routes:
            - matchers: ['severity="page"', 'team=~"a|b"']
              receiver: chat
              continue: true
              mute_time_intervals: [Nights]
              routes:
                - match: {service: db}
                  match_re: {host: "bob|al.*"}
            - matchers: [alertname="Watchdog"]
              receiver: 'null'
            - matchers: ['{env="a,b",zone!="x"}']
              group_by: ['...']
        inhibit_rules:
          - source_matchers: [severity="page"]
            target_match: {severity: warn}
            equal: [alertname]
        receivers:
          - name: Team Tech
            email_configs: [{to: 'a@example.org, b@example.org'}]
          - name: chat
            slack_configs: [{channel: '#ops', api_url: 'https://team.example.org/hooks/hunter2', title: x}]
            webhook_configs: [{url: 'https://robot.example.org/hunter2'}]
            telegram_configs: [{bot_token: 'hunter2', chat_id: -100}]
            pagerduty_configs: [{routing_key: hunter2}]
          - name: 'null'
          - name: pager
            pagerduty_configs: [{routing_key: hunter2}]
        """;

    [Fact]
    public void What_comes_out_is_a_good_file_that_routes_as_theirs_did()
    {
        var (yaml, notes) = AlertmanagerImport.Convert(Theirs).Value;
        Assert.DoesNotContain("hunter2", yaml, StringComparison.Ordinal);
        using var services = new ServiceCollection().AddLogging().AddStorage("Host=127.0.0.1", new string('k', 32)).AddInventory().AddProbes().AddLogs().AddHeartbeats().AddNotifications().AddReports().AddConfiguration().BuildServiceProvider();
        var read = services.GetRequiredService<OpsFileReader>().Read(yaml, name => name switch { "TEAM_TECH_PASSWORD" or "CHAT_3_TOKEN" => "x", "CHAT_URL" or "CHAT_2_URL" => "https://x.example.org/hooks/x", _ => null }, _ => throw new InvalidOperationException());
        Assert.True(read.IsDone, yaml + read.Refusal);

        var route = read.Value.Items.Where(i => i.Kind == "route").Select(i => (RouteInput)i.Input).Single();
        var tree = new RouteTree(Route.Root with { Routes = [route.ToRoute(Route.Root, 1)] });
        string Way(params (string, string)[] labels) => string.Join(' ', tree.Match(LabelSet.Of(labels)).Select(r => $"{r.Path}:{r.Escalation}:{string.Join('+', r.GroupBy!)}:{r.GroupWait.TotalSeconds}"));
        Assert.Equal("1:team-tech:alertname+cluster:30", Way(("a", "b")));
        Assert.Equal("1.1:chat:alertname+cluster:30", Way(("severity", "page"), ("team", "b")));
        Assert.Equal("1.1.1:chat:alertname+cluster:30", Way(("severity", "page"), ("team", "b"), ("service", "db"), ("host", "alice")));
        Assert.Equal("1.2:null:alertname+cluster:30", Way(("alertname", "Watchdog")));
        Assert.Equal("1.3:team-tech:...:30", Way(("env", "a,b")));

        var windows = read.Value.Items.Where(i => i.Kind == "maintenance").Select(i => (MaintenanceInput)i.Input).ToList();
        Assert.Equal([("0 22 * 1-3 1-5,0", 2.0), ("0 0 * 1-3 1-5,0", 6.0)], windows.Select(w => (w.Schedule!, w.Duration!.Value.TotalHours)).Distinct());
        Assert.All(windows, w => Assert.Equal(["severity=\"page\"", "team=~\"a|b\""], w.Match.Take(2)));
        // What goes to the route within, or to those that follow as well, is not muted there.
        bool IsMuted(params (string, string)[] more) => windows.Exists(w => new Maintenance(w).Covers(LabelSet.Of([("severity", "page"), ("team", "a"), .. more])));
        Assert.True(IsMuted() && IsMuted(("service", "db"), ("host", "caribou")) && IsMuted(("env", "a,b"), ("zone", "x")));
        Assert.False(IsMuted(("service", "db"), ("host", "bob")) || IsMuted(("alertname", "Watchdog")) || IsMuted(("env", "a,b"), ("zone", "y")));
        var rule = InhibitRule.Of((InhibitInput)read.Value.Items.Single(i => i.Kind == "inhibit_rule").Input, 1);
        Assert.NotNull(new Inhibiting([rule], [LabelSet.Of(("severity", "page"), ("alertname", "x"))]).Of(LabelSet.Of(("severity", "warn"), ("alertname", "x"))));
        Assert.Equal(["channel:chat", "channel:chat-2", "channel:chat-3"], ((Picasoft.Ops.Core.Escalations.EscalationInput)read.Value.Items.Single(i => i is { Kind: "escalation", Name: "chat" }).Input).Steps[0].Notify);

        Assert.Equal([("null", "nobody"), ("pager", "everybody")], read.Value.Items.Where(i => i is { Kind: "escalation", Name: "null" or "pager" }).Select(i => (i.Name, ((Picasoft.Ops.Core.Escalations.EscalationInput)i.Input).Steps[0].Notify[0])));
        Assert.Equal([("chat", "mattermost"), ("chat-2", "webhook"), ("chat-3", "telegram"), ("team-tech", "email")],
            read.Value.Items.Where(i => i.Kind == "channel").Select(i => (i.Name, ((ChannelInput)i.Input).Type)).Order());

        foreach (var said in new[] { "templates", "global.resolve_timeout", "route.group_interval", "route.repeat_interval", "receivers[1].slack_configs[0].title", "set the variable CHAT_URL", "receivers[1].webhook_configs[0]: the body", "receivers[1].pagerduty_configs[0]: there is no such", "days_of_month", "password" })
            Assert.Contains(notes, n => n.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void A_mute_time_holds_back_what_its_route_takes_and_nothing_that_anybody_else_is_told_of() => Gen.Select(Branches(3), Gen.Int[0, 2].Array[3]).Sample((branches, values) =>
    {
        var root = new Branch([], false, false, branches);
        var (yaml, notes) = AlertmanagerImport.Convert(System.Text.Json.JsonSerializer.Serialize(new
        {
            route = root.Written(),
            receivers = new[] { new { name = "default" } },
            time_intervals = new[] { new { name = "nights", time_intervals = new[] { new { times = new[] { new { start_time = "22:00", end_time = "23:00" } } } } } },
        })).Value;
        var windows = ((YamlInput.Read(yaml, _ => null).Root as InputMap)!["maintenance"] as InputList)?.Items.Select(n => new Maintenance(InputReader.Read<MaintenanceInput>(n).Value)).ToList() ?? [];
        var labels = LabelSet.Of(("a", Value(values[0])), ("b", Value(values[1])), ("c", Value(values[2])));
        var taken = root.Taken(labels).ToList();
        var isMuted = windows.Exists(w => w.Covers(labels));
        Assert.True(!isMuted || taken.TrueForAll(r => r.Mute), $"{labels} is muted, and was told of there\n{yaml}");
        if (taken is [{ Mute: true }]) Assert.True(isMuted || notes.Any(n => n.Contains("mute_time_intervals", StringComparison.Ordinal)), $"{labels} was muted there\n{yaml}");
    }, iter: 2000);

    private static string Value(int n) => n == 0 ? "" : n.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static Gen<Branch[]> Branches(int depth) => Gen.Select(Gen.Select(Gen.Int[0, 2], Gen.Bool, Gen.Int[0, 2]).Array[0, 2], Gen.Bool, Gen.Bool, depth == 1 ? Gen.Const<Branch[]>([]) : Branches(depth - 1))
        .Select((match, goOn, mute, within) => new Branch([.. match.Select(m => $"{"abc"[m.Item1]}{(m.Item2 ? "=" : "!=")}\"{Value(m.Item3)}\"")], goOn, mute, within)).Array[0, 3];

    /// <summary>A route as Alertmanager takes it: the deepest that matches, and those after one that continues.</summary>
    private sealed record Branch(string[] Match, bool Continue, bool Mute, Branch[] Routes)
    {
        public IEnumerable<Branch> Taken(LabelSet labels)
        {
            var found = new List<Branch>();
            foreach (var route in Routes.Where(r => MatcherParser.ParseAll(r.Match).Value.All(m => m.Matches(labels))))
            {
                found.AddRange(route.Taken(labels));
                if (!route.Continue) break;
            }
            return found.Count > 0 ? found : [this];
        }

        public object Written() => new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["receiver"] = "default",
            ["matchers"] = Match,
            ["continue"] = Continue,
            ["mute_time_intervals"] = Mute ? new[] { "nights" } : [],
            ["routes"] = Routes.Select(r => r.Written()),
        };
    }

    [Theory]
    [InlineData("version: 1")]
    [InlineData("route: [")]
    [InlineData("")]
    public void What_is_no_alertmanager_file_is_refused(string text) => Assert.False(AlertmanagerImport.Convert(text).IsDone);
}
