using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Core.Notifications;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>What a receiver got.</summary>
/// <param name="At">On the simulated clock.</param>
/// <param name="Through">Which channel's server took it.</param>
/// <param name="To">The address it went to.</param>
internal sealed record Received(DateTimeOffset At, string Through, string To);

/// <summary>
/// Three people, three channels and the whole pipeline on a clock that jumps from one due moment to the next. What is told goes over real connections: a double of
/// Mattermost's REST API, an SMTP server, a double of ntfy; each can be switched off.
/// </summary>
internal sealed class SimulatedTeam : IAsyncDisposable
{
    public static readonly Actor Robin = new(ActorKind.Person, 3, "robin");

    private readonly ServiceProvider _services;
    private readonly HttpDouble _chat;
    private readonly HttpDouble _phones;
    private readonly ScriptedSmtp _mail;
    private readonly ConcurrentQueue<Received> _received;

    private SimulatedTeam(IncidentWorld world, ServiceProvider services, HttpDouble chat, HttpDouble phones, ScriptedSmtp mail, ConcurrentQueue<Received> received) =>
        (World, _services, _chat, _phones, _mail, _received) = (world, services, chat, phones, mail, received);

    public IncidentWorld World { get; }

    /// <summary>Names of the channels whose servers are down.</summary>
    public HashSet<string> Down { get; } = [];

    /// <summary>All that any receiver took, in order.</summary>
    public IReadOnlyList<Received> Received => [.. _received];

    /// <summary>What the chat was given to post.</summary>
    public IReadOnlyList<string> ChatBodies => [.. _chat.Seen.Where(s => s.Path == "/api/v4/posts").Select(s => s.Json.GetRawText() is var json ? System.Text.RegularExpressions.Regex.Unescape(json) : "")];

    public OnCallActions OnCall => new(World, World.Clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<SimulatedTeam> CreateAsync(PostgresFixture postgres, DateTimeOffset begins, EscalationInput policy, ScheduleInput schedule)
    {
        var world = await IncidentWorld.CreateAsync(postgres);
        world.Clock.Advance(begins - world.Clock.GetUtcNow());
        var received = new ConcurrentQueue<Received>();
        SimulatedTeam? team = null;
        bool IsDown(string name) => team!.Down.Contains(name);
        void Take(string through, string to) => received.Enqueue(new(world.Clock.GetUtcNow(), through, to));
        var chat = await HttpDouble.StartAsync(seen =>
        {
            if (IsDown("tech-chat")) return (503, "down");
            if (seen.Path == "/api/v4/users/me") return (200, """{"id": "bot"}""");
            if (seen.Path.StartsWith("/api/v4/users/username/", StringComparison.Ordinal)) return (200, $$"""{"id": "{{seen.Path.Split('/')[^1]}}"}""");
            if (seen.Path == "/api/v4/channels/direct") return (201, $$"""{"id": "@{{seen.Json[1].GetString()}}"}""");
            if (seen.Method == "POST") Take("tech-chat", seen.Json.GetProperty("channel_id").GetString()!);
            return (201, """{"id": "post"}""");
        });
        var phones = await HttpDouble.StartAsync(seen =>
        {
            if (IsDown("phones")) return (503, "down");
            Take("phones", seen.Json.GetProperty("topic").GetString()!);
            return (200, """{"id": "x"}""");
        });
        var mail = new ScriptedSmtp { OnMessage = m => Take("tech-mail", m.To.Mailboxes.Single().Address) };
        mail.Answer = (verb, _) => verb == "*" && IsDown("tech-mail") ? "421 closed" : null;
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(world.Clock).AddSingleton(new OpsSettings { Data = "/nonexistent", PublicUrl = "https://ops.example.org" })
            .AddStorage(world.Source.ConnectionString, new string('k', 32)).AddNotifications().AddOnCall().AddEscalations()
            .AddSingleton<IDbContextFactory<OpsDbContext>>(world).BuildServiceProvider();
        team = new(world, services, chat, phones, mail, received);
        await team.SeedAsync(policy, schedule);
        return team;
    }

    /// <summary>Whom the simulator says an alert would tell, each moment as <c>+0 camille tech-chat</c> with minutes after the beginning.</summary>
    public async Task<List<string>> PredictAsync(string service)
    {
        var simulation = await new SimulationQueries(World, _services.GetRequiredService<ChannelKinds>(), World.Clock).SimulateAsync(LabelSet.Of(("alertname", "Down"), ("service", service), ("severity", "critical")), null, Cancel);
        return [.. simulation.Told.SelectMany(m => m.Targets.Select(t => $"+{m.At.TotalMinutes} {t.Recipient} {t.ChannelName}"))];
    }

    public Task BeginAsync(string service) => World.BeginAsync(service, lasts: TimeSpan.FromDays(30));

    /// <summary>Turns the clock to an instant, stopping wherever something is due.</summary>
    public async Task GoToAsync(DateTimeOffset at)
    {
        await RoundAsync();
        while (World.Clock.GetUtcNow() < at)
        {
            var next = await NextAsync();
            World.Clock.Advance((next < at ? next.Value : at) - World.Clock.GetUtcNow());
            await RoundAsync();
        }
    }

    /// <summary>Whom and through what, in order, as <see cref="PredictAsync"/> names them.</summary>
    public IReadOnlyList<string> Told()
    {
        // What comes at the same instant has no order; the clock itself may have gone back between two.
        var told = new List<(DateTimeOffset At, List<string> Who)>();
        foreach (var r in Received)
        {
            if (told.Count == 0 || told[^1].At != r.At) told.Add((r.At, []));
            told[^1].Who.Add($"{r.To} {r.Through}");
        }
        return [.. told.SelectMany(t => t.Who.Order(StringComparer.Ordinal))];
    }

    /// <summary>What each process does at its start and twice a minute.</summary>
    public async Task FollowClockAsync()
    {
        using var notices = new NoticeRunner(World, _services.GetRequiredService<ChannelKinds>(), World.Signal, World.Clock, NullLogger<NoticeRunner>.Instance);
        using var sender = new DeliveryRunner(World, _services.GetRequiredService<DeliveryJob>(), World.Signal, World.Clock, NullLogger<DeliveryRunner>.Instance);
        await notices.FollowClockAsync(Cancel);
        await sender.FollowClockAsync(Cancel);
    }

    public async Task<List<Delivery>> DeliveriesAsync()
    {
        await using var db = World.CreateDbContext();
        return await db.Deliveries.AsNoTracking().OrderBy(d => d.Id).ToListAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _chat.DisposeAsync();
        await _phones.DisposeAsync();
        await _mail.DisposeAsync();
        await World.DisposeAsync();
    }

    // New runners each time: whatever is remembered is in the store, as after a restart.
    private async Task RoundAsync()
    {
        await World.RoundAsync();
        var kinds = _services.GetRequiredService<ChannelKinds>();
        using var notices = new NoticeRunner(World, kinds, World.Signal, World.Clock, NullLogger<NoticeRunner>.Instance);
        using var swaps = new SwapRunner(World, kinds, World.Signal, World.Clock, NullLogger<SwapRunner>.Instance);
        using var sender = new DeliveryRunner(World, _services.GetRequiredService<DeliveryJob>(), World.Signal, World.Clock, NullLogger<DeliveryRunner>.Instance);
        while (await notices.RunOnceAsync(Cancel) > 0) { }
        await notices.TickAsync(Cancel);
        await swaps.RunOnceAsync(Cancel);
        while (await sender.RunOnceAsync(Cancel) > 0) { }
    }

    private async Task<DateTimeOffset?> NextAsync()
    {
        await using var db = World.CreateDbContext();
        var now = World.Clock.GetUtcNow();
        var times = await db.Incidents.Where(i => i.State != IncidentState.Resolved).Select(i => new[] { i.State == IncidentState.Open ? i.EscalateAt : null, i.AcknowledgementExpiresAt, i.WaitUntil }).ToListAsync(Cancel);
        var sends = await db.Deliveries.Where(d => d.State == DeliveryState.Pending).Select(d => (DateTimeOffset?)d.NextAttemptAt).ToListAsync(Cancel);
        return times.SelectMany(t => t).Concat(sends).Where(t => t > now).Min();
    }

    private async Task SeedAsync(EscalationInput policy, ScheduleInput schedule)
    {
        await using var db = World.CreateDbContext();
        var camille = await db.People.SingleAsync(p => p.Name == "camille", Cancel);
        var sacha = await db.People.SingleAsync(p => p.Name == "sacha", Cancel);
        camille.Contacts = new() { Mattermost = "camille", Ntfy = "camille-phone", Through = ["tech-chat"] };
        sacha.Contacts = new() { Mattermost = "sacha", Ntfy = "sacha-phone", Through = ["tech-chat"] };
        db.Add(new Person { Name = "robin", UserName = "robin", NormalizedUserName = "ROBIN", Email = "robin@example.org", NormalizedEmail = "ROBIN@EXAMPLE.ORG", Contacts = new() { Ntfy = "robin-phone" }, CreatedAt = World.Clock.GetUtcNow() });
        db.AddRange(new Service { Name = "wiki", Host = "alice" }, new Service { Name = "mattermost", Host = "alice", DependsOn = ["postgres"] }, new Service { Name = "mail", Host = "bob" });
        db.Channels.Add(new() { Name = "tech-chat", Type = "mattermost", DependsOn = ["mattermost"], Fallback = "tech-mail", Scream = true, Settings = Stored(new Picasoft.Ops.Core.Notifications.Channels.MattermostSettings { Server = $"http://127.0.0.1:{_chat.Port}", Token = new("token"), Room = "town" }) });
        db.Channels.Add(new() { Name = "tech-mail", Type = "email", DependsOn = ["mail"], Fallback = "phones", Settings = Stored(new Picasoft.Ops.Core.Notifications.Channels.EmailSettings { From = "ops@example.org", To = ["tech@example.org"], Smtp = new() { Host = "127.0.0.1", Port = _mail.Port, Tls = Picasoft.Ops.Core.Notifications.Channels.SmtpTls.None } }) });
        db.Channels.Add(new() { Name = "phones", Type = "ntfy", Scream = true, Settings = Stored(new Picasoft.Ops.Core.Notifications.Channels.NtfySettings { Server = $"http://127.0.0.1:{_phones.Port}", Topic = "everybody" }) });
        db.Policies.Add(new() { Kind = PolicyKind.Schedule, Name = schedule.Name, Definition = Json.Text(schedule) });
        db.Policies.Add(new() { Kind = PolicyKind.Escalation, Name = policy.Name, Definition = Json.Text(policy) });
        await db.SaveChangesAsync(Cancel);

        string Stored(object settings) => _services.GetRequiredService<ChannelKinds>().Stored(settings);
    }
}
