using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>What calls too often is turned to a digest from the weekly review: it calls nobody any more, and whoever was called hears of it once a day.</summary>
public sealed class DigestStory(PostgresFixture postgres)
{
    private static readonly DateTimeOffset _begins = new(2027, 10, 25, 12, 0, 0, TimeSpan.Zero); // 14:00 in Paris
    private static readonly EscalationInput _policy = new() { Name = "default", Steps = [new() { Notify = ["schedule:tech"] }] };
    private static readonly ScheduleInput _schedule = new() { Name = "tech", Rotation = new() { People = ["camille"], Every = TimeSpan.FromDays(7), Handoff = "18:00" } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_told_once_a_day_with_counts_and_everything_else_calls_as_before()
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, _begins, _policy, _schedule);
        await team.BeginAsync("wiki");
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(1));
        await team.World.EndAsync("wiki");
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(10));
        Assert.Equal(2, team.Received.Count);

        // It is over by the time of the review, and can be turned all the same; once.
        var queries = new PolicyQueries(team.World, team.World.Clock);
        var quieter = new QuieterActions(team.World, team.World.Queries, queries, new(team.World, team.World.Clock));
        Assert.Null((await quieter.ToDigestAsync(1, IncidentWorld.Camille, Cancel)).Refusal);
        Assert.Equal("review.digest_already", (await quieter.ToDigestAsync(1, IncidentWorld.Camille, Cancel)).Refusal!.Errors[0].Message.Key);
        Assert.Equal(["schedule:tech"], ((EscalationInput)(await queries.FindAsync(PolicyKind.Escalation, QuieterActions.Digest, Cancel))!.Input).Steps[0].Notify);

        foreach (var hour in new[] { 1, 2, 3 })
        {
            await team.GoToAsync(_begins + TimeSpan.FromHours(hour));
            await team.BeginAsync("wiki");
            await team.GoToAsync(_begins + TimeSpan.FromHours(hour) + TimeSpan.FromMinutes(5));
            if (hour < 3) await team.World.EndAsync("wiki");
        }
        await team.BeginAsync("mail");
        await team.GoToAsync(_begins + TimeSpan.FromHours(17));
        Assert.Equal([_begins, _begins + TimeSpan.FromMinutes(1), _begins + TimeSpan.FromHours(3) + TimeSpan.FromMinutes(5)], team.Received.Select(r => r.At)); // only the mail server called

        await team.GoToAsync(_begins + TimeSpan.FromHours(24));
        Assert.Equal(new DateTimeOffset(2027, 10, 26, 6, 0, 0, TimeSpan.Zero), team.Received[^1].At); // 08:00 in Paris
        Assert.Equal(4, team.Received.Count);
        Assert.Contains(team.ChatBodies, b => b.Contains("dont 1 en cours", StringComparison.Ordinal));
        Assert.All(await team.DeliveriesAsync(), d => Assert.Equal(DeliveryState.Sent, d.State));
    }

    [Theory]
    [InlineData("08:00", "2027-10-25T05:59:00Z", "2027-10-25T06:00:00Z")]
    [InlineData("08:00", "2027-10-25T06:00:00Z", "2027-10-26T06:00:00Z")]
    [InlineData("02:30", "2027-10-30T23:00:00Z", "2027-10-31T00:30:00Z")] // it comes twice: the first
    [InlineData("02:30", "2027-03-27T22:00:00Z", "2027-03-28T01:00:00Z")] // it is jumped over: the jump
    public void The_hour_is_that_of_the_wall(string hour, string now, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next, System.Globalization.CultureInfo.InvariantCulture), new DigestHour(TimeOnly.Parse(hour, System.Globalization.CultureInfo.InvariantCulture), "Europe/Paris").After(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)));
}
