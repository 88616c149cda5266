using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>
/// A week of three people on a clock that the test turns: daily turns at 18:00 in Paris, the night in which the clock goes back, a swap,
/// an outage in each. Each message is looked at: to whom, when, why; and the simulator said so before.
/// </summary>
public sealed class OnCallWeekStory(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_is_on_call_at_the_instant_of_a_step_is_told_and_nobody_else()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres); // begins on Sunday 2026-11-22 at 12:00 UTC
        world.Clock.Advance(new DateTimeOffset(2027, 10, 29, 12, 0, 0, TimeSpan.Zero) - world.Clock.GetUtcNow()); // the clock goes back on Sunday the 31st
        await using var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(world.Clock).AddSingleton(new OpsSettings { Data = "/nonexistent", PublicUrl = "https://ops.example.org" })
            .AddStorage(world.Source.ConnectionString, new string('k', 32)).AddNotifications().AddOnCall().BuildServiceProvider();
        await using (var db = world.CreateDbContext())
        {
            db.Add(new Person { Name = "robin", UserName = "robin", NormalizedUserName = "ROBIN", Email = "robin@example.org", NormalizedEmail = "ROBIN@EXAMPLE.ORG", CreatedAt = world.Clock.GetUtcNow() });
            db.Channels.Add(new() { Name = "tech-mail", Type = "email", Settings = """{"from": "ops@example.org", "to": ["tech@example.org"], "smtp": {"host": "127.0.0.1", "port": 25, "tls": "none"}}""" });
            db.Policies.Add(new() { Kind = PolicyKind.Schedule, Name = "tech", Definition = Json.Text(new ScheduleInput { Name = "tech", Rotation = new() { People = ["camille", "sacha", "robin"], Every = TimeSpan.FromDays(1), Handoff = "18:00", StartsOn = "2027-10-29" } }) });
            db.Policies.Add(new() { Kind = PolicyKind.Escalation, Name = "default", Definition = Json.Text(new EscalationInput { Name = "default", Steps = [new() { Notify = ["schedule:tech"] }, new() { After = TimeSpan.FromHours(1), Notify = ["schedule:tech"] }, new() { After = TimeSpan.FromHours(1), Notify = ["channel:tech-mail"] }] }) });
            await db.SaveChangesAsync(Cancel);
        }
        var actions = new OnCallActions(world, world.Clock);
        var simulator = new SimulationQueries(world, services.GetRequiredService<ChannelKinds>(), world.Clock);

        // Friday 17:30 in Paris: robin's turn is nearly over; an hour later it is camille's, who is told at the second step.
        await GoToAsync(new(2027, 10, 29, 15, 30, 0, TimeSpan.Zero));
        var predicted = (await simulator.SimulateAsync(LabelSet.Of(("alertname", "Down"), ("service", "chat"), ("severity", "critical")), null, Cancel)).Told.Select(m => m.Targets.Single().Recipient).ToList();
        Assert.Equal(["robin@example.org", "camille@example.org", "tech@example.org"], predicted);
        await world.BeginAsync("chat", lasts: TimeSpan.FromDays(1));
        await RoundAsync();
        await PassAsync(TimeSpan.FromMinutes(59));
        Assert.Equal(["opened robin@example.org"], await SentAsync());
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("escalated camille@example.org", (await SentAsync())[^1]);
        await world.Actions.AcknowledgeAsync(1, IncidentWorld.Camille, null, null, null, Cancel);
        await world.EndAsync("chat");
        await RoundAsync();
        Assert.Equal(["resolved camille@example.org", "resolved robin@example.org"], (await SentAsync())[2..].Order());

        // Saturday 18:00 to Sunday 18:00 has 25 hours, and is sacha's; camille takes her night in a swap.
        var from = new DateTimeOffset(2027, 10, 30, 20, 0, 0, TimeSpan.Zero); // 22:00 in summer time
        var to = new DateTimeOffset(2027, 10, 31, 6, 0, 0, TimeSpan.Zero); // 07:00 in winter time
        var swap = await actions.ProposeAsync(new() { Schedule = "tech", Asked = "camille", StartsAt = from, EndsAt = to }, IncidentWorld.Sacha, Cancel);
        Assert.Equal(RefusalKind.Forbidden, (await actions.AnswerAsync(swap.Value.Id, SwapState.Accepted, IncidentWorld.Sacha, Cancel)).Refusal?.Kind);
        Assert.Equal("sacha", await OnCallAsync(from));
        Assert.Equal(SwapState.Accepted, (await actions.AnswerAsync(swap.Value.Id, SwapState.Accepted, IncidentWorld.Camille, Cancel)).Value.State);
        Assert.Equal(["sacha", "camille", "camille", "camille", "sacha", "sacha", "robin"], [
            await OnCallAsync(from.AddSeconds(-1)), await OnCallAsync(from), await OnCallAsync(new(2027, 10, 31, 0, 30, 0, TimeSpan.Zero)), await OnCallAsync(new(2027, 10, 31, 1, 30, 0, TimeSpan.Zero)),
            await OnCallAsync(to), await OnCallAsync(new(2027, 10, 31, 16, 59, 0, TimeSpan.Zero)), await OnCallAsync(new(2027, 10, 31, 17, 0, 0, TimeSpan.Zero))]);

        // In the hour that comes twice.
        await GoToAsync(new(2027, 10, 31, 1, 30, 0, TimeSpan.Zero));
        await world.BeginAsync("chat", lasts: TimeSpan.FromDays(2));
        await RoundAsync();
        Assert.Equal("opened camille@example.org", (await SentAsync())[^1]);

        // Nobody takes it: the second step still finds camille, the last one the list.
        await PassAsync(TimeSpan.FromHours(1));
        await PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(["opened camille@example.org", "escalated camille@example.org", "escalated tech@example.org"], (await SentAsync())[4..]);

        // An acknowledgement that runs out on Monday evening begins anew, with whoever is on call by then.
        await world.Actions.AcknowledgeAsync(2, IncidentWorld.Sacha, null, TimeSpan.FromHours(16), null, Cancel);
        await PassAsync(TimeSpan.FromHours(16));
        Assert.Equal("acknowledgement_expired robin@example.org", (await SentAsync())[^1]);

        async Task<string> OnCallAsync(DateTimeOffset at) => (await new OnCallQueries(world, world.Clock).AtAsync(at, Cancel)).Single().Shifts.Single().Person;

        async Task RoundAsync()
        {
            await world.RoundAsync();
            using var notices = new NoticeRunner(world, services.GetRequiredService<ChannelKinds>(), world.Signal, world.Clock, NullLogger<NoticeRunner>.Instance);
            while (await notices.RunOnceAsync(Cancel) > 0) { }
            await notices.TickAsync(Cancel);
        }

        Task PassAsync(TimeSpan time)
        {
            world.Clock.Advance(time);
            return RoundAsync();
        }

        Task GoToAsync(DateTimeOffset at) => PassAsync(at - world.Clock.GetUtcNow());

        async Task<List<string>> SentAsync()
        {
            await using var db = world.CreateDbContext();
            return await db.Deliveries.OrderBy(d => d.Id).Select(d => d.Reason + " " + d.Recipient).ToListAsync(Cancel);
        }
    }
}
