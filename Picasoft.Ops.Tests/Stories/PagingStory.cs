using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>Who is told, when, and why not: from an alert to the outbox, on a clock that the test turns.</summary>
public sealed class PagingStory(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_acknowledges_so_the_next_one_is_told_and_an_acknowledgement_stops_it()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.Escalation, "default", new EscalationInput
        {
            Name = "default",
            Steps = [new() { Notify = ["channel:tech-mail"] }, new() { After = TimeSpan.FromMinutes(15), Notify = ["person:sacha"] }],
            Repeat = 1,
        });
        await team.World.BeginAsync("chat");
        await team.RoundAsync();
        Assert.Equal(["opened tech@example.org"], await team.SentAsync());

        await team.PassAsync(TimeSpan.FromMinutes(14));
        Assert.Single(await team.SentAsync());
        await team.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("escalated sacha@example.org", (await team.SentAsync())[^1]);
        Assert.Contains(TimelineKind.Escalated, await team.World.KindsAsync());

        // Once more from the beginning, then Camille has it.
        await team.PassAsync(TimeSpan.FromMinutes(15));
        Assert.Equal("escalated tech@example.org", (await team.SentAsync())[^1]);
        await team.World.Actions.AcknowledgeAsync(1, IncidentWorld.Camille, null, null, null, Cancel);
        await team.PassAsync(TimeSpan.FromHours(2));
        Assert.Equal(3, (await team.SentAsync()).Count);

        await team.World.EndAsync("chat");
        await team.RoundAsync();
        Assert.Equal(["resolved sacha@example.org", "resolved tech@example.org"], (await team.SentAsync())[3..].Order());
    }

    [Fact]
    public async Task A_step_that_a_silence_holds_back_comes_when_the_silence_is_over_and_nobody_is_told_twice()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.Escalation, "default", new EscalationInput
        {
            Name = "default",
            Steps = [new() { Notify = ["channel:tech-mail"] }, new() { After = TimeSpan.FromMinutes(15), Notify = ["person:sacha"] }, new() { After = TimeSpan.FromMinutes(30), Notify = ["person:camille"] }],
        });
        await team.World.BeginAsync("chat", lasts: TimeSpan.FromDays(1));
        await team.RoundAsync();
        var silence = (await team.World.Silences.CreateAsync(new() { Matchers = ["service=\"chat\""], Duration = TimeSpan.FromHours(1), Comment = "I look at it." }, IncidentWorld.Camille, Cancel)).Value;
        await team.PassAsync(TimeSpan.FromMinutes(15));
        await team.PassAsync(TimeSpan.FromMinutes(44));
        Assert.Equal(["opened tech@example.org"], await team.SentAsync());
        Assert.Contains(await team.World.TimelineAsync(), t => t.Phrase?.Key == "notice.held" && t.Phrase.In().Contains($"#{silence.Id} until", StringComparison.Ordinal));

        await team.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["opened tech@example.org", "silence_ended sacha@example.org"], await team.SentAsync());
        await team.PassAsync(TimeSpan.FromMinutes(29));
        Assert.Equal(2, (await team.SentAsync()).Count);
        await team.PassAsync(TimeSpan.FromMinutes(1)); // and the steps go on from there
        Assert.Equal("escalated camille@example.org", (await team.SentAsync())[^1]);
    }

    [Fact]
    public async Task Whoever_was_told_hears_of_the_end_also_while_it_is_silenced_and_of_a_silence_that_held_nothing_back_hears_nothing()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.World.BeginAsync("chat", lasts: TimeSpan.FromDays(1));
        await team.RoundAsync();
        foreach (var hours in new[] { 1, 8 })
        {
            await team.World.Silences.CreateAsync(new() { Matchers = ["service=\"chat\""], Duration = TimeSpan.FromHours(hours), Comment = "Known." }, IncidentWorld.Camille, Cancel);
            await team.PassAsync(TimeSpan.FromHours(1));
        }
        Assert.Equal(["opened tech@example.org"], await team.SentAsync());
        Assert.Contains(await team.World.TimelineAsync(), t => t.Phrase?.Key == "notice.known");
        await team.World.EndAsync("chat");
        await team.RoundAsync();
        Assert.Equal(["opened tech@example.org", "resolved tech@example.org"], await team.SentAsync());
    }

    [Fact]
    public async Task Somebody_who_has_it_calls_for_help_and_the_next_step_comes_at_once_whatever_is_silent()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.Escalation, "default", new EscalationInput
        {
            Name = "default",
            Steps = [new() { Notify = ["channel:tech-mail"] }, new() { After = TimeSpan.FromHours(1), Notify = ["person:sacha"] }, new() { After = TimeSpan.FromHours(1), Notify = ["person:camille"] }],
        });
        await team.World.BeginAsync("chat", lasts: TimeSpan.FromDays(1));
        await team.RoundAsync();
        await team.World.Actions.AcknowledgeAsync(1, IncidentWorld.Camille, null, TimeSpan.FromHours(2), null, Cancel);
        await team.World.Silences.CreateAsync(new() { Matchers = ["service=\"chat\""], Duration = TimeSpan.FromMinutes(30), Comment = "known" }, IncidentWorld.Camille, Cancel);

        Assert.Equal(IncidentState.Acknowledged, (await team.World.Actions.EscalateAsync(1, IncidentWorld.Camille, "I need a second pair of hands.", null, Cancel)).Value.State);
        await team.RoundAsync();
        Assert.Equal(["opened tech@example.org", "escalated sacha@example.org"], await team.SentAsync());
        Assert.Contains(await team.World.TimelineAsync(), t => t is { Kind: TimelineKind.HelpAsked, By: "camille", Text: "I need a second pair of hands." });
        Assert.Contains(await team.World.TimelineAsync(), t => t.Phrase?.Key == "notice.asked");

        // The clock of the steps stands still while somebody has it; when the acknowledgement runs out, all begins anew.
        await team.PassAsync(TimeSpan.FromMinutes(119));
        Assert.Equal(2, (await team.SentAsync()).Count);
        await team.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("acknowledgement_expired tech@example.org", (await team.SentAsync())[^1]);

        // Asked again and again it goes through all steps, and then from the beginning.
        foreach (var told in new[] { "sacha@example.org", "camille@example.org", "tech@example.org" })
        {
            await team.World.Actions.EscalateAsync(1, IncidentWorld.Sacha, null, null, Cancel);
            await team.RoundAsync();
            Assert.Equal("escalated " + told, (await team.SentAsync())[^1]);
        }
        await team.World.EndAsync("chat");
        await team.RoundAsync();
        Assert.Equal(RefusalKind.Conflict, (await team.World.Actions.EscalateAsync(1, IncidentWorld.Sacha, null, null, Cancel)).Refusal?.Kind);
    }

    [Fact]
    public async Task What_is_declared_by_hand_follows_the_default_policy()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.Escalation, "default", new EscalationInput { Name = "default", Steps = [new() { Notify = ["person:sacha"] }] });
        await team.World.Actions.DeclareAsync(IncidentWorld.Camille, "The door of the machine room is open", Severity.High, null, null, Cancel);
        await team.RoundAsync();
        Assert.Equal(["opened sacha@example.org"], await team.SentAsync());
    }

    [Fact]
    public async Task A_maintenance_window_holds_the_page_back_and_what_still_fails_then_pages()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        var now = team.World.Clock.GetUtcNow();
        await team.DecideAsync(PolicyKind.Maintenance, "move", new MaintenanceInput { Name = "move", Match = ["service=\"chat\""], StartsAt = now.AddMinutes(-1), Duration = TimeSpan.FromHours(1) });
        await team.World.BeginAsync("chat", lasts: TimeSpan.FromDays(1));
        await team.RoundAsync();
        Assert.Empty(await team.SentAsync());
        Assert.Contains("maintenance \"move\"", (await team.World.TimelineAsync())[^1].Phrase!.In(), StringComparison.Ordinal);
        Assert.True(await team.IsSilentAsync());

        await team.PassAsync(TimeSpan.FromMinutes(58));
        Assert.Empty(await team.SentAsync());
        await team.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["opened tech@example.org"], await team.SentAsync());
        Assert.False(await team.IsSilentAsync());
        await team.PassAsync(TimeSpan.FromHours(1));
        Assert.Single(await team.SentAsync()); // told once
    }

    [Fact]
    public async Task What_begins_and_ends_within_a_window_is_told_to_nobody()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.Maintenance, "move", new MaintenanceInput { Name = "move", Match = ["service=\"chat\""], StartsAt = team.World.Clock.GetUtcNow(), Duration = TimeSpan.FromHours(1) });
        await team.World.BeginAsync("chat");
        await team.RoundAsync();
        await team.World.EndAsync("chat");
        await team.RoundAsync();
        await team.PassAsync(TimeSpan.FromHours(2));
        Assert.Empty(await team.SentAsync());
        Assert.Equal(IncidentState.Resolved, (await team.World.IncidentAsync()).State);
    }

    [Fact]
    public async Task An_inhibited_alert_pages_when_its_source_ends_and_it_still_fails()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.InhibitRule, "1", new InhibitInput { SourceMatch = ["alertname=\"Backup\""], TargetMatch = ["alertname=\"Slow\""], Equal = ["host"] });
        var now = team.World.Clock.GetUtcNow();
        AlertSignal Signal(string name, string service, DateTimeOffset? end = null) =>
            new(LabelSet.Of(("alertname", name), ("service", service), ("host", "bob"), ("severity", "low")), LabelSet.Empty, now, end, "api");
        await team.World.SendAsync(Signal("Backup", "wiki"));
        await team.RoundAsync();
        Assert.Single(await team.SentAsync());
        await team.World.SendAsync(Signal("Slow", "chat"));
        await team.RoundAsync();
        Assert.Single(await team.SentAsync());
        Assert.Contains((await team.World.TimelineAsync(2)), t => t.Data?.Contains("inhibited", StringComparison.Ordinal) == true);
        Assert.True(await team.IsSilentAsync());

        await team.World.SendAsync(Signal("Backup", "wiki", team.World.Clock.GetUtcNow()));
        await team.RoundAsync();
        await team.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["opened tech@example.org", "resolved tech@example.org", "opened tech@example.org"], await team.SentAsync());
    }

    [Fact]
    public async Task The_first_message_waits_as_long_as_the_route_says()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.Route, "1", new RouteInput { Match = ["service=\"chat\""], GroupWait = TimeSpan.FromSeconds(10) });
        await team.World.BeginAsync("chat");
        await team.RoundAsync();
        await team.PassAsync(TimeSpan.FromSeconds(9));
        Assert.Empty(await team.SentAsync());
        await team.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["opened tech@example.org"], await team.SentAsync());
        Assert.Contains(await team.World.TimelineAsync(), t => t.Phrase?.Key == "notice.routed_of");
    }

    [Fact]
    public async Task The_incident_says_which_way_it_went_what_rules_made_of_it_and_why_nobody_hears_of_the_rest()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.LabelRule, "1", new LabelRuleInput { Match = ["job=\"node\""], Set = new Dictionary<string, string> { ["service"] = "postgres", ["job"] = "" } });
        await team.DecideAsync(PolicyKind.Route, "1", new RouteInput { Match = ["service=\"wiki\""] });
        await team.DecideAsync(PolicyKind.Route, "2", new RouteInput { Match = ["severity=\"critical\""], GroupWait = TimeSpan.FromSeconds(10) });
        await team.World.SendAsync(new AlertSignal(LabelSet.Of(("alertname", "DiskFull"), ("job", "node"), ("severity", "critical")), LabelSet.Empty, team.World.Clock.GetUtcNow(), null, "api"));
        await team.RoundAsync();
        await team.PassAsync(TimeSpan.FromSeconds(10));
        await team.World.BeginAsync("postgres", "high");
        await team.World.BeginAsync("chat", "high");
        await team.RoundAsync();
        await team.World.BeginAsync("door", "low");
        await team.RoundAsync();

        var said = (await team.World.TimelineAsync()).Select(t => t.Phrase?.In(System.Globalization.CultureInfo.GetCultureInfo("en"))).ToList();
        foreach (var expected in new[]
        {
            "Label rules made it service=postgres, job= (rule 1).",
            "Route 2 of 2, with all that concerns postgres: default.",
            "Another alert: Down postgres. The same matter (postgres), so nobody is told again.",
            "chat depends on it and suffers from the same cause, so nobody is told of it by itself: Down chat.",
        }) Assert.Contains(expected, said);
        Assert.Contains(said, s => s!.StartsWith("The first message waits until ", StringComparison.Ordinal));
        Assert.Contains("None of the 2 routes matches: with all that concerns door, escalation default.", (await team.World.TimelineAsync(2)).Select(t => t.Phrase?.In(System.Globalization.CultureInfo.GetCultureInfo("en"))));
        Assert.Equal(2, (await team.SentAsync()).Count);
    }

    [Fact]
    public async Task What_comes_and_goes_is_one_incident_instead_of_forty_mails()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        for (var i = 0; i < 20; i++)
        {
            await team.World.BeginAsync("chat");
            await team.RoundAsync();
            await team.PassAsync(TimeSpan.FromSeconds(30));
            await team.World.EndAsync("chat");
            await team.RoundAsync();
            await team.PassAsync(TimeSpan.FromSeconds(30));
        }
        var sent = await team.SentAsync();
        Assert.InRange(sent.Count, 2, 7);
        Assert.Equal("opened tech@example.org", sent[^1]);
        await using (var db = team.World.CreateDbContext())
        {
            var last = await db.Incidents.AsNoTracking().OrderBy(i => i.Number).LastAsync(Cancel);
            Assert.True(last.IsOpen && last.Flapping);
        }

        await team.PassAsync(Flapping.Window + TimeSpan.FromSeconds(1));
        Assert.Equal("resolved tech@example.org", (await team.SentAsync())[^1]);
        Assert.Equal(sent.Count + 1, (await team.SentAsync()).Count);
    }

    [Fact]
    public async Task A_cause_seen_after_its_effect_is_one_incident_and_what_outlives_it_pages_again()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.World.BeginAsync("chat");
        await team.RoundAsync();
        await team.PassAsync(TimeSpan.FromSeconds(5));
        await team.World.BeginAsync("postgres");
        await team.RoundAsync();

        Assert.Equal((IncidentState.Resolved, IncidentState.Open), ((await team.World.IncidentAsync(1)).State, (await team.World.IncidentAsync(2)).State));
        Assert.Equal(["chat"], (await team.World.IncidentAsync(2)).Impact);
        Assert.All(await team.World.AlertsAsync(), a => Assert.Equal(2, a.IncidentId));

        await team.World.EndAsync("postgres");
        await team.RoundAsync();
        Assert.Equal("cause_ended tech@example.org", (await team.SentAsync())[^1]);
        Assert.Equal(IncidentState.Open, (await team.World.IncidentAsync(2)).State);
        await team.World.EndAsync("chat");
        await team.RoundAsync();
        Assert.Equal(IncidentState.Resolved, (await team.World.IncidentAsync(2)).State);
    }

    [Fact]
    public async Task Label_rules_decide_what_the_pipeline_sees_and_leave_the_alert_as_it_was_sent()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.LabelRule, "1", new LabelRuleInput { Match = ["job=\"node\""], Set = new Dictionary<string, string> { ["service"] = "chat", ["severity"] = "critical" } });
        var sent = LabelSet.Of(("alertname", "DiskFull"), ("job", "node"));
        await team.World.SendAsync(new AlertSignal(sent, LabelSet.Empty, team.World.Clock.GetUtcNow(), null, "api"));
        await team.RoundAsync();
        var incident = await team.World.IncidentAsync();
        Assert.Equal(("chat", Severity.Critical), (incident.Service, incident.Severity));
        Assert.Equal(sent, Assert.Single(await team.World.AlertsAsync()).Labels);
    }

    [Fact]
    public async Task A_storm_is_a_handful_of_incidents_and_a_timeline_that_can_be_read()
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        var now = team.World.Clock.GetUtcNow();
        var storm = Enumerable.Range(0, 12_000).Select(n => new AlertSignal(
            LabelSet.Of(("alertname", $"Kind{n % 3}"), ("instance", $"i{n}"), ("severity", "high")), LabelSet.Empty, now, null, "api")).ToArray();
        await team.World.SendAsync(storm);
        await team.RoundAsync();
        await using var db = team.World.CreateDbContext();
        Assert.Equal(3, await db.Incidents.CountAsync(Cancel));
        Assert.Equal(3, (await team.SentAsync()).Count);
        Assert.Equal(4000, await db.Alerts.CountAsync(a => a.IncidentId == 1, Cancel));
        Assert.InRange(await db.Timeline.CountAsync(Cancel), 3, 3 * 3 * (PlanWriter.MostToldEach + 5));

        await team.World.SendAsync([.. storm.Select(s => s with { EndsAt = now })]);
        await team.RoundAsync();
        Assert.False(await db.Incidents.AnyAsync(i => i.State != IncidentState.Resolved, Cancel));
        Assert.Equal(6, (await team.SentAsync()).Count);
    }
}
