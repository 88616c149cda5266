using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Escalations;

/// <summary>Whose turn begins is told so, once, with what they need to know.</summary>
public sealed class ShiftRunnerTests(PostgresFixture postgres)
{
    // 12:00 UTC on a Sunday, 13:00 in Paris; the turn of the day begins at 18:00 there.
    private static readonly DateTimeOffset _handOver = new(2026, 11, 22, 17, 0, 0, TimeSpan.Zero);
    private static readonly ScheduleInput _schedule = new() { Name = "tech", Title = "Équipe technique", Rotation = new() { People = ["camille", "sacha"], Every = TimeSpan.FromDays(1), Handoff = "18:00", StartsOn = "2026-11-21" } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_takes_over_hears_until_when_what_was_handed_over_and_what_goes_on_and_only_once()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await using var services = await SeedAsync(world, _schedule);
        await GoToAsync(world, services, _handOver.AddHours(-1));
        await new OnCallActions(world, world.Clock).WriteNoteAsync(new() { Schedule = "tech", Text = "The disk of bob fills up.\nLook at it <daily>." }, IncidentWorld.Camille, Cancel);
        await world.BeginAsync("chat", lasts: TimeSpan.FromDays(1));
        await world.RoundAsync();
        await GoToAsync(world, services, _handOver.AddSeconds(-1));
        Assert.Equal(["camille@example.org"], await ToldAsync(world)); // hers began when the schedule did

        await GoToAsync(world, services, _handOver);
        await GoToAsync(world, services, _handOver.AddMinutes(1));
        await GoToAsync(world, services, _handOver.AddHours(3));
        Assert.Equal(["camille@example.org", "sacha@example.org"], await ToldAsync(world));

        await using var db = world.CreateDbContext();
        var delivery = await db.Deliveries.OrderBy(d => d.Id).LastAsync(Cancel);
        Assert.Equal((DeliveryReason.Shift, "sacha", _handOver.AddMinutes(1)), (delivery.Reason, delivery.Person, delivery.CreatedAt));
        var letter = services.GetServices<ILetter>().Single(l => l.Reasons.Contains(DeliveryReason.Shift));
        var (subject, text, html) = await letter.WriteAsync(delivery, "tech-mail", "https://ops.example.org", "en", Cancel);
        Assert.Equal("[Picasoft.Ops] You are on call for Équipe technique", subject);
        foreach (var part in new[] { "Until: Monday 23 November 2026", "18:00 UTC+01:00", "Before you: camille", "Hand-over note (camille, ", "  The disk of bob fills up.\n  Look at it <daily>.", "#1 ", "https://ops.example.org/on-call?schedule=tech" }) Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.Contains("Look at it &lt;daily&gt;.", html, StringComparison.Ordinal);
        Assert.Equal("[Picasoft.Ops] Vous êtes d’astreinte pour Équipe technique", (await letter.WriteAsync(delivery, "tech-mail", "https://ops.example.org", "fr", Cancel)).Subject);
    }

    [Fact]
    public async Task It_wakes_nobody_and_a_turn_that_was_over_meanwhile_is_no_news()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await using var services = await SeedAsync(world, _schedule);
        await using (var db = world.CreateDbContext())
        {
            (await db.People.SingleAsync(p => p.Name == "sacha", Cancel)).Contacts = new() { Quiet = new() { From = "17:00", To = "20:00", TimeZone = "Europe/Paris" } };
            await db.SaveChangesAsync(Cancel);
        }
        await GoToAsync(world, services, _handOver);
        await GoToAsync(world, services, _handOver.AddHours(2).AddSeconds(-1));
        Assert.Equal(["camille@example.org"], await ToldAsync(world));
        await GoToAsync(world, services, _handOver.AddHours(2));
        Assert.Equal(["camille@example.org", "sacha@example.org"], await ToldAsync(world));

        // The whole product was away for two and a half turns: only who has it now is told.
        await GoToAsync(world, services, _handOver.AddDays(2).AddHours(12));
        Assert.Equal(["camille@example.org", "sacha@example.org", "sacha@example.org"], await ToldAsync(world));
    }

    [Fact]
    public async Task However_many_sleep_whoever_is_behind_them_is_told()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await using var services = await SeedAsync(world, _schedule);
        await using (var db = world.CreateDbContext())
        {
            (await db.People.SingleAsync(p => p.Name == "sacha", Cancel)).Contacts = new() { Quiet = new() { From = "00:00", To = "23:00", TimeZone = "Europe/Paris" } };
            var now = world.Clock.GetUtcNow();
            db.OnCallPeriods.AddRange(Enumerable.Range(0, 120).Select(i => new OnCallPeriod { Schedule = $"night-{i}", Person = "sacha", StartsAt = now, EndsAt = now, Told = false }));
            await db.SaveChangesAsync(Cancel);
            db.OnCallPeriods.Add(new() { Schedule = "day", Person = "camille", StartsAt = now, EndsAt = now, Told = false });
            await db.SaveChangesAsync(Cancel);
        }
        using var runner = new ShiftRunner(world, services.GetRequiredService<ChannelKinds>(), world.Signal, world.Clock, NullLogger<ShiftRunner>.Instance);
        Assert.Equal(1, await runner.RunOnceAsync(Cancel));
        Assert.Equal(["camille@example.org"], await ToldAsync(world));
        world.Clock.Advance(new DateTimeOffset(2026, 11, 22, 22, 1, 0, TimeSpan.Zero) - world.Clock.GetUtcNow());
        await using (var db = world.CreateDbContext()) await db.OnCallPeriods.ExecuteUpdateAsync(s => s.SetProperty(p => p.EndsAt, world.Clock.GetUtcNow()), Cancel); // they go on
        Assert.Equal(120, await runner.RunOnceAsync(Cancel));
    }

    [Fact]
    public async Task A_schedule_that_announces_nothing_tells_nobody()
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await using var services = await SeedAsync(world, _schedule with { Announce = false });
        await GoToAsync(world, services, _handOver.AddMinutes(1));
        Assert.Empty(await ToldAsync(world));
    }

    private static async Task<ServiceProvider> SeedAsync(IncidentWorld world, ScheduleInput schedule)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(world.Clock).AddSingleton(new OpsSettings { Data = "/nonexistent", PublicUrl = "https://ops.example.org" })
            .AddStorage(world.Source.ConnectionString, new string('k', 32)).AddNotifications().AddSingleton<IDbContextFactory<OpsDbContext>>(world).BuildServiceProvider();
        await using var db = world.CreateDbContext();
        db.Channels.Add(new() { Name = "tech-mail", Type = "email", Settings = """{"from": "ops@example.org", "to": ["tech@example.org"], "smtp": {"host": "127.0.0.1", "port": 25, "tls": "none"}}""" });
        db.Policies.Add(new() { Kind = PolicyKind.Schedule, Name = schedule.Name, Definition = Json.Text(schedule) });
        await db.SaveChangesAsync(Cancel);
        return services;
    }

    /// <summary>Turns the clock, and does what two nodes do then.</summary>
    private static async Task GoToAsync(IncidentWorld world, ServiceProvider services, DateTimeOffset at)
    {
        for (var node = 0; node < 2; node++)
        {
            using var recorder = new OnCallRunner(world, world.Signal, world.Clock, NullLogger<OnCallRunner>.Instance);
            using var runner = new ShiftRunner(world, services.GetRequiredService<ChannelKinds>(), world.Signal, world.Clock, NullLogger<ShiftRunner>.Instance);
            await recorder.RunOnceAsync(Cancel); // as it was before the clock turned
            await runner.RunOnceAsync(Cancel);
            if (node == 0) world.Clock.Advance(at - world.Clock.GetUtcNow());
            await recorder.RunOnceAsync(Cancel);
            await runner.RunOnceAsync(Cancel);
        }
    }

    private static async Task<List<string>> ToldAsync(IncidentWorld world)
    {
        await using var db = world.CreateDbContext();
        return await db.Deliveries.OrderBy(d => d.Id).Select(d => d.Recipient).ToListAsync(Cancel);
    }
}
