using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Notifications;

public sealed class ProofTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_channel_that_was_quiet_for_a_week_is_tried_and_one_that_carried_nothing_for_two_is_an_alert()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await using var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(world.Clock).AddSingleton(new OpsSettings { Data = "/nonexistent" })
            .AddStorage(world.Source.ConnectionString, new string('k', 32)).AddNotifications().BuildServiceProvider();
        using var runner = new ProofRunner(world, new ChannelActions(world, services.GetRequiredService<ChannelKinds>(), world.Clock), world.Clock, NullLogger<ProofRunner>.Instance);
        await using (var db = world.CreateDbContext())
        {
            var channel = db.Channels.Add(new() { Name = "phone", Type = "ntfy", Settings = """{"topic": "tech"}""" }).Entity;
            db.Channels.Add(new() { Name = "never-used", Type = "ntfy", Settings = """{"topic": "other"}""" });
            await db.SaveChangesAsync(Cancel);
            db.Deliveries.Add(new() { IdempotencyKey = "x", ChannelId = channel.Id, ChannelName = "phone", Recipient = "tech", Reason = DeliveryReason.Test, State = DeliveryState.Sent, CreatedAt = world.Clock.GetUtcNow(), NextAttemptAt = world.Clock.GetUtcNow(), SentAt = world.Clock.GetUtcNow() });
            await db.SaveChangesAsync(Cancel);
        }
        await LaterAsync(TimeSpan.FromDays(6));
        Assert.Equal((1, 0), await CountAsync());
        await LaterAsync(TimeSpan.FromDays(2));
        await runner.RunOnceAsync(Cancel); // not one at each look
        Assert.Equal((2, 0), await CountAsync());
        await LaterAsync(TimeSpan.FromDays(7));
        Assert.Equal((3, 1), await CountAsync());
        await using (var db = world.CreateDbContext()) await db.Deliveries.Where(d => d.SentAt == null).ExecuteUpdateAsync(s => s.SetProperty(d => d.SentAt, world.Clock.GetUtcNow()), Cancel);
        await runner.RunOnceAsync(Cancel);
        Assert.Equal((3, 0), await CountAsync());

        Task LaterAsync(TimeSpan time)
        {
            world.Clock.Advance(time);
            return runner.RunOnceAsync(Cancel);
        }

        async Task<(int Deliveries, int Alerts)> CountAsync()
        {
            await using var db = world.CreateDbContext();
            return (await db.Deliveries.CountAsync(Cancel), await db.Alerts.CountAsync(a => a.ResolvedAt == null, Cancel));
        }
    }

    [Fact]
    public async Task The_dead_mans_switch_outside_hears_that_the_node_lives_and_that_messages_are_stuck()
    {
        await using var outside = await HttpDouble.StartAsync(_ => (200, "OK"));
        await using var world = await IncidentWorld.CreateAsync(postgres);
        using var runner = new DeadManRunner(world, new OpsSettings { Data = "/nonexistent", DeadManUrl = $"http://127.0.0.1:{outside.Port}/ping/1234" }, world.Clock, NullLogger<DeadManRunner>.Instance);
        await runner.PingAsync(Cancel);
        await using (var db = world.CreateDbContext())
        {
            db.Deliveries.Add(new() { IdempotencyKey = "stuck", ChannelName = "x", Recipient = "y", Reason = DeliveryReason.Opened, CreatedAt = world.Clock.GetUtcNow(), NextAttemptAt = world.Clock.GetUtcNow() });
            await db.SaveChangesAsync(Cancel);
        }
        world.Clock.Advance(TimeSpan.FromMinutes(6));
        await runner.PingAsync(Cancel);
        Assert.Equal(["/ping/1234", "/ping/1234/fail"], outside.Seen.Select(s => s.Path));
    }
}
