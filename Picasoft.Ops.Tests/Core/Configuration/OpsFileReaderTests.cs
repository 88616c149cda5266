using System.Globalization;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Configuration;

public class OpsFileReaderTests
{
    [Fact]
    public void An_escalation_that_is_not_there_is_found_at_every_depth()
    {
        var read = ConfigurationStore.Read("""
            version: 1
            escalations: [{name: night, steps: [{notify: [everybody]}]}]
            routes:
              - escalation: default
                routes:
                  - {match: ['a="b"'], escalation: night}
                  - match: ['a="c"']
                    routes: [{escalation: nigth}]
            """);
        Assert.Equal(["routes[0].routes[1].routes[0].escalation"], read.Refusal!.Errors.Select(e => e.Field));
        Assert.Equal(8, read.Refusal!.Errors[0].Place!.Value.Line);
    }

    [Fact]
    public void Whom_a_step_tells_and_the_file_does_not_describe_is_said()
    {
        const string file = """
            version: 1
            channels: [{name: chat, type: ntfy, topic: ops}]
            schedules: [{name: tech, time_zone: Europe/Paris}]
            escalations:
              - name: default
                steps:
                  - notify: [channel:chat, schedule:tech, everybody]
                  - {after: 5m, notify: [channel:chta, person:camille]}
            """;
        var read = ConfigurationStore.Read(file).Value;
        Assert.Equal([("escalations[0].steps[1].notify[0]", "channel", "chta"), ("escalations[0].steps[1].notify[1]", "person", "camille")], read.NamedElsewhere().Select(n => (n.Field, n.Kind, n.Name)));
        var fallback = ConfigurationStore.Read("version: 1\nchannels: [{name: chat, type: ntfy, topic: ops, fallback: mail}]\n").Refusal!.Errors;
        Assert.Contains("There is no channel", Assert.Single(fallback).Message.In(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_takes_turns_and_through_what_somebody_is_told_and_the_file_does_not_describe_is_said()
    {
        var read = ConfigurationStore.Read("""
            version: 1
            people: [{name: camille, email: camille@example.org, through: [chat, caht]}]
            channels: [{name: chat, type: ntfy, topic: ops}]
            schedules:
              - {name: tech, rotation: {people: [camille, camile]}}
              - {name: mail, layers: [{rotation: {people: [camille]}}, {rotation: {people: [sacha]}}]}
            """).Value;
        Assert.Equal([("people[0].through[1]", "channel", "caht"), ("schedules[0].rotation.people[1]", "person", "camile"), ("schedules[1].layers[1].rotation.people[0]", "person", "sacha")], read.NamedElsewhere().Select(n => (n.Field, n.Kind, n.Name)));
    }

    [Fact]
    public void Every_mistake_of_a_file_is_said_at_once_with_its_line_and_column()
    {
        var read = ConfigurationStore.Read("""
            version: 2
            hosts:
              - {name: Alice}
              - name: bob
                adress: 1.2.3.4
              - name: bob
            services:
              - name: a
                host: nowhere
                depends_on: [b, missing]
                rto: 5
              - name: b
                depends_on: [c]
                url: "${NOPE}"
              - name: c
                depends_on: [b]
                criticality: huge
            probes:
              - {name: p, service: x, type: http, interval: 1s, timeout: 10s, http: {url: nowhere}}
              - {name: q, type: ftp}
            channels:
              - {name: m, type: email, from: ops@example.org}
            status_page: {title: x, services: [gone]}
            chanels: []
            """);
        using var _ = new Culture("en");
        Assert.Equal("""
            ops.yaml:1:10: version: This version reads "version: 1".
            ops.yaml:3:12: hosts[0].name: Must be lower-case letters, digits, "-", "_" or ".", beginning with a letter or digit, at most 100 characters.
            ops.yaml:5:5: hosts[1].adress: Not known here; known are: name, address, location.
            ops.yaml:6:11: hosts[2].name: The name "bob" is already used above, in line 4.
            ops.yaml:9:11: services[0].host: There is no host called "nowhere" in this file.
            ops.yaml:10:21: services[0].depends_on[1]: There is no service called "missing" in this file.
            ops.yaml:11:10: services[0].rto: "5" is not a length of time; write 500ms, 30s, 5m, 24h or 7d.
            ops.yaml:13:17: services[1].depends_on: These services depend on each other in a circle: b → c → b.
            ops.yaml:14:10: services[1].url: The environment variable NOPE is not set: set it (or NOPE_FILE), or write ${NOPE:-default}.
            ops.yaml:17:18: services[2].criticality: "huge" is not one of: low, normal, high, critical.
            ops.yaml:19:24: probes[0].service: There is no service called "x" in this file.
            ops.yaml:19:62: probes[0].timeout: 10s is longer than the interval, 1s.
            ops.yaml:19:79: probes[0].http.url: "nowhere" is not an http or https URL.
            ops.yaml:20:21: probes[1].type: "ftp" is not one of: KINDS.
            ops.yaml:22:5: channels[0].to: Required.
            ops.yaml:23:36: status_page.services[0]: There is no service called "gone" in this file.
            ops.yaml:24:1: chanels: Not known here; known are: version, people, hosts, services, probes, retention, prevention, logs, log_rules, heartbeats, channels, templates, schedules, escalations, label_rules, routes, inhibit_rules, maintenance, clusters, ssh_hosts, recovery_plans, status_page, log_packs.
            """.Replace("KINDS", string.Join(", ", Rules.EveryProbeTests.Kinds.Select(k => k.Data).Order(StringComparer.Ordinal)), StringComparison.Ordinal), string.Join('\n', read.Refusal!.Errors.Select(e => OpsFileReader.Line("ops.yaml", e))));
    }

    [Theory]
    [InlineData("", "ops.yaml:1:1: version: Required.")]
    [InlineData("- a", "ops.yaml:1:1: Expected names and values here, such as \"url: https://…\".")]
    [InlineData("version: 1\nhosts: {name: a}", "ops.yaml:2:8: hosts: Expected a list here.")]
    [InlineData("version: 1\nhosts: [a]", "ops.yaml:2:9: hosts[0]: Expected names and values here, such as \"url: https://…\".")]
    public void Small_mistakes_have_whole_sentences_too(string yaml, string line)
    {
        using var _ = new Culture("en");
        Assert.Equal(line, OpsFileReader.Line("ops.yaml", Assert.Single(ConfigurationStore.Read(yaml).Refusal!.Errors)));
    }

    [Theory]
    [InlineData("version: 1")]
    [InlineData("version: 1\nheartbeats: []\nstatus_page:\nroutes:\nhosts:")]
    public void Empty_sections_are_nothing(string yaml) => Assert.Empty(ConfigurationStore.Read(yaml).Value.Items);

    [Fact]
    public void A_runbook_is_read_from_beside_the_file_and_from_nowhere_else()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["ops/runbooks"]);
        File.WriteAllText(folder["ops/runbooks/wiki.md"], "# Restart it\n");
        File.WriteAllText(folder["secret"], "root:x:0");
        File.WriteAllText(folder["ops/ops.yaml"], "version: 1\nservices:\n  - {name: a, runbook: runbooks/wiki.md}\n  - {name: b, runbook: https://wiki.example.org/b}\n  - {name: c, runbook: \"Call sacha\\n\"}");
        using var services = Services();
        var reader = services.GetRequiredService<OpsFileReader>();
        var read = reader.ReadFile(folder["ops/ops.yaml"], _ => null).Value.Items.Select(i => ((ServiceInput)i.Input).Runbook);
        Assert.Equal(["# Restart it\n", "https://wiki.example.org/b", "Call sacha\n"], read);
        File.WriteAllText(folder["ops/bad.yaml"], $"version: 1\nservices:\n  - {{name: a, runbook: ../secret}}\n  - {{name: b, runbook: {folder["secret"]}}}\n  - {{name: c, runbook: gone.md}}");
        var refused = reader.ReadFile(folder["ops/bad.yaml"], _ => null).Refusal!;
        Assert.Equal(["config.runbook_outside", "config.runbook_outside", "config.runbook_unreadable"], refused.Errors.Select(e => e.Message.Key));
        Assert.All(refused.Errors, e => Assert.DoesNotContain("root:x", e.Message.In(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_restore_test_must_name_a_heartbeat_that_is_there()
    {
        const string file = "version: 1\nheartbeats:\n  - {name: borg, period: 1d, backup: {}}\n  - {name: restore, period: 30d, restore_test_of: NAME}\n";
        Assert.True(ConfigurationStore.Read(file.Replace("NAME", "borg", StringComparison.Ordinal)).IsDone);
        var wrong = ConfigurationStore.Read(file.Replace("NAME", "bork", StringComparison.Ordinal)).Refusal!.Errors.Single();
        Assert.Equal(("heartbeats[1].restore_test_of", "config.no_heartbeat"), (wrong.Field, wrong.Message.Key));
    }

    [Theory]
    [InlineData("patroni: {cluster: database, action: switchover, member: bob}", null)]
    [InlineData("patroni: {cluster: databse, action: switchover}", "recovery_plans[0].steps[0].patroni.cluster: elsewhere")]
    [InlineData("patroni: {cluster: pads, action: switchover}", "recovery_plans[0].steps[0].patroni.cluster: config.cluster_not_patroni")]
    [InlineData("patroni: {cluster: database, action: reinitialize, member: bbo}", "recovery_plans[0].steps[0].patroni.member: config.no_member")]
    [InlineData("check: {cluster: databse}", "recovery_plans[0].steps[0].check.cluster: elsewhere")]
    [InlineData("ssh: {host: alice, command: restart-mail}", null)]
    [InlineData("ssh: {host: alcie, command: restart-mail}", "recovery_plans[0].steps[0].ssh.host: config.no_ssh_host")]
    [InlineData("ssh: {host: alice, command: restart-mial}", "recovery_plans[0].steps[0].ssh.command: config.no_ssh_command")]
    public void A_recovery_plan_must_name_what_is_there(string step, string? wrong)
    {
        var read = ConfigurationStore.Read($$"""
            version: 1
            services: [{name: postgres}]
            clusters:
              - {name: database, engine: patroni, members: {alice: "http://10.0.0.1:8008", bob: "http://10.0.0.2:8008"} }
              - {name: pads, engine: active, members: {alice: "http://10.0.0.1:9001/api"} }
            ssh_hosts: [{name: alice, host: 10.0.0.1, user: ops, key_file: /key, host_key: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", commands: {restart-mail: "systemctl restart postfix"} }]
            recovery_plans: [{name: move, service: postgres, steps: [{title: Do it, {{step}} }]}]
            """);
        // A cluster that the page may have made is looked for in the store.
        var said = read.Refusal is { } refusal ? refusal.Errors.Select(e => $"{e.Field}: {e.Message.Key}") : read.Value.NamedElsewhere().Select(n => $"{n.Field}: elsewhere");
        Assert.Equal(wrong ?? "", string.Join("; ", said));
    }

    [Fact]
    public void The_committed_schema_is_the_one_of_this_version()
    {
        using var services = Services();
        var path = Path.Combine(Repository.Root, "docs", "ops.schema.json");
        var current = OpsFileSchema.Write(services.GetServices<IFileSection>());
        // OPS_WRITE=1 writes it: how a change of the shapes gets into the documentation.
        if (Environment.GetEnvironmentVariable("OPS_WRITE") == "1") File.WriteAllText(path, current);
        Assert.Equal(current, File.Exists(path) ? File.ReadAllText(path) : "");
    }

    [Theory]
    [InlineData("")]
    [InlineData(".fr")]
    public void Every_kind_of_thing_has_a_name_on_the_page(string language)
    {
        using var services = Services();
        var texts = XDocument.Load(Path.Combine(Repository.Root, "Picasoft.Ops.Web", "Ui", $"UiTexts{language}.resx")).Root!.Elements("data").Select(d => (string)d.Attribute("name")!).ToHashSet();
        Assert.All(services.GetServices<IFileSection>(), s => Assert.Contains("thing." + s.Kind, texts));
    }

    private static ServiceProvider Services() =>
        new ServiceCollection().AddLogging().AddStorage("Host=127.0.0.1", new string('k', 32)).AddInventory().AddProbes().AddLogs().AddHeartbeats().AddNotifications().AddReports().AddConfiguration().BuildServiceProvider();

    private sealed class Culture : IDisposable
    {
        private readonly CultureInfo _before = CultureInfo.CurrentUICulture;

        public Culture(string name) => CultureInfo.CurrentUICulture = new(name);

        public void Dispose() => CultureInfo.CurrentUICulture = _before;
    }
}
