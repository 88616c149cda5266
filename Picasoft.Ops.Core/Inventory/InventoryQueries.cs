using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>Hosts and services as they are written down; how they do is for the reports.</summary>
public sealed class InventoryQueries(IDbContextFactory<OpsDbContext> contexts)
{
    /// <summary>By name, those after <paramref name="after"/>.</summary>
    public async Task<IReadOnlyList<Host>> HostsAsync(string? after, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Hosts.AsNoTracking().Where(h => after == null || h.Name.CompareTo(after) > 0).OrderBy(h => h.Name).Take(limit).ToListAsync(cancel);
    }

    public async Task<Host?> HostAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Hosts.AsNoTracking().SingleOrDefaultAsync(h => h.Name == name, cancel);
    }

    /// <inheritdoc cref="HostsAsync"/>
    public async Task<IReadOnlyList<Service>> ServicesAsync(string? after, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Services.AsNoTracking().Where(s => after == null || s.Name.CompareTo(after) > 0).OrderBy(s => s.Name).Take(limit).ToListAsync(cancel);
    }

    /// <summary>The names of all services, for a choice.</summary>
    public async Task<IReadOnlyList<string>> ServiceNamesAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Services.OrderBy(s => s.Name).Select(s => s.Name).ToListAsync(cancel);
    }

    public async Task<Service?> ServiceAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Services.AsNoTracking().SingleOrDefaultAsync(s => s.Name == name, cancel);
    }
}
