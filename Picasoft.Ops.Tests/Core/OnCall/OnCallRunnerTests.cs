using Microsoft.Extensions.Logging.Abstractions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.OnCall;

/// <summary>What is written down of who was on call, and what is warned of ahead, on a real database with a clock that the test turns.</summary>
public sealed class OnCallRunnerTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_history_says_who_was_on_call_when_and_what_they_handled_whatever_the_schedule_says_later()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        using var runner = await StartAsync(world, new() { Name = "tech", Rotation = new() { People = ["camille"], Every = TimeSpan.FromDays(7), Handoff = "18:00" } });
        var (actions, queries, begins) = (new OnCallActions(world, world.Clock), new OnCallQueries(world, world.Clock), world.Clock.GetUtcNow());
        await LaterAsync(TimeSpan.FromHours(1));
        await world.BeginAsync("chat");
        await world.RoundAsync();
        await world.Actions.AcknowledgeAsync(1, IncidentWorld.Camille, null, null, null, Cancel);
        await world.BeginAsync("postgres");
        await world.RoundAsync();
        await LaterAsync(TimeSpan.FromHours(1));
        Assert.Null((await actions.ChangeAsync(new() { Schedule = "tech", Person = "sacha", StartsAt = begins.AddHours(2), EndsAt = begins.AddHours(4) }, IncidentWorld.Sacha, Cancel)).Refusal);
        await LaterAsync(TimeSpan.FromHours(1));
        await world.Actions.ResolveAsync(1, IncidentWorld.Sacha, null, null, Cancel);
        await LaterAsync(TimeSpan.FromHours(2));

        var served = await queries.HistoryAsync("tech", begins, world.Clock.GetUtcNow(), Cancel);
        Assert.Equal(["camille 4", "sacha 2 #1", "camille 0 #1"], served.Select(s => $"{s.Period.Person} {Math.Round((s.Period.StartsAt - begins).TotalHours) + 0:0}{string.Concat(s.Handled.Select(h => $" #{h}"))}"));
        // The record ends with each round: whoever is on call is not said to be until then.
        Assert.Equal([true, false, false], served.Select(s => s.GoesOn));

        // The schedule becomes another one: the past stays.
        Assert.Null((await actions.SaveAsync("tech", new() { Name = "tech", Rotation = new() { People = ["sacha"], Every = TimeSpan.FromDays(7), Handoff = "18:00" } }, null, IncidentWorld.Camille, Cancel)).Refusal);
        await LaterAsync(TimeSpan.FromHours(1));
        Assert.Equal(["camille"], (await queries.AtAsync(begins.AddMinutes(30), Cancel)).Single().Shifts.Select(s => s.Person));
        Assert.Equal(["sacha"], (await queries.AtAsync(begins.AddHours(3), Cancel)).Single().Shifts.Select(s => s.Person));
        Assert.Equal(["sacha"], (await queries.AtAsync(null, Cancel)).Single().Shifts.Select(s => s.Person));

        async Task LaterAsync(TimeSpan time)
        {
            world.Clock.Advance(time);
            await runner.RunOnceAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_gap_is_warned_of_a_week_ahead_and_not_before_and_so_is_a_shift_of_somebody_who_is_away()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        using var runner = await StartAsync(world, new() { Name = "tech" });
        var (actions, begins) = (new OnCallActions(world, world.Clock), world.Clock.GetUtcNow());
        Assert.Null((await actions.ChangeAsync(new() { Schedule = "tech", Person = "camille", Kind = OnCallChangeKind.Shift, StartsAt = begins, EndsAt = begins.AddDays(8) }, IncidentWorld.Camille, Cancel)).Refusal);
        await runner.RunOnceAsync(Cancel);
        Assert.Empty(await WarningsAsync());
        world.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));
        await runner.RunOnceAsync(Cancel);
        Assert.Equal("on_call.gap_open", Assert.Single(await WarningsAsync()).Summary!.Key);

        await actions.ChangeAsync(new() { Schedule = "tech", Person = "sacha", Kind = OnCallChangeKind.Shift, StartsAt = begins.AddDays(8), EndsAt = begins.AddDays(60) }, IncidentWorld.Sacha, Cancel);
        await runner.RunOnceAsync(Cancel);
        Assert.Empty(await WarningsAsync());

        await using (var db = world.CreateDbContext())
        {
            db.Absences.Add(new() { PersonId = db.People.Single(p => p.Name == "camille").Id, StartsAt = begins.AddDays(3), EndsAt = begins.AddDays(4) });
            await db.SaveChangesAsync(Cancel);
        }
        await runner.RunOnceAsync(Cancel);
        var away = Assert.Single(await WarningsAsync()).Summary!;
        Assert.Equal("on_call.away", away.Key);
        Assert.Contains("camille", away.In(new("en")), StringComparison.Ordinal);

        // Whoever leaves and is on call still reaches nobody.
        await using (var db = world.CreateDbContext())
        {
            db.People.Single(p => p.Name == "sacha").IsActive = false;
            await db.SaveChangesAsync(Cancel);
        }
        world.Clock.Advance(TimeSpan.FromDays(2));
        await runner.RunOnceAsync(Cancel);
        var left = Assert.Single(await WarningsAsync()).Summary!;
        Assert.Equal(("on_call.left", "sacha"), (left.Key, left.Args[1]));

        async Task<List<Alert>> WarningsAsync() => [.. (await world.AlertsAsync()).Where(a => a.Labels["alertname"] == OnCallRunner.GapAlert && a.ResolvedAt is null)];
    }

    [Fact]
    public async Task A_gap_that_goes_on_is_told_by_its_end_and_says_the_same_in_each_round()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        using var runner = await StartAsync(world, new() { Name = "tech" });
        Assert.Equal(Phrase.Of("on_call.gap_now_open", "tech"), await SaidAsync());
        var ends = world.Clock.GetUtcNow().AddDays(1);
        await new OnCallActions(world, world.Clock).ChangeAsync(new() { Schedule = "tech", Person = "sacha", Kind = OnCallChangeKind.Shift, StartsAt = ends, EndsAt = ends.AddDays(60) }, IncidentWorld.Sacha, Cancel);
        for (var round = 0; round < 3; round++)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(10));
            await runner.RunOnceAsync(Cancel);
            Assert.Equal(Phrase.Of("on_call.gap_now", "tech", ends, 1), await SaidAsync());
        }

        async Task<Phrase?> SaidAsync() => Assert.Single(await world.AlertsAsync(), a => a.Labels["alertname"] == OnCallRunner.GapAlert && a.ResolvedAt is null).Summary;
    }

    private static async Task<OnCallRunner> StartAsync(IncidentWorld world, ScheduleInput schedule)
    {
        await using (var db = world.CreateDbContext())
        {
            db.Policies.Add(new() { Kind = PolicyKind.Schedule, Name = schedule.Name, Definition = Json.Text(schedule) });
            await db.SaveChangesAsync(Cancel);
        }
        var runner = new OnCallRunner(world, world.Signal, world.Clock, NullLogger<OnCallRunner>.Instance);
        await runner.RunOnceAsync(Cancel);
        return runner;
    }
}
