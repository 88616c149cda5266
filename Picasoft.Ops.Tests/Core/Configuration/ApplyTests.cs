using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Configuration;

public class ApplyTests(PostgresFixture postgres)
{
    private const string Token = "hunter2-is-the-token";

    private const string File = """
        version: 1
        hosts:
          - {name: alice, address: 10.0.0.1, location: toulouse}
        services:
          - {name: postgres, host: alice}
          - name: mattermost
            title: "Mattermost: the chat"
            url: https://team.example.org
            host: alice
            criticality: critical
            depends_on: [postgres]
            runbook: |
              # Restart it
              and look at `$${HOME}`
            public: true
            rto: 15m
            rpo: 0s
            slo: {availability: 99.5}
        probes:
          - {name: ping, service: mattermost, type: http, interval: 30s, severity: critical, http: {url: "https://team.example.org/ping", headers: {Authorization: "${TOKEN}"}, expect: {status: [200, 204], json: {status: "true"}}}}
          - {name: smtp, type: tcp, tcp: {host: mail.example.org, port: 25}}
        """;

    private static readonly Dictionary<string, string> _environment = new() { ["TOKEN"] = Token, ["PROBE_PING_HTTP_HEADERS_AUTHORIZATION"] = Token };

    [Fact]
    public async Task Whom_an_escalation_tells_must_stand_in_the_file_or_be_there()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        const string steps = "version: 1\nescalations: [{name: default, steps: [{notify: ['person:camille', 'channel:chat']}]}]\n";
        var refused = (await store.ApplyAsync(steps, dryRun: true)).Refusal!;
        Assert.Equal(["escalations[0].steps[0].notify[0]", "escalations[0].steps[0].notify[1]"], refused.Errors.Select(e => e.Field));
        await using (var db = await store.OpenAsync())
        {
            db.Set<Person>().Add(new() { Name = "camille", UserName = "c@example.org", Email = "c@example.org" });
            await db.SaveChangesAsync();
        }
        const string channel = "channels: [{name: chat, type: ntfy, topic: ops}]\n";
        Assert.True((await store.ApplyAsync(steps + channel)).IsDone);
        // It goes with this file, so it is not there any more for whoever names it.
        Assert.Equal(["escalations[0].steps[0].notify[1]"], (await store.ApplyAsync(steps)).Refusal!.Errors.Select(e => e.Field));
    }

    [Fact]
    public async Task Who_takes_turns_and_through_what_somebody_is_told_must_be_there_too()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        const string people = "version: 1\npeople: [{name: camille, email: camille@example.org, through: [chat]}]\nschedules: [{name: tech, rotation: {people: [camille, sacha]}}]\n";
        Assert.Equal(["people[0].through[0]", "schedules[0].rotation.people[1]"], (await store.ApplyAsync(people, dryRun: true)).Refusal!.Errors.Select(e => e.Field));
        await using (var db = await store.OpenAsync())
        {
            db.Set<Person>().Add(new() { Name = "sacha", UserName = "s@example.org", Email = "s@example.org" });
            await db.SaveChangesAsync();
        }
        Assert.True((await store.ApplyAsync(people + "channels: [{name: chat, type: ntfy, topic: ops}]\n", dryRun: true)).IsDone);
    }

    [Fact]
    public async Task What_the_file_says_is_made_and_a_second_time_there_is_nothing_to_do()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        var plan = await store.ApplyAsync(File, _environment);
        Assert.Equal(["+ host alice", "+ service postgres", "+ service mattermost", "+ probe ping", "+ probe smtp"], plan.Value.Changes.Select(c => c.ToString()));
        Assert.Empty((await store.ApplyAsync(File, _environment)).Value.Changes);
        await using var db = await store.OpenAsync();
        var mattermost = await db.Services.SingleAsync(s => s.Name == "mattermost");
        Assert.Equal((Criticality.Critical, TimeSpan.FromMinutes(15), 99.5, "# Restart it\nand look at `${HOME}`", true), (mattermost.Criticality, mattermost.Rto, mattermost.SloAvailability, mattermost.Runbook, mattermost.FromFile));
        Assert.All(await db.Audit.ToListAsync(), a => Assert.Equal((ActorKind.File, "ops.yaml"), (a.ActorKind, a.ActorName)));
    }

    [Fact]
    public async Task The_plan_names_the_fields_that_change_and_removes_what_left_the_file()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.ApplyAsync(File, _environment);
        var changed = File.Replace("interval: 30s", "interval: 1m", StringComparison.Ordinal).Replace("depends_on: [postgres]", "depends_on: []", StringComparison.Ordinal)
            .Replace("  - {name: postgres, host: alice}\n", "", StringComparison.Ordinal);
        var before = await store.DumpAsync();
        string[] wanted = ["~ service mattermost: depends_on", "~ probe ping: http.headers.Authorization, interval", "- service postgres"];
        var environment = new Dictionary<string, string> { ["TOKEN"] = "another" };
        Assert.Equal(wanted, (await store.ApplyAsync(changed, environment, dryRun: true)).Value.Changes.Select(c => c.ToString()));
        Assert.Equal(before, await store.DumpAsync());
        Assert.Equal(wanted, (await store.ApplyAsync(changed, environment)).Value.Changes.Select(c => c.ToString()));
        Assert.Empty((await store.ApplyAsync(changed, environment)).Value.Changes);
    }

    [Fact]
    public async Task A_file_with_one_mistake_changes_nothing()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.ApplyAsync(File, _environment);
        var before = await store.DumpAsync();
        var refused = await store.ApplyAsync(File.Replace("name: smtp, type: tcp", "name: smtp, type: tpc", StringComparison.Ordinal).Replace("15m", "1h", StringComparison.Ordinal), _environment);
        Assert.Equal("probes[1].type", Assert.Single(refused.Refusal!.Errors).Field);
        Assert.Equal(before, await store.DumpAsync());
    }

    [Fact]
    public async Task What_people_made_in_the_page_survives_and_a_clash_of_names_is_said()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.Inventory.CreateServiceAsync(new() { Name = "wiki" }, ConfigurationStore.Camille, CancellationToken.None);
        Assert.True((await store.ApplyAsync(File, _environment)).IsDone);
        await using (var db = await store.OpenAsync()) Assert.False((await db.Services.SingleAsync(s => s.Name == "wiki")).FromFile);
        var before = await store.DumpAsync();
        var clash = await store.ApplyAsync(File.Replace("  - {name: postgres, host: alice}", "  - {name: postgres, host: alice}\n  - {name: wiki}", StringComparison.Ordinal), _environment);
        var error = Assert.Single(clash.Refusal!.Errors);
        Assert.Equal("There is already a service called \"wiki\" that was made in the page: delete it there, or choose another name here.", error.Message.In(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(before, await store.DumpAsync());
    }

    [Fact]
    public async Task A_service_cannot_leave_the_file_while_a_probe_made_in_the_page_watches_it()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.ApplyAsync("version: 1\nservices: [{name: wiki}]");
        var probe = InputReader.Read<ProbeInput>(JsonInput.Parse("""{"name":"w","type":"tcp","service":"wiki","tcp":{"host":"h","port":1}}"""u8.ToArray()).Value).Value;
        Assert.True((await store.Probes.CreateAsync(probe, ConfigurationStore.Camille, CancellationToken.None)).IsDone);
        var refused = await store.ApplyAsync("version: 1\nservices: []");
        Assert.Equal("\"wiki\" cannot go: probe:w still uses it, which was made in the page. Change that there, or keep \"wiki\" here.", Assert.Single(refused.Refusal!.Errors).Message.In(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task What_the_file_names_and_people_made_cannot_be_deleted_in_the_page_so_that_the_file_can_be_applied_again()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        var channels = store.Channels;
        var chat = InputReader.Read<ChannelInput>(JsonInput.Parse("""{"name":"tech-chat","type":"ntfy","topic":"ops"}"""u8.ToArray()).Value).Value;
        var made = await channels.CreateAsync(chat, ConfigurationStore.Camille, CancellationToken.None);
        Assert.True(made.IsDone, made.Refusal?.ToString());
        const string file = "version: 1\nescalations: [{name: default, steps: [{notify: ['channel:tech-chat']}]}]\n";
        Assert.True((await store.ApplyAsync(file)).IsDone);

        var refused = await channels.DeleteAsync("tech-chat", ConfigurationStore.Camille, CancellationToken.None);
        Assert.Equal("\"tech-chat\" is still used by escalation:default (ops.yaml): change those first.", refused.Refusal!.Errors.Single().Message.In(System.Globalization.CultureInfo.InvariantCulture));
        Assert.True((await store.ApplyAsync(file + "hosts: [{name: bob}]\n")).IsDone);
        Assert.True((await store.ApplyAsync("version: 1\n")).IsDone);
        Assert.True((await channels.DeleteAsync("tech-chat", ConfigurationStore.Camille, CancellationToken.None)).IsDone);
    }

    [Fact]
    public async Task An_export_applied_to_an_empty_store_exports_the_same()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.ApplyAsync(File, _environment);
        await store.Inventory.CreateServiceAsync(new() { Name = "wiki", Runbook = "Call sacha", Title = "null", Url = "https://x.example/?a=${B}" }, ConfigurationStore.Camille, CancellationToken.None);
        var first = await store.ExportAsync();
        await using var empty = await ConfigurationStore.NewAsync(postgres);
        var applied = await empty.ApplyAsync(first, _environment);
        Assert.True(applied.IsDone, applied.Refusal?.ToString() + first);
        Assert.Equal(first, await empty.ExportAsync());
        await using var db = await empty.OpenAsync();
        var wiki = await db.Services.SingleAsync(s => s.Name == "wiki");
        Assert.Equal(("Call sacha", "null", "https://x.example/?a=${B}"), (wiki.Runbook, wiki.Title, wiki.Url));
    }

    [Fact]
    public async Task No_secret_stands_in_the_export_or_the_audit_log_or_the_tables()
    {
        await using var store = await ConfigurationStore.NewAsync(postgres);
        await store.ApplyAsync(File, _environment);
        var export = await store.ExportAsync();
        Assert.DoesNotContain(Token, export, StringComparison.Ordinal);
        Assert.Contains("Authorization: \"${PROBE_PING_HTTP_HEADERS_AUTHORIZATION}\"", export, StringComparison.Ordinal);
        Assert.Contains("#   PROBE_PING_HTTP_HEADERS_AUTHORIZATION", export, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, await store.DumpAsync(), StringComparison.Ordinal);
    }
}
