using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Browser;

/// <summary>The real product with camille (administrator), sacha (responder) and robin (viewer), and a way to act beside the browser: as another node would.</summary>
public sealed class Triage(PostgresFixture postgres) : IAsyncLifetime, IDbContextFactory<OpsDbContext>
{
    private readonly TempFolder _folder = new();
    private NpgsqlDataSource _source = null!;

    public OpsHost Host { get; private set; } = null!;

    public IncidentActions Actions { get; private set; } = null!;

    public static Actor Sacha { get; } = new(ActorKind.Person, 2, "sacha");

    public async ValueTask InitializeAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        _source = NpgsqlDataSource.Create(database);
        Host = await OpsHost.StartAsync(_folder["data"], database, environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_ADMIN"] = $"{Cast.CamilleMail}:{Cast.Password}" });
        Actions = new(this, TimeProvider.System);
        await using (var db = CreateDbContext())
        {
            db.Services.Add(new Service { Name = "keys", Title = "Keys" });
            await db.SaveChangesAsync();
        }
        var people = new PersonActions(this, new PasswordHasher<Person>(), new UpperInvariantLookupNormalizer(), [], TimeProvider.System);
        Assert.True((await people.AddAsync(Cast.SachaMail, "sacha", Role.Responder, Cast.Password, Actor.System, CancellationToken.None)).IsDone);
        Assert.True((await people.AddAsync(Cast.ViewerMail, "robin", Role.Viewer, Cast.Password, Actor.System, CancellationToken.None)).IsDone);
    }

    /// <summary>Declares an incident, as somebody else would.</summary>
    public async Task<Incident> DeclareAsync(string title, Severity severity = Severity.High, string? service = null) =>
        (await Actions.DeclareAsync(Sacha, title, severity, service, null, CancellationToken.None)).Value;

    /// <summary>An alert as another node would write it; returns the number of its incident.</summary>
    /// <param name="endsAt">Null: it goes on. Otherwise the incident is over when this returns.</param>
    public async Task<long> AlertAsync(LabelSet labels, DateTimeOffset? endsAt = null)
    {
        await using var db = CreateDbContext();
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await connection.OpenAsync();
        var now = TimeProvider.System.GetUtcNow();
        await AlertIntake.ApplyAsync(connection, [new(labels, LabelSet.Of(("summary", labels["alertname"])), now, endsAt, "api")], now, CancellationToken.None);
        var fingerprint = labels.Fingerprint();
        long? number = null;
        await Eventually.TrueAsync(async () =>
        {
            number = await db.Alerts.Where(a => a.Fingerprint == fingerprint).Select(a => a.IncidentId).SingleAsync();
            return number is not null && (endsAt is null || await db.Incidents.AnyAsync(i => i.Number == number && i.State == IncidentState.Resolved));
        }, "it is in an incident");
        return number!.Value;
    }

    public async Task<Incident> FindAsync(long number)
    {
        await using var db = CreateDbContext();
        return await db.Incidents.SingleAsync(i => i.Number == number);
    }

    public OpsDbContext CreateDbContext() => StorageModule.NewContext(_source);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _source.DisposeAsync();
        _folder.Dispose();
    }
}
