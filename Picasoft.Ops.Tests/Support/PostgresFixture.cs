using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Picasoft.Ops.Tests.Support;

/// <summary>One private PostgreSQL for the whole run, and a fresh migrated database for whoever asks. Take it as a constructor parameter.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    // Nobody needs these databases after a power cut.
    private static readonly Dictionary<string, string> _fast = new() { ["fsync"] = "off", ["synchronous_commit"] = "off", ["full_page_writes"] = "off", ["max_connections"] = "300" };

    private readonly TempFolder _folder = new();
    private readonly Lazy<Task> _template;
    private PrivatePostgres? _server;
    private int _count;

    public PostgresFixture() => _template = new(CreateTemplateAsync);

    /// <summary>A connection string for a new database with all tables, which nobody else uses. It is left to the end of the run.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        await _template.Value;
        return await CreateAsync(Next(), "template ops_template strategy file_copy");
    }

    /// <summary>The same, without any table.</summary>
    public async Task<string> CreateEmptyDatabaseAsync()
    {
        await _template.Value;
        return await CreateAsync(Next(), "");
    }

    private string Next() => $"t_{Interlocked.Increment(ref _count)}";

    private async Task CreateTemplateAsync()
    {
        _server = await PrivatePostgres.StartAsync(_folder.Path, TimeProvider.System, CancellationToken.None, settings: _fast);
        var template = await CreateAsync("ops_template", "");
        await SchemaUpgrade.RunAsync(template, CancellationToken.None);
        await using var source = NpgsqlDataSource.Create(template);
        await using var db = StorageModule.NewContext(source);
        // While the first migration is not written yet, the model itself makes the tables.
        if (db.Database.GetMigrations().Any()) return;
        await using var tables = source.CreateCommand(db.Database.GenerateCreateScript());
        await tables.ExecuteNonQueryAsync();
    }

    private async Task<string> CreateAsync(string name, string clause)
    {
        await using var admin = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_server!.ConnectionString) { Pooling = false });
        await using var create = admin.CreateCommand($"create database {name} {clause}");
        await create.ExecuteNonQueryAsync();
        // No pool per database: two hundred of them would hold more connections than the server has. Tests that need one set Pooling=true.
        return new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = name, MaxPoolSize = 20, ConnectionIdleLifetime = 2, ConnectionPruningInterval = 1 }.ConnectionString;
    }

    /// <summary>Nothing yet: a run without database tests starts no server.</summary>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }
}
