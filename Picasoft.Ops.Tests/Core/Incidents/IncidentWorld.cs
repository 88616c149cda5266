using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Incidents;

/// <summary>Alerts, incidents and silences on a real database with a clock that the test turns; rounds run when the test says so.</summary>
public sealed class IncidentWorld : IAsyncDisposable, IDbContextFactory<OpsDbContext>
{
    public static readonly Actor Camille = new(ActorKind.Person, 1, "camille");
    public static readonly Actor Sacha = new(ActorKind.Person, 2, "sacha");

    private readonly ActiveAlerts _active = new();
    private readonly AlertExpiryRunner _expiry;

    private IncidentWorld(NpgsqlDataSource source)
    {
        Source = source;
        Signal = new(source, NullLogger<ChangeSignal>.Instance);
        Actions = new(this, Clock);
        Silences = new(this, Clock);
        Queries = new(this, Clock);
        _expiry = new(source, _active, Clock, NullLogger<AlertExpiryRunner>.Instance);
    }

    public NpgsqlDataSource Source { get; }
    public FakeTimeProvider Clock { get; } = new(new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    public ChangeSignal Signal { get; }
    public IncidentActions Actions { get; }
    public SilenceActions Silences { get; }
    public IncidentQueries Queries { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<IncidentWorld> CreateAsync(PostgresFixture postgres)
    {
        var world = new IncidentWorld(NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync()));
        await using var db = world.CreateDbContext();
        foreach (var actor in new[] { Camille, Sacha })
            db.Add(new Person { Name = actor.Name, UserName = actor.Name, NormalizedUserName = actor.Name.ToUpperInvariant(), Email = $"{actor.Name}@example.org", NormalizedEmail = $"{actor.Name}@example.org".ToUpperInvariant(), CreatedAt = world.Clock.GetUtcNow() });
        db.AddRange(new Service { Name = "chat", Host = "alice", DependsOn = ["postgres"], Runbook = "Restart it." }, new Service { Name = "postgres", Host = "bob" });
        await db.SaveChangesAsync(Cancel);
        return world;
    }

    public OpsDbContext CreateDbContext() => StorageModule.NewContext(Source);

    /// <summary>One more node.</summary>
    public IncidentRunner NewRunner() => new(this, Signal, Clock, NullLogger<IncidentRunner>.Instance);

    public Task BeginAsync(string service, string severity = "critical", TimeSpan? lasts = null) => SendAsync(service, severity, Clock.GetUtcNow() + lasts);

    public Task EndAsync(string service, string severity = "critical") => SendAsync(service, severity, Clock.GetUtcNow());

    /// <summary>Runs all rounds until nothing is due.</summary>
    public async Task RoundAsync()
    {
        await using (var connection = await Source.OpenConnectionAsync(Cancel)) await ActiveAlertsReader.ReadAsync(connection, _active, Cancel);
        await _expiry.RunOnceAsync(Cancel);
        using var runner = NewRunner();
        while (await runner.RunOnceAsync(Cancel) > 0) { }
    }

    public async Task<Incident> IncidentAsync(long number = 1)
    {
        await using var db = CreateDbContext();
        return await db.Incidents.AsNoTracking().SingleAsync(i => i.Number == number, Cancel);
    }

    public async Task<List<TimelineEntry>> TimelineAsync(long number = 1)
    {
        await using var db = CreateDbContext();
        return await db.Timeline.AsNoTracking().Where(t => t.IncidentNumber == number).OrderBy(t => t.Id).ToListAsync(Cancel);
    }

    public async Task<TimelineKind[]> KindsAsync(long number = 1) => [.. (await TimelineAsync(number)).Select(t => t.Kind)];

    public async Task<List<Alert>> AlertsAsync()
    {
        await using var db = CreateDbContext();
        return await db.Alerts.AsNoTracking().OrderBy(a => a.Id).ToListAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _expiry.Dispose();
        await Source.DisposeAsync();
    }

    public async Task SendAsync(params AlertSignal[] signals)
    {
        await using var connection = await Source.OpenConnectionAsync(Cancel);
        await AlertIntake.ApplyAsync(connection, signals, Clock.GetUtcNow(), Cancel);
    }

    private Task SendAsync(string service, string severity, DateTimeOffset? endsAt) =>
        SendAsync(new AlertSignal(LabelSet.Of(("alertname", "Down"), ("service", service), ("severity", severity)), LabelSet.Of(("summary", $"{service} is down")), Clock.GetUtcNow(), endsAt, "api"));
}
