using System.Globalization;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>The clock jumps in the middle of an escalation, ahead as after a night asleep, or back as when a wrong one is put right; each round is a new process, as after a restart.</summary>
public sealed class ClockStory(PostgresFixture postgres)
{
    private static readonly DateTimeOffset _begins = new(2027, 10, 25, 17, 0, 0, TimeSpan.Zero);

    private static readonly EscalationInput _policy = new()
    {
        Name = "default",
        Steps = [new() { Notify = ["schedule:tech"] }, new() { After = TimeSpan.FromMinutes(15), Notify = ["person:sacha"] }, new() { After = TimeSpan.FromMinutes(30), Notify = ["person:robin", "channel:tech-chat"] }],
        Repeat = 1,
    };

    // One and the same person for a week: where a jump lands does not change who is on call.
    private static readonly ScheduleInput _schedule = new() { Name = "tech", Rotation = new() { People = ["camille"], Every = TimeSpan.FromDays(7), Handoff = "Monday 12:00" } };

    [Theory]
    [InlineData(0)]
    [InlineData(180)]
    [InlineData(-180)]
    [InlineData(60 * 24)]
    [InlineData(-60 * 24)]
    [InlineData(14)]
    [InlineData(-14)]
    public async Task Exactly_those_are_told_whom_the_simulator_named_in_its_order_and_each_once_a_step(int minutes)
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, _begins, _policy, _schedule);
        var predicted = (await team.PredictAsync("wiki")).Select(p => p.Split(' ', 2)).Select(p => (After: TimeSpan.FromMinutes(double.Parse(p[0], CultureInfo.InvariantCulture)), Who: p[1])).OrderBy(p => p.After).ThenBy(p => p.Who, StringComparer.Ordinal).ToList();
        await team.BeginAsync("wiki");
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(20)); // two steps were told

        var jump = TimeSpan.FromMinutes(minutes);
        team.World.Clock.AdjustTime(team.World.Clock.GetUtcNow() + jump);
        await team.FollowClockAsync();
        await team.GoToAsync(team.World.Clock.GetUtcNow() + TimeSpan.FromHours(4));

        Assert.Equal(predicted.Select(p => p.Who), team.Told());
        // What was due while the clock jumped comes at once; from then on the pauses are as written, and none is longer than that.
        var times = team.Received.Select(r => r.At).ToList();
        var third = times[2] - (_begins + TimeSpan.FromMinutes(20) + jump);
        Assert.InRange(third, TimeSpan.Zero, TimeSpan.FromMinutes(30));
        var pauses = predicted.Skip(2).Select(p => p.After).Distinct().ToList();
        Assert.Equal(pauses.Zip(pauses.Skip(1), (a, b) => b - a), times.Skip(2).Distinct().ToList() is var told ? told.Zip(told.Skip(1), (a, b) => b - a) : []);
        Assert.All(await team.DeliveriesAsync(), d => Assert.Equal(DeliveryState.Sent, d.State));
        Assert.Distinct((await team.DeliveriesAsync()).Select(d => d.IdempotencyKey));
    }

    [Fact]
    public async Task A_message_that_waited_for_its_second_try_does_not_wait_for_hours_more()
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, _begins, _policy with { Steps = [new() { Notify = ["channel:tech-chat"] }], Repeat = 0 }, _schedule);
        team.Down.UnionWith(["tech-chat", "tech-mail", "phones"]);
        await team.BeginAsync("wiki");
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(1));
        Assert.Empty(team.Received);
        team.Down.Clear();
        team.World.Clock.AdjustTime(_begins - TimeSpan.FromHours(5));
        await team.FollowClockAsync();
        await team.GoToAsync(_begins - TimeSpan.FromHours(4));
        Assert.Contains(team.Received, r => r is { Through: "tech-chat", To: "town" });
    }
}
