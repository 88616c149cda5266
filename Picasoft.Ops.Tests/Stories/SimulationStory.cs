using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>People set up their routes by what the simulator says: it must be what the pipeline then does, whatever goes on already.</summary>
public sealed class SimulationStory(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_the_simulator_says_of_an_alert_is_what_then_happens(int seed)
    {
        await using var team = await PagingTeam.CreateAsync(postgres);
        await team.DecideAsync(PolicyKind.LabelRule, "1", new LabelRuleInput { Match = ["job=\"node\""], Set = new Dictionary<string, string> { ["service"] = "chat" } });
        await team.DecideAsync(PolicyKind.Route, "1", new RouteInput { Match = ["severity=\"critical\""], Escalation = "night", Continue = true });
        await team.DecideAsync(PolicyKind.Route, "2", new RouteInput { Match = ["service=\"wiki\""], GroupBy = ["service", "n"] });
        await team.DecideAsync(PolicyKind.Escalation, "night", new EscalationInput { Name = "night", Steps = [new() { Notify = ["person:sacha"] }] });
        await team.DecideAsync(PolicyKind.Escalation, "default", new EscalationInput { Name = "default", Steps = [new() { Notify = ["channel:tech-mail"] }, new() { After = TimeSpan.FromHours(1), Notify = ["person:camille"] }] });
        await team.DecideAsync(PolicyKind.InhibitRule, "1", new InhibitInput { SourceMatch = ["alertname=\"Backup\""], TargetMatch = ["alertname=\"Slow\""], Equal = ["n"] });
        await team.DecideAsync(PolicyKind.Maintenance, "move", new MaintenanceInput { Name = "move", Match = ["service=\"postgres\"", "n=\"2\""], StartsAt = team.World.Clock.GetUtcNow(), Duration = TimeSpan.FromMinutes(3) });

        var random = new Random(seed);
        var (paged, quiet, joined) = (0, 0, 0);
        for (var i = 0; i < 90; i++)
        {
            await MeddleAsync(team, random);
            await team.PassAsync(TimeSpan.FromSeconds(5));
            var labels = Pick(random);
            if ((await team.World.AlertsAsync()).Exists(a => a.IsActive && a.Labels.Equals(labels))) continue;
            var said = await team.SimulateAsync(labels);
            var before = (await team.SentAsync()).Count;
            await team.World.SendAsync(new AlertSignal(labels, LabelSet.Empty, team.World.Clock.GetUtcNow(), null, "api"));
            await team.RoundAsync();
            var told = (await team.SentAsync())[before..].Where(s => !s.StartsWith("resolved ", StringComparison.Ordinal)).Select(s => s.Split(' ')[1]).Distinct().Order(StringComparer.Ordinal).ToList();
            var predicted = said.Pages ? said.Told[0].Targets.Select(t => t.Recipient).Distinct().Order(StringComparer.Ordinal).ToList() : [];
            Assert.True(predicted.SequenceEqual(told), $"alert {i}, {labels}: said [{string.Join(' ', predicted)}], told [{string.Join(' ', told)}]\n{string.Join('\n', said.Steps.Select(s => s.Words.In()))}");
            if (told.Count > 0) paged++; else quiet++;
            if (told.Count > 0 && said.Steps.Any(s => s.Words.Key is "simulate.joins" or "simulate.joins_untold")) joined++;
        }
        Assert.True(paged > 8 && quiet > 8 && joined > 0, $"{paged} paged, {quiet} did not, {joined} joined and paged");
    }

    private static LabelSet Pick(Random random)
    {
        string?[][] values = [["Down", "Slow", "Backup"], ["chat", "postgres", "wiki", null], ["low", "high", "critical"], ["1", "2"], [null, null, "node"]];
        string[] names = ["alertname", "service", "severity", "n", "job"];
        return LabelSet.Of([.. names.Zip(values, (name, of) => (name, of[random.Next(of.Length)] ?? ""))]);
    }

    /// <summary>What people and sources do meanwhile.</summary>
    private static async Task MeddleAsync(PagingTeam team, Random random)
    {
        await using var db = team.World.CreateDbContext();
        var open = await db.Incidents.Where(i => i.State != IncidentState.Resolved).OrderBy(i => i.Number).Select(i => i.Number).ToListAsync(Cancel);
        var burning = (await team.World.AlertsAsync()).FindAll(a => a.IsActive);
        var now = team.World.Clock.GetUtcNow();
        var what = random.Next(12);
        if (what < 4 && burning.Count > 0 && burning[random.Next(burning.Count)] is var alert) await team.World.SendAsync(new AlertSignal(alert.Labels, LabelSet.Empty, alert.StartsAt, now, "api"));
        if (what is > 3 and < 8 && open.Count > 0)
        {
            var number = open[random.Next(open.Count)];
            _ = what switch
            {
                4 => await team.World.Actions.AcknowledgeAsync(number, IncidentWorld.Sacha, null, TimeSpan.FromSeconds(20), null, Cancel),
                5 or 6 => await team.World.Actions.MitigateAsync(number, IncidentWorld.Sacha, null, null, Cancel),
                _ => await team.World.Actions.ResolveAsync(number, IncidentWorld.Sacha, null, null, Cancel),
            };
        }
        if (what is 8 or 9)
            await team.World.Silences.CreateAsync(new() { Matchers = [what == 8 ? "service=\"chat\"" : "n=\"1\""], Duration = TimeSpan.FromSeconds(random.Next(10, 60)), Comment = "meanwhile" }, IncidentWorld.Camille, Cancel);
    }
}
