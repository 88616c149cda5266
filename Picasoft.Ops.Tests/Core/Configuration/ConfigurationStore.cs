using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Configuration;

/// <summary>A store of its own, and the parts that configure it.</summary>
internal sealed class ConfigurationStore : IAsyncDisposable
{
    public static readonly Actor Camille = new(ActorKind.Person, 1, "camille");

    private readonly ServiceProvider _services;
    private readonly string _database;

    private ConfigurationStore(string database) => (_database, _services) = (database, new ServiceCollection().AddLogging().AddStorage(database, new string('k', 32)).AddInventory().AddProbes().AddLogs().AddHeartbeats().AddNotifications().AddReports().AddConfiguration().BuildServiceProvider());

    public OpsFileReader Reader => _services.GetRequiredService<OpsFileReader>();

    public Picasoft.Ops.Core.Configuration.Import.ProposalActions Proposals => _services.GetRequiredService<Picasoft.Ops.Core.Configuration.Import.ProposalActions>();

    public ConfigurationActions Actions => _services.GetRequiredService<ConfigurationActions>();

    public InventoryActions Inventory => _services.GetRequiredService<InventoryActions>();

    public ChannelActions Channels => _services.GetRequiredService<ChannelActions>();

    public ProbeActions Probes => _services.GetRequiredService<ProbeActions>();

    public static async Task<ConfigurationStore> NewAsync(PostgresFixture postgres) => new(await postgres.CreateDatabaseAsync());

    /// <summary>Reads without a store.</summary>
    public static Outcome<OpsFile> Read(string yaml, Dictionary<string, string>? environment = null)
    {
        using var services = new ServiceCollection().AddLogging().AddStorage("Host=127.0.0.1", new string('k', 32)).AddInventory().AddProbes().AddLogs().AddHeartbeats().AddNotifications().AddReports().AddConfiguration().BuildServiceProvider();
        return Read(services.GetRequiredService<OpsFileReader>(), yaml, environment);
    }

    public static Outcome<OpsFile> Read(OpsFileReader reader, string yaml, Dictionary<string, string>? environment = null) =>
        reader.Read(yaml, name => environment?.GetValueOrDefault(name), path => Refusal.Invalid("runbook", Phrase.Of("config.runbook_unreadable", path, "-")));

    public async Task<Outcome<Plan>> ApplyAsync(string yaml, Dictionary<string, string>? environment = null, bool dryRun = false)
    {
        var file = Read(Reader, yaml, environment);
        return file.Refusal is { } refusal ? refusal : await Actions.ApplyAsync(file.Value, "ops.yaml", dryRun, CancellationToken.None);
    }

    public Task<string> ExportAsync() => Actions.ExportAsync(CancellationToken.None);

    /// <summary>Everything that a configuration could touch, row by row.</summary>
    public async Task<string> DumpAsync()
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand("""
            select coalesce(string_agg(line, E'\n' order by line), '') from (
                select 'h' || to_jsonb(h)::text as line from hosts h union all select 's' || to_jsonb(s)::text from services s union all select 'p' || to_jsonb(p)::text from probes p union all select 'b' || to_jsonb(b)::text from heartbeats b
                union all select 'a' || to_jsonb(a)::text from audit_entries a union all select 'c' || to_jsonb(c)::text from channels c) t
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async Task<OpsDbContext> OpenAsync() => await _services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
