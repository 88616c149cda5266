using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>The incident world and who is told.</summary>
internal sealed class PagingTeam : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PagingTeam(IncidentWorld world, ServiceProvider services) => (World, _services) = (world, services);

    public IncidentWorld World { get; }

    public static async Task<PagingTeam> CreateAsync(PostgresFixture postgres)
    {
        var world = await IncidentWorld.CreateAsync(postgres);
        var services = new ServiceCollection().AddLogging().AddSingleton(new OpsSettings { Data = "/nonexistent", PublicUrl = "https://ops.example.org" })
            .AddStorage(world.Source.ConnectionString, new string('k', 32)).AddNotifications().BuildServiceProvider();
        var team = new PagingTeam(world, services);
        await using var db = world.CreateDbContext();
        db.Channels.Add(new() { Name = "tech-mail", Type = "email", Settings = """{"from": "ops@example.org", "to": ["tech@example.org"], "smtp": {"host": "127.0.0.1", "port": 25, "tls": "none"}}""" });
        await db.SaveChangesAsync(Cancel);
        return team;
    }

    public async Task DecideAsync<T>(PolicyKind kind, string name, T input)
    {
        await using var db = World.CreateDbContext();
        db.Policies.Add(new() { Kind = kind, Name = name, Definition = Json.Text(input) });
        await db.SaveChangesAsync(Cancel);
    }

    public async Task RoundAsync()
    {
        await World.RoundAsync();
        using var notices = new NoticeRunner(World, _services.GetRequiredService<ChannelKinds>(), World.Signal, World.Clock, NullLogger<NoticeRunner>.Instance);
        while (await notices.RunOnceAsync(Cancel) > 0) { }
        await notices.TickAsync(Cancel);
    }

    public Task PassAsync(TimeSpan time)
    {
        World.Clock.Advance(time);
        return RoundAsync();
    }

    /// <summary>The inbox marks its last incident as one that pages nobody now.</summary>
    public async Task<bool> IsSilentAsync() =>
        (await new IncidentQueries(World, World.Clock).InboxAsync(new(), System.Globalization.CultureInfo.InvariantCulture, Cancel)).Lines.MaxBy(l => l.Number)!.Silenced;

    /// <summary>Reason and recipient of every message, oldest first.</summary>
    public async Task<List<string>> SentAsync()
    {
        await using var db = World.CreateDbContext();
        return await db.Deliveries.OrderBy(d => d.Id).Select(d => d.Reason + " " + d.Recipient).ToListAsync(Cancel);
    }

    /// <summary>What the simulator says would become of an alert now.</summary>
    public Task<Simulation> SimulateAsync(LabelSet labels) => new SimulationQueries(World, _services.GetRequiredService<ChannelKinds>(), World.Clock).SimulateAsync(labels, null, Cancel);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await World.DisposeAsync();
    }
}
