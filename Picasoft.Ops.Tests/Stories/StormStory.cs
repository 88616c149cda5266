using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>A dozen things break at once: whoever is called gets a handful of messages, none is lost, and a way that is down holds up nothing of it.</summary>
public sealed class StormStory(PostgresFixture postgres)
{
    private const int Services = 12;

    private static readonly DateTimeOffset _begins = new(2027, 10, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly EscalationInput _policy = new() { Name = "default", Steps = [new() { Notify = ["schedule:tech"] }, new() { After = TimeSpan.FromHours(1), Notify = ["channel:tech-chat"] }] };
    private static readonly ScheduleInput _schedule = new() { Name = "tech", Rotation = new() { People = ["camille"], Every = TimeSpan.FromDays(1), Handoff = "18:00" } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_five_are_told_one_by_one_and_the_rest_in_one_message_with_counts()
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, _begins, _policy, _schedule);
        for (var i = 0; i < Services; i++) await team.BeginAsync($"service-{i}");
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(5));
        Assert.Equal([.. Enumerable.Repeat(TimeSpan.Zero, Storm.Most), Storm.Pause], team.Received.Select(r => r.At - _begins));

        var told = await team.DeliveriesAsync();
        Assert.All(told, d => Assert.Equal((DeliveryState.Sent, "camille"), (d.State, d.Person)));
        Assert.Equal(Services, told.Select(d => d.IncidentNumber).Distinct().Count());
        Assert.Equal(Services - Storm.Most, told.Count(d => d.Reason == DeliveryReason.Storm));
        Assert.Contains(team.ChatBodies, b => b.Contains("7 incidents, dont 7 en cours", StringComparison.Ordinal));
        // Each incident says how it was told.
        var last = await team.World.TimelineAsync(Services);
        Assert.Contains(last, t => t.Phrase?.Key == "notice.storm");
        Assert.Contains(last, t => t.Kind == TimelineKind.Told);

        // All ends at once, which is a storm as well; nobody reads twelve good news.
        for (var i = 0; i < Services; i++) await team.World.EndAsync($"service-{i}");
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(10));
        Assert.Equal(2 * (Storm.Most + 1), team.Received.Count);
        Assert.All(await team.DeliveriesAsync(), d => Assert.Equal(DeliveryState.Sent, d.State));

        // It is over: one incident is one message again.
        await team.BeginAsync("service-3");
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(11));
        Assert.Equal(_begins + TimeSpan.FromMinutes(10), team.Received[^1].At);
    }

    [Fact]
    public async Task Where_the_way_is_down_all_of_the_storm_goes_the_next_one_and_nothing_comes_twice()
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, _begins, _policy, _schedule);
        team.Down.Add("tech-chat");
        for (var i = 0; i < Services; i++) await team.BeginAsync($"service-{i}");
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(3));
        Assert.All(team.Received, r => Assert.Equal(("tech-mail", "camille@example.org"), (r.Through, r.To)));
        Assert.Equal([.. Enumerable.Repeat(TimeSpan.Zero, Storm.Most), Storm.Pause], team.Received.Select(r => r.At - _begins));

        team.Down.Clear();
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(30));
        Assert.Equal(Storm.Most + 1, team.Received.Count); // who was told another way is not told again
        var deliveries = await team.DeliveriesAsync();
        Assert.Equal(Services, deliveries.Where(d => d is { State: DeliveryState.Sent, ChannelName: "tech-mail" }).Select(d => d.IncidentNumber).Distinct().Count());
        Assert.All(deliveries.Where(d => d.ChannelName == "tech-chat"), d => Assert.Equal(DeliveryState.Replaced, d.State));
    }

    [Fact]
    public async Task A_channel_may_want_each_message()
    {
        await using var team = await SimulatedTeam.CreateAsync(postgres, _begins, _policy, _schedule);
        await using (var db = team.World.CreateDbContext())
        {
            db.Channels.Single(c => c.Name == "tech-chat").FoldStorms = false;
            await db.SaveChangesAsync(Cancel);
        }
        for (var i = 0; i < Services; i++) await team.BeginAsync($"service-{i}");
        await team.GoToAsync(_begins + TimeSpan.FromMinutes(1));
        Assert.Equal(Enumerable.Repeat(_begins, Services), team.Received.Select(r => r.At));
    }
}
