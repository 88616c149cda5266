using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Incidents;

public sealed class IncidentActionsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private IncidentWorld _world = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await IncidentWorld.CreateAsync(postgres);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Of_two_who_acknowledge_at_once_one_has_it_and_the_other_learns_who()
    {
        for (var number = 1; number <= 15; number++)
        {
            await _world.Actions.DeclareAsync(IncidentWorld.Camille, "Chat is slow", Severity.High, null, null, Cancel);
            var revision = (await _world.IncidentAsync(number)).Revision;
            var outcomes = await Task.WhenAll(new[] { IncidentWorld.Camille, IncidentWorld.Sacha }.Select(a => Task.Run(() => _world.Actions.AcknowledgeAsync(number, a, null, null, revision, Cancel))));

            var winner = Assert.Single(outcomes, o => o.IsDone).Value.AcknowledgedBy!;
            var refusal = Assert.Single(outcomes, o => !o.IsDone).Refusal!;
            Assert.Equal(RefusalKind.Conflict, refusal.Kind);
            Assert.Contains(winner, refusal.ToString());
            Assert.Equal(winner, (await _world.IncidentAsync(number)).Assignee);
            Assert.Equal(winner, Assert.Single(await _world.TimelineAsync(number), t => t.Kind == TimelineKind.Acknowledged).By);
            await using var db = _world.CreateDbContext();
            Assert.Equal(1, await db.Set<AuditEntry>().CountAsync(a => a.Action == "incident.acknowledge" && a.Target == $"#{number}", Cancel));
        }
    }

    [Fact]
    public async Task Merging_moves_alerts_and_impact_and_is_told_on_both_sides()
    {
        await _world.BeginAsync("wiki");
        await _world.RoundAsync();
        await _world.BeginAsync("mail", "high");
        await _world.RoundAsync();

        var merged = await _world.Actions.MergeAsync(1, 2, IncidentWorld.Camille, null, Cancel);

        Assert.Equal(IncidentState.Resolved, merged.Value.State);
        var target = await _world.IncidentAsync(2);
        Assert.Equal(Severity.Critical, target.Severity);
        Assert.Equal(["wiki"], target.Impact);
        Assert.All(await _world.AlertsAsync(), a => Assert.Equal(2, a.IncidentId));
        Assert.Contains(await _world.TimelineAsync(1), t => t is { Kind: TimelineKind.Resolved, Phrase.Key: "timeline.merged_into" });
        Assert.Contains(await _world.TimelineAsync(2), t => t.Phrase?.Key == "timeline.merged_from");

        await _world.EndAsync("wiki");
        await _world.EndAsync("mail", "high");
        await _world.RoundAsync();
        Assert.Equal(IncidentState.Resolved, (await _world.IncidentAsync(2)).State);
    }

    [Fact]
    public async Task Merges_crosswise_leave_exactly_one_open()
    {
        await _world.BeginAsync("wiki");
        await _world.RoundAsync();
        await _world.BeginAsync("mail");
        await _world.RoundAsync();
        var outcomes = await Task.WhenAll(Task.Run(() => _world.Actions.MergeAsync(1, 2, IncidentWorld.Camille, null, Cancel)), Task.Run(() => _world.Actions.MergeAsync(2, 1, IncidentWorld.Sacha, null, Cancel)));
        Assert.Single(outcomes, o => o.IsDone);
        Assert.NotEqual((await _world.IncidentAsync(1)).IsOpen, (await _world.IncidentAsync(2)).IsOpen);
    }

    [Fact]
    public async Task Merging_with_itself_with_nothing_or_with_what_is_over_is_refused()
    {
        await _world.Actions.DeclareAsync(IncidentWorld.Camille, "A", Severity.High, null, null, Cancel);
        await _world.Actions.DeclareAsync(IncidentWorld.Camille, "B", Severity.High, null, null, Cancel);
        await _world.Actions.ResolveAsync(2, IncidentWorld.Camille, null, null, Cancel);
        Assert.Equal(RefusalKind.Conflict, (await _world.Actions.MergeAsync(1, 1, IncidentWorld.Camille, null, Cancel)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Conflict, (await _world.Actions.MergeAsync(1, 2, IncidentWorld.Camille, null, Cancel)).Refusal!.Kind);
        Assert.Equal("into", (await _world.Actions.MergeAsync(1, 99, IncidentWorld.Camille, null, Cancel)).Refusal!.Errors[0].Field);
        Assert.Equal(RefusalKind.NotFound, (await _world.Actions.MergeAsync(99, 1, IncidentWorld.Camille, null, Cancel)).Refusal!.Kind);
    }

    [Fact]
    public async Task An_incident_of_a_service_that_nobody_knows_is_not_declared() =>
        Assert.Equal("service", (await _world.Actions.DeclareAsync(IncidentWorld.Camille, "A", Severity.High, "nope", null, Cancel)).Refusal!.Errors[0].Field);
}
