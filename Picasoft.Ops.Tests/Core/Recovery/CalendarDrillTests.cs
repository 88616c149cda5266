using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Notifications;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>Drills by a calendar, what is told of them, and the plan by mail; on a real database and a real mail server.</summary>
public sealed class CalendarDrillTests(PostgresFixture postgres)
{
    private static readonly RecoveryPlanInput _plan = new()
    {
        Name = "pads-back",
        Title = "Bring the pads back",
        Service = "pads",
        Drill = new() { Schedule = "0 5 2 * *", OverdueAfter = TimeSpan.FromDays(45) },
        Steps = [new() { Title = "Walk to the rack", Manual = "Switch *bob* on." }],
    };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_drill_starts_on_its_day_once_is_marked_so_and_what_is_wrong_with_it_is_an_alert_until_it_is_right()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var alice = Node(database);
        await using var bob = Node(database);
        await using var db = StorageModule.NewContext(NpgsqlDataSource.Create(database));
        await StoreAsync(db);

        Assert.Equal(0, await StartedAsync(alice));
        _time.SetUtcNow(new(2026, 11, 2, 5, 0, 30, TimeSpan.Zero));
        Assert.Equal(1, (await Task.WhenAll(StartedAsync(alice), StartedAsync(bob))).Sum());
        Assert.Equal(0, await StartedAsync(bob));
        var run = await db.RecoveryRuns.AsNoTracking().SingleAsync();
        Assert.Equal((true, true, "Picasoft.Ops", RunState.Waiting), (run.Drill, run.Automatic, run.StartedBy, run.State));
        Assert.Empty(await ToldAsync(db));

        // Broken off: that is told.
        var actions = alice.GetRequiredService<RecoveryActions>();
        Assert.True((await actions.AbortAsync(run.Id, Actor.System, CancellationToken.None)).IsDone);
        await StartedAsync(alice);
        Assert.Equal(["drill_failed"], await ToldAsync(db));

        // The next one is due while the real thing burns: it waits until that is over, and then ends well.
        db.Incidents.Add(new() { Title = "Pads are down", Service = "pads", Severity = Severity.Critical, GroupKey = "pads", OpenedAt = _time.GetUtcNow(), UpdatedAt = _time.GetUtcNow() });
        await db.SaveChangesAsync();
        _time.SetUtcNow(new(2026, 12, 2, 5, 1, 0, TimeSpan.Zero));
        Assert.Equal(0, await StartedAsync(alice));
        await db.Incidents.ExecuteUpdateAsync(set => set.SetProperty(i => i.State, IncidentState.Resolved));
        Assert.Equal(1, await StartedAsync(bob));
        run = await db.RecoveryRuns.AsNoTracking().OrderByDescending(r => r.Id).FirstAsync();
        Assert.True((await actions.ConfirmAsync(run.Id, new(), Actor.System, CancellationToken.None)).IsDone);
        await StartedAsync(alice);
        Assert.Empty(await ToldAsync(db));

        // Nobody drills for longer than was promised (the calendar is gone, the promise is not).
        await StoreAsync(db, _plan with { Drill = _plan.Drill! with { Schedule = null } });
        _time.Advance(TimeSpan.FromDays(46));
        await StartedAsync(bob);
        Assert.Equal(["drill_overdue"], await ToldAsync(db));
    }

    [Fact]
    public async Task A_plan_that_is_made_strict_at_the_very_instant_of_its_drill_starts_strict()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var node = Node(database);
        await using var db = StorageModule.NewContext(NpgsqlDataSource.Create(database));
        await StoreAsync(db);
        await StartedAsync(node);
        _time.SetUtcNow(new(2026, 11, 2, 5, 0, 30, TimeSpan.Zero));

        await using var change = await db.Database.BeginTransactionAsync();
        await RecoveryActions.LockAsync(db, CancellationToken.None);
        var starting = StartedAsync(node);
        await using var look = StorageModule.NewContext(NpgsqlDataSource.Create(database));
        await db.WaitedForAsync("it waits for the change");
        await StoreAsync(db, _plan with { People = 2 });
        await change.CommitAsync();
        Assert.Equal(1, await starting);
        Assert.Equal(2, (await look.RecoveryRuns.AsNoTracking().SingleAsync()).Definition.People);
    }

    [Fact]
    public async Task A_drill_for_an_incident_is_marked_there_and_teaches_nobody_what_helped()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var node = Node(database);
        await using var db = StorageModule.NewContext(NpgsqlDataSource.Create(database));
        await StoreAsync(db);
        var incident = new Incident { Title = "Pads are slow", Service = "pads", Severity = Severity.Low, GroupKey = "slow", OpenedAt = _time.GetUtcNow(), UpdatedAt = _time.GetUtcNow() };
        db.Incidents.Add(incident);
        await db.SaveChangesAsync();
        var actions = node.GetRequiredService<RecoveryActions>();
        var run = await actions.StartAsync(_plan.Name, new() { Drill = true, Incident = incident.Number }, Actor.System, CancellationToken.None);
        Assert.True(run.IsDone, run.Refusal?.ToString());
        await actions.ConfirmAsync(run.Value.Id, new(), Actor.System, CancellationToken.None);
        var entries = await db.Timeline.AsNoTracking().Where(t => t.IncidentNumber == incident.Number).OrderBy(t => t.Id).ToListAsync();
        Assert.Equal(["story.drill_started", "story.drill_done"], entries.Select(e => e.Phrase!.Key));
        Assert.All(entries, e => Assert.StartsWith("DRILL: ", e.Phrase!.In(System.Globalization.CultureInfo.GetCultureInfo("en")), StringComparison.Ordinal));
        Assert.DoesNotContain(entries, e => e.Kind == TimelineKind.Action);
    }

    [Fact]
    public async Task The_whole_plan_comes_by_a_real_mail_server_once_a_month()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using var rig = await OutboxRig.StartAsync(database, more: services => services.AddInventory().AddHeartbeats().AddSingleton<ReadinessQueries>().AddSingleton<ILetter, RecoveryLetter>().AddTransient<RecoveryLetterJob>());
        await using (var db = await rig.DbAsync()) await StoreAsync(db);
        foreach (var (name, wanted) in new[] { ("tech", "true"), ("press", "false") })
        {
            var json = $$"""{"name": "{{name}}", "type": "email", "from": "ops@example.org", "to": ["{{name}}@example.org"], "recovery_plan": {{wanted}}, "language": "en", "smtp": {"host": "127.0.0.1", "port": {{server.Port}}, "tls": "none"} }""";
            var input = InputReader.Read<ChannelInput>(JsonInput.Parse(Encoding.UTF8.GetBytes(json)).Value);
            Assert.True((await rig.Channels.CreateAsync(input.Value, Actor.System, CancellationToken.None)).IsDone);
        }
        // On the first of a month it waits for the morning; this day is in the middle of one, whichever it is.
        var job = ActivatorUtilities.CreateInstance<RecoveryLetterJob>(rig.Services, new FakeTimeProvider(new DateTimeOffset(2026, 11, 15, 12, 0, 0, TimeSpan.Zero)));
        await Task.WhenAll(job.RunAsync(CancellationToken.None));
        await job.RunAsync(CancellationToken.None);
        await server.WaitForMessageAsync(m => m.Subject!.Contains("2026-11", StringComparison.Ordinal));
        var mail = Assert.Single(await server.ReadMessagesAsync());
        Assert.Equal("tech@example.org", mail.To.ToString());
        foreach (var expected in new[] { "Bring the pads back", "Switch *bob* on.", "https://ops.example.org/recovery/document" }) Assert.Contains(expected, mail.TextBody, StringComparison.Ordinal);
    }

    private static Task<int> StartedAsync(ServiceProvider node) => node.GetRequiredService<PlanRunner>().RunOnceAsync(CancellationToken.None);

    private static async Task<string[]> ToldAsync(OpsDbContext db) =>
        [.. (await db.Alerts.AsNoTracking().Where(a => a.Source == PlanRunner.Source && a.ResolvedAt == null).ToListAsync()).Select(a => a.Labels["alertname"]).Order(StringComparer.Ordinal)];

    private static async Task StoreAsync(OpsDbContext db, RecoveryPlanInput? plan = null)
    {
        await db.Policies.Where(p => p.Kind == PolicyKind.RecoveryPlan).ExecuteDeleteAsync();
        db.Policies.Add(new() { Kind = PolicyKind.RecoveryPlan, Name = _plan.Name, Definition = Json.Text(plan ?? _plan), FromFile = true });
        if (!await db.Services.AnyAsync()) db.Services.Add(new() { Name = "pads", Rto = TimeSpan.FromHours(1) });
        await db.SaveChangesAsync();
    }

    private ServiceProvider Node(string database) =>
        new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time).AddStorage(database, new string('k', 32)).AddSingleton<PlanRunner>().AddSingleton<RecoveryActions>().BuildServiceProvider();
}
