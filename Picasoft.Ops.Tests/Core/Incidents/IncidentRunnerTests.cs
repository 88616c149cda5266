using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;
using static Picasoft.Ops.Core.Incidents.TimelineKind;
using Severity = Picasoft.Ops.Core.Primitives.Severity;

namespace Picasoft.Ops.Tests.Core.Incidents;

public sealed class IncidentRunnerTests(PostgresFixture postgres) : IAsyncLifetime
{
    private IncidentWorld _world = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await IncidentWorld.CreateAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task An_alert_opens_an_incident_and_its_end_resolves_it()
    {
        await _world.BeginAsync("chat");
        await _world.RoundAsync();
        var open = await _world.IncidentAsync();
        Assert.Equal(("chat is down", IncidentState.Open, Severity.Critical, "chat"), (open.Title, open.State, open.Severity, open.Service));
        Assert.Equal(1, Assert.Single(await _world.AlertsAsync()).IncidentId);

        _world.Clock.Advance(TimeSpan.FromMinutes(3));
        await _world.EndAsync("chat");
        await _world.RoundAsync();
        var over = await _world.IncidentAsync();
        Assert.Equal((IncidentState.Resolved, _world.Clock.GetUtcNow(), null), (over.State, over.ResolvedAt, over.ResolvedBy));

        var timeline = await _world.TimelineAsync();
        Assert.Equal([Opened, AlertEnded, Resolved], timeline.Select(t => t.Kind));
        Assert.Equal([true, false, true], timeline.Select(t => t.Pending)); // people may have to be told of the beginning and of the end
    }

    [Fact]
    public async Task An_incident_is_silent_only_when_all_of_its_storm_is()
    {
        var storm = Enumerable.Range(0, 60).Select(i => LabelSet.Of(("alertname", "Down"), ("service", "chat"), ("n", $"{i}"))).OrderBy(l => l.Fingerprint(), StringComparer.Ordinal).ToList();
        await _world.SendAsync([.. storm.Select(labels => new AlertSignal(labels, LabelSet.Empty, _world.Clock.GetUtcNow(), null, "api"))]);
        await _world.RoundAsync();
        var last = storm[^1]["n"]; // stored in this order: the last one is not among the few that are looked at first
        await SilenceAsync($"n!=\"{last}\"");
        Assert.False(await IsSilencedAsync());
        await SilenceAsync($"n=\"{last}\"");
        Assert.True(await IsSilencedAsync());

        async Task SilenceAsync(string matcher) => Assert.True((await _world.Silences.CreateAsync(new() { Matchers = [matcher, "service=\"chat\""], Duration = TimeSpan.FromHours(1), Comment = "storm" }, IncidentWorld.Camille, Cancel)).IsDone);
        async Task<bool> IsSilencedAsync() => Assert.Single((await _world.Queries.InboxAsync(new InboxFilter(), System.Globalization.CultureInfo.InvariantCulture, Cancel)).Lines).Silenced;
    }

    [Fact]
    public async Task What_is_not_read_of_a_storm_is_not_forgotten()
    {
        await _world.BeginAsync("chat", "high");
        await _world.RoundAsync();
        // It joins and is over before anybody looked: the first one goes on.
        await _world.BeginAsync("chat", "low");
        await _world.EndAsync("chat", "low");
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Open, (await _world.IncidentAsync()).State);
        // One ends while another joins; then that one ends too.
        await _world.BeginAsync("chat", "critical");
        await _world.EndAsync("chat", "high");
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Open, (await _world.IncidentAsync()).State);
        // The cause takes over what none of its own batch speaks of.
        await _world.BeginAsync("postgres");
        await _world.RoundAsync();
        Assert.Equal((IncidentState.Resolved, IncidentState.Open), ((await _world.IncidentAsync()).State, (await _world.IncidentAsync(2)).State));
        await _world.EndAsync("postgres");
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Open, (await _world.IncidentAsync(2)).State); // chat fails still
        await _world.EndAsync("chat", "critical");
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Resolved, (await _world.IncidentAsync(2)).State);
    }

    [Fact]
    public async Task What_stands_on_the_failed_service_is_impact_of_the_same_incident()
    {
        await _world.BeginAsync("chat");
        await _world.BeginAsync("postgres");
        await _world.RoundAsync();
        var incident = await _world.IncidentAsync();
        Assert.Equal("postgres", incident.Service);
        Assert.Equal(["chat"], incident.Impact);
        Assert.All(await _world.AlertsAsync(), a => Assert.Equal(1, a.IncidentId));
    }

    [Fact]
    public async Task An_incident_resolved_by_hand_does_not_open_again_while_its_alert_is_merely_sent_again()
    {
        await _world.BeginAsync("chat");
        await _world.RoundAsync();
        await _world.Actions.ResolveAsync(1, IncidentWorld.Camille, null, null, Cancel);
        for (var i = 0; i < 3; i++)
        {
            _world.Clock.Advance(TimeSpan.FromMinutes(1));
            await _world.BeginAsync("chat");
            await _world.RoundAsync();
        }
        Assert.Equal(IncidentState.Resolved, (await _world.IncidentAsync()).State);
        await using var db = _world.CreateDbContext();
        Assert.Equal(1, await db.Incidents.CountAsync(Cancel));

        await _world.EndAsync("chat");
        await _world.BeginAsync("chat");
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Open, (await _world.IncidentAsync(2)).State);
    }

    [Fact]
    public async Task A_mitigated_incident_opens_again_when_it_begins_again()
    {
        await _world.BeginAsync("chat");
        await _world.BeginAsync("chat", "high");
        await _world.RoundAsync();
        await _world.Actions.MitigateAsync(1, IncidentWorld.Camille, null, null, Cancel);
        await _world.EndAsync("chat");
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Mitigated, (await _world.IncidentAsync()).State);
        await _world.BeginAsync("chat");
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Open, (await _world.IncidentAsync()).State);
        Assert.Contains(await _world.TimelineAsync(), t => t.Kind == Reopened && t.Pending);
    }

    [Fact]
    public async Task An_acknowledgement_runs_out_once_and_people_may_be_told()
    {
        await _world.BeginAsync("chat");
        await _world.RoundAsync();
        await _world.Actions.AcknowledgeAsync(1, IncidentWorld.Camille, null, TimeSpan.FromMinutes(30), null, Cancel);
        _world.Clock.Advance(TimeSpan.FromMinutes(29));
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Acknowledged, (await _world.IncidentAsync()).State);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        await _world.RoundAsync();
        await _world.RoundAsync();
        var incident = await _world.IncidentAsync();
        Assert.Equal((IncidentState.Open, null, "camille"), (incident.State, incident.AcknowledgedBy, incident.Assignee));
        Assert.True(Assert.Single(await _world.TimelineAsync(), t => t.Kind == AcknowledgementExpired).Pending);
    }

    [Fact]
    public async Task Ten_nodes_at_once_make_each_incident_once()
    {
        await _world.SendAsync([.. Enumerable.Range(0, 1200).Select(i => new AlertSignal(LabelSet.Of(("service", $"s{i % 300}"), ("n", $"{i}")), LabelSet.Empty, _world.Clock.GetUtcNow(), null, "api"))]);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var node = _world.NewRunner();
            while ((await _world.AlertsAsync()).Exists(a => a.Pending)) await node.RunOnceAsync(Cancel);
        }));
        await using var db = _world.CreateDbContext();
        Assert.Equal(300, await db.Incidents.CountAsync(Cancel));
        Assert.Equal(300, await db.Timeline.CountAsync(t => t.Kind == Opened, Cancel));
        Assert.Equal(900, await db.Timeline.CountAsync(t => t.Kind == AlertJoined, Cancel));
        Assert.All(await _world.AlertsAsync(), a => Assert.NotNull(a.IncidentId));
    }

    [Fact]
    public async Task It_works_by_itself_and_survives_that_the_database_cuts_every_connection()
    {
        using var runner = _world.NewRunner();
        await runner.StartAsync(Cancel);
        await using (var cut = _world.Source.CreateCommand("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"))
            await cut.ExecuteNonQueryAsync(Cancel);
        await Eventually.TrueAsync(async () => { try { await _world.BeginAsync("chat"); return true; } catch (NpgsqlException) { return false; } }, "the database takes alerts again");
        await Eventually.TrueAsync(async () => { _world.Clock.Advance(TimeSpan.FromSeconds(1)); return (await _world.AlertsAsync())[0].IncidentId is not null; }, "the alert has an incident");
        await runner.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_label_longer_than_any_column_or_half_a_character_is_no_poison()
    {
        await _world.SendAsync(new AlertSignal(LabelSet.Of(("service", new string('x', 99) + "😀" + new string('y', 500)), ("alertname", new string('z', 5000))), LabelSet.Of(("summary", string.Concat(Enumerable.Repeat("😀", 400)))), _world.Clock.GetUtcNow(), null, "api"));
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Open, (await _world.IncidentAsync()).State);
    }

    [Fact]
    public async Task Reopening_says_that_the_same_thing_is_open_elsewhere()
    {
        await _world.BeginAsync("chat");
        await _world.RoundAsync();
        await _world.EndAsync("chat");
        await _world.RoundAsync();
        await _world.BeginAsync("chat");
        await _world.RoundAsync();
        var outcome = await _world.Actions.ReopenAsync(1, IncidentWorld.Camille, null, null, Cancel);
        Assert.Equal(RefusalKind.Conflict, outcome.Refusal!.Kind);
        Assert.Contains("#2", outcome.Refusal.ToString());
    }
}
