using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Tests.Support;

/// <summary>A node that only probes, on a real database.</summary>
public sealed class ProbingNode : IAsyncDisposable
{
    public static readonly Actor Camille = new(ActorKind.Person, 1, "camille");

    private readonly IHost _host;

    private ProbingNode(IHost host) => _host = host;

    public ProbeActions Actions => _host.Services.GetRequiredService<ProbeActions>();

    public ProbeRunner Runner => _host.Services.GetRequiredService<ProbeRunner>();

    public ProbeQueries Queries => _host.Services.GetRequiredService<ProbeQueries>();

    public NpgsqlDataSource Source => _host.Services.GetRequiredService<NpgsqlDataSource>();

    public T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    public static ProbingNode Create(string database, string name = "alice")
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddFilter(_ => false);
        builder.Services.AddSingleton(new OpsSettings { Data = "/nonexistent", Node = name });
        builder.Services.AddStorage(database, new string('k', 32)).AddProbes();
        return new(builder.Build());
    }

    public static async Task<ProbingNode> StartAsync(string database, string name = "alice")
    {
        var node = Create(database, name);
        await node._host.StartAsync();
        return node;
    }

    public Task StartAsync() => _host.StartAsync();

    /// <summary>Makes probes by the hundred, without the ceremony; each is due at its own slot.</summary>
    public async Task AddAsync(IEnumerable<ProbeDefinition> probes)
    {
        await using var db = await Get<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        var all = probes.ToList();
        db.Probes.AddRange(all);
        await db.SaveChangesAsync();
        var now = TimeProvider.System.GetUtcNow();
        db.ProbeSlots.AddRange(all.Select(p => new ProbeSlot { ProbeId = p.Id, NextDueAt = ProbeSchedule.Next(p.Id, p.Interval, now) }));
        await db.SaveChangesAsync();
    }

    public async Task AddServiceAsync(Service service)
    {
        await using var db = await Get<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        db.Services.Add(service);
        await db.SaveChangesAsync();
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T?> AskAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable) await disposable.DisposeAsync();
    }
}
