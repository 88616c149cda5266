using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Routing;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>
/// Whatever people decide, at whatever hour: exactly those are told whom the simulator named, through the channels and at the instants that it said. Policies, schedules,
/// restrictions, quiet hours, digests, people who left and channels that are off are as dice have them; the clock is the test's, and each round a new process.
/// </summary>
public sealed class PredictionStory(PostgresFixture postgres)
{
    private const int Rounds = 12;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Exactly_those_are_told_whom_the_simulator_named_at_its_instants_and_through_its_channels(int seed)
    {
        await using var world = await IncidentWorld.CreateAsync(postgres);
        await using var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(world.Clock).AddSingleton(new OpsSettings { Data = "/nonexistent", PublicUrl = "https://ops.example.org" })
            .AddStorage(world.Source.ConnectionString, new string('k', 32)).AddNotifications().BuildServiceProvider();
        var kinds = services.GetRequiredService<ChannelKinds>();
        var simulator = new SimulationQueries(world, kinds, world.Clock);
        var dice = new Dice(seed);
        await SeedAsync(world, kinds, dice);
        var (told, waiting, silent) = (0, 0, 0);
        for (var round = 1; round <= Rounds; round++)
        {
            await DecideAsync(world, dice);
            var service = $"service-{round}";
            var severity = dice.Of("low", "medium", "high", "critical");
            var begins = world.Clock.GetUtcNow();
            var simulation = await simulator.SimulateAsync(LabelSet.Of(("alertname", "Down"), ("service", service), ("severity", severity)), null, Cancel);
            var predicted = simulation.Told.SelectMany(m => m.Targets.Select(t => Line(begins + m.At, t.ChannelName, t.Recipient, t.Person, t.WaitsUntil ?? begins + m.At))).ToList();

            await world.BeginAsync(service, severity, TimeSpan.FromDays(90));
            await world.RoundAsync();
            var number = (await IncidentOfAsync(world, service)).Number;
            await PlayAsync(world, kinds, number);
            List<Delivery> deliveries;
            await using (var db = world.CreateDbContext()) deliveries = await db.Deliveries.AsNoTracking().Where(d => d.IncidentNumber == number).ToListAsync(Cancel);
            var actual = deliveries.Select(d => Line(d.CreatedAt, d.ChannelName, d.Recipient, d.Person, d.NextAttemptAt)).ToList();
            Assert.True(predicted.Order(StringComparer.Ordinal).SequenceEqual(actual.Order(StringComparer.Ordinal), StringComparer.Ordinal),
                $"seed {seed}, round {round}, {severity} at {begins:O}\npredicted:\n{string.Join('\n', predicted)}\ntold:\n{string.Join('\n', actual)}\n{await DecidedAsync(world)}");
            Assert.Equal(simulation.Pages, deliveries.Any(d => d.CreatedAt - begins == simulation.Told[0].At));
            (told, waiting, silent) = (told + actual.Count, waiting + deliveries.Count(d => d.NextAttemptAt > d.CreatedAt), silent + (actual.Count == 0 ? 1 : 0));

            await world.EndAsync(service, severity);
            await world.RoundAsync();
            world.Clock.Advance(TimeSpan.FromMinutes(dice.Next(5, 60 * 40)));
        }
        // The dice left something to look at.
        Assert.True(told > 3 * Rounds && waiting > 0, $"{told} told, {waiting} of them later, {silent} of {Rounds} told nobody");
    }

    private static string Line(DateTimeOffset at, string channel, string recipient, string? person, DateTimeOffset heard) =>
        string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:MM-dd HH:mm:ss} {channel} {recipient} ({person ?? "-"}) {(heard == at ? "at once" : heard.UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture))}");

    /// <summary>From one due instant to the next, until nothing is due any more.</summary>
    private static async Task PlayAsync(IncidentWorld world, ChannelKinds kinds, long number)
    {
        while (true)
        {
            using (var notices = new NoticeRunner(world, kinds, world.Signal, world.Clock, NullLogger<NoticeRunner>.Instance))
            {
                while (await notices.RunOnceAsync(Cancel) > 0) { }
                await notices.TickAsync(Cancel);
            }
            var incident = await world.IncidentAsync(number);
            var now = world.Clock.GetUtcNow();
            if (new[] { incident.EscalateAt, incident.WaitUntil }.Where(t => t > now).Min() is not { } next) return;
            world.Clock.Advance(next - now);
            await world.RoundAsync();
        }
    }

    private static async Task<Incident> IncidentOfAsync(IncidentWorld world, string service)
    {
        await using var db = world.CreateDbContext();
        return await db.Incidents.AsNoTracking().SingleAsync(i => i.Service == service, Cancel);
    }

    /// <summary>Six people, one of whom left, and six channels, one of which is off.</summary>
    private static async Task SeedAsync(IncidentWorld world, ChannelKinds kinds, Dice dice)
    {
        await using var db = world.CreateDbContext();
        foreach (var name in Dice.People.Except(["camille", "sacha"]))
            db.Add(new Person { Name = name, UserName = name, NormalizedUserName = name.ToUpperInvariant(), Email = $"{name}@example.org", NormalizedEmail = $"{name}@example.org".ToUpperInvariant(), IsActive = name != "left", CreatedAt = world.Clock.GetUtcNow() });
        db.Channels.Add(new() { Name = "mail", Type = "email", Settings = """{"from": "ops@example.org", "to": ["tech@example.org", "robin@example.org"], "smtp": {"host": "127.0.0.1", "port": 25, "tls": "none"}}""" });
        db.Channels.Add(new() { Name = "phones", Type = "ntfy", Settings = """{"topic": "everybody"}""" });
        db.Channels.Add(new() { Name = "other-phones", Type = "ntfy", FoldStorms = false, Settings = """{"topic": "others"}""" });
        db.Channels.Add(new() { Name = "program", Type = "webhook", Settings = kinds.Stored(new WebhookSettings { Url = new("http://127.0.0.1:9/") }) });
        db.Channels.Add(new() { Name = "off", Type = "ntfy", Enabled = false, Settings = """{"topic": "nobody"}""" });
        await db.SaveChangesAsync(Cancel);
        world.Clock.Advance(TimeSpan.FromMinutes(dice.Next(0, 60 * 24 * 300)));
    }

    /// <summary>Everything anew: who wants what, who is on call, who is told when.</summary>
    private static async Task DecideAsync(IncidentWorld world, Dice dice)
    {
        await using var db = world.CreateDbContext();
        var now = world.Clock.GetUtcNow();
        await db.Policies.ExecuteDeleteAsync(Cancel);
        await db.OnCallChanges.ExecuteDeleteAsync(Cancel);
        foreach (var person in await db.People.ToListAsync(Cancel))
            person.Contacts = new() { Ntfy = dice.Is(0.5) ? $"{person.Name}-phone" : null, Through = dice.Some(["mail", "phones", "other-phones", "off", "gone"], 3), Quiet = dice.Is(0.7) ? dice.Quiet() : null };
        foreach (var name in new[] { "tech", "night" })
        {
            Add(PolicyKind.Schedule, name, dice.Schedule(name));
            for (var change = dice.Next(0, 3); change > 0; change--)
                db.OnCallChanges.Add(new() { Schedule = name, Kind = dice.Is(0.5) ? OnCallChangeKind.Override : OnCallChangeKind.Shift, Person = dice.Of(Dice.People), StartsAt = now.AddHours(dice.Next(-20, 30)), EndsAt = now.AddHours(dice.Next(31, 60)), CreatedBy = "dice", CreatedAt = now });
        }
        Add(PolicyKind.Escalation, "one", dice.Policy("one"));
        Add(PolicyKind.Escalation, "two", dice.Policy("two"));
        Add(PolicyKind.Route, "1", new RouteInput { Match = ["service=~\"service-.*\""], Escalation = "one", Continue = dice.Is(0.4), GroupWait = TimeSpan.FromSeconds(dice.Of(0, 0, 30, 600)) });
        Add(PolicyKind.Route, "2", new RouteInput { Match = ["alertname=\"Down\""], Escalation = dice.Of("two", "gone") });
        if (dice.Is(0.15)) Add(PolicyKind.Maintenance, "window", new MaintenanceInput { Name = "window", Match = ["alertname=\"Down\""], StartsAt = now.AddHours(-1), EndsAt = now.AddDays(400) });
        await db.SaveChangesAsync(Cancel);

        void Add<T>(PolicyKind kind, string name, T input) => db.Policies.Add(new() { Kind = kind, Name = name, Position = kind == PolicyKind.Route ? int.Parse(name, CultureInfo.InvariantCulture) : 0, Definition = Json.Text(input) });
    }

    private static async Task<string> DecidedAsync(IncidentWorld world)
    {
        await using var db = world.CreateDbContext();
        var policies = await db.Policies.AsNoTracking().OrderBy(p => p.Id).ToListAsync(Cancel);
        var people = await db.People.AsNoTracking().OrderBy(p => p.Id).ToListAsync(Cancel);
        return string.Join('\n', policies.Select(p => $"{p.Kind} {p.Name}: {p.Definition}").Concat(people.Select(p => $"{p.Name}: {Json.Text(p.Contacts)}")));
    }

    /// <summary>Decides as people might who try everything.</summary>
    private sealed class Dice(int seed)
    {
        public static readonly string[] People = ["camille", "sacha", "robin", "lou", "left", "zoe"];

        private static readonly string[] _zones = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"];

        private readonly Random _random = new(seed);

        public int Next(int from, int to) => _random.Next(from, to);

        public bool Is(double chance) => _random.NextDouble() < chance;

        public T Of<T>(params ReadOnlySpan<T> all) => all[_random.Next(all.Length)];

        public IReadOnlyList<string> Some(string[] all, int most)
        {
            var mixed = all.ToArray();
            _random.Shuffle(mixed);
            return mixed[..Math.Min(mixed.Length, _random.Next(most + 1))];
        }

        public QuietInput Quiet() => new() { From = Hour(), To = Hour(), Below = Of(Severity.Medium, Severity.High, Severity.Critical), TimeZone = Of(_zones) };

        public ScheduleInput Schedule(string name) => new()
        {
            Name = name,
            TimeZone = Of(_zones),
            Layers = [.. Enumerable.Range(0, Next(0, 4)).Select(_ => new LayerInput { Rotation = new() { People = [Of(People), .. Some([.. People, "stranger"], 3)], Every = Of(TimeSpan.FromHours(1), TimeSpan.FromHours(5), TimeSpan.FromDays(1), TimeSpan.FromDays(7)), Handoff = Of("Monday 18:00", "02:30", "09:00") }, Only = Hours(0.5) })],
        };

        public EscalationInput Policy(string name) => new()
        {
            Name = name,
            TimeZone = Of(_zones),
            Digest = Is(0.3) ? Hour() : null,
            Repeat = Next(0, 3),
            Steps = [.. Enumerable.Range(0, Next(1, 5)).Select(i => new EscalationStepInput { After = i == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(Of(1, 15, 47, 600)), Notify = [.. Enumerable.Range(0, Next(1, 4)).Select(_ => Target())], Only = Hours(0.25), Except = Hours(0.15) })],
        };

        private string Target() => Next(0, 10) switch
        {
            < 3 => "schedule:" + Of("tech", "night", "gone"),
            < 6 => "person:" + Of([.. People, "stranger"]),
            < 9 => "channel:" + Of("mail", "phones", "other-phones", "program", "off", "gone"),
            _ => Of("everybody", "nobody"),
        };

        private IReadOnlyList<HoursInput> Hours(double chance) => Is(chance) ? [.. Enumerable.Range(0, Next(1, 3)).Select(_ => new HoursInput { Days = Is(0.4) ? [Of(Enum.GetValues<Weekday>()), Of(Enum.GetValues<Weekday>())] : [], From = Hour(), To = Hour() })] : [];

        private string Hour() => string.Create(CultureInfo.InvariantCulture, $"{Next(0, 24):00}:{Of(0, 30):00}");
    }
}
