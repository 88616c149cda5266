using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>The real product with its own PostgreSQL and many incidents, and somebody signed in.</summary>
internal sealed class LargeStore : IAsyncDisposable, IDbContextFactory<OpsDbContext>
{
    private readonly TempFolder _folder = new();
    private readonly Support.Browser _browser = new();
    private NpgsqlDataSource _source = null!;

    public OpsHost Host { get; private set; } = null!;

    public static async Task<LargeStore> StartAsync(int resolved, int open)
    {
        var store = new LargeStore();
        store.Host = await OpsHost.StartAsync(store._folder["data"], environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_ADMIN"] = $"{Cast.CamilleMail}:{Cast.Password}" });
        store._source = NpgsqlDataSource.Create(await PrivatePostgres.ConnectionStringOfAsync(store._folder["data"], CancellationToken.None));
        await using var fill = store._source.CreateCommand($$"""
            insert into services (name, title, criticality, depends_on, public, from_file)
                select 'service-' || n, 'Service ' || n, 'Normal', '{}', false, false from generate_series(0, 39) n;
            insert into incidents (title, state, severity, severity_by_human, service, group_key, opened_at, resolved_at, auto_resolve, impact, revision, updated_at, route, escalations, held, escalation_moment, flapping)
                select 'Service ' || n % 40 || ': connection refused by 10.0.0.' || n % 250 || ':' || n, 'Resolved', (array['Low','Medium','High','Critical'])[1 + n % 4], false, 'service-' || n % 40, 'old:' || n,
                    now() - interval '2 years' + n * interval '9 minutes', now() - interval '2 years' + n * interval '9 minutes' + interval '20 minutes', true, '{}', 2, now(), '', '{default}', false, 0, false
                from generate_series(1, {{resolved}}) n;
            insert into incidents (title, state, severity, severity_by_human, service, group_key, opened_at, auto_resolve, impact, revision, updated_at, told_at, route, escalations, held, escalation_moment, flapping)
                select 'Service ' || n % 40 || ': answered 503 instead of 200, number ' || n, 'Open', (array['Low','Medium','High','Critical'])[1 + n % 4], false, 'service-' || n % 40, 'new:' || n,
                    now() - n * interval '1 minute', true, '{}', 0, now(), now(), '', '{default}', false, 0, false
                from generate_series(1, {{open}}) n;
            insert into timeline_entries (incident_number, at, kind, actor_kind, actor_id, by, text, pending)
                select number, opened_at + k * interval '3 minutes', (array['Opened','Acknowledged','Note','Resolved'])[k], 'Person', 1, 'camille', 'Entry ' || k, false from incidents, generate_series(1, 4) k
                where k = 1 or state = 'Resolved';
            update timeline_entries set text = 'The rare-' || incident_number % 50 || ' cause was found' where incident_number % 2000 < 50 and kind = 'Note';
            analyze;
            """);
        fill.CommandTimeout = 600;
        await fill.ExecuteNonQueryAsync();
        return store;
    }

    public OpsDbContext CreateDbContext() => StorageModule.NewContext(_source);

    /// <summary>A browser of its own, with nothing in its cache but the session.</summary>
    /// <param name="address">Of something that passes on to the product; null: the product itself.</param>
    public Task<IBrowserContext> OpenAsync(Uri? address = null) => _browser.OpenAsync(Host, address: address);

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await Host.DisposeAsync();
        await _source.DisposeAsync();
        _folder.Dispose();
    }
}
