using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>What pages and the API ask about log rules.</summary>
public sealed class LogRuleQueries(IDbContextFactory<OpsDbContext> contexts)
{
    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<LogRule>> ListAsync(string? service, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.LogRules.AsNoTracking().Where(r => service == null || r.Service == service).OrderBy(r => r.Name).ToListAsync(cancel);
    }

    public async Task<LogRule?> FindAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.LogRules.AsNoTracking().SingleOrDefaultAsync(r => r.Name == name, cancel);
    }
}

/// <summary>Keeps a service from being deleted under its rules.</summary>
internal sealed class LogRulesOfService : IInventoryUser
{
    public async Task<IReadOnlyList<string>> UsersOfServiceAsync(OpsDbContext db, string service, CancellationToken cancel) =>
        await db.LogRules.Where(r => r.Service == service).OrderBy(r => r.Name).Select(r => "log_rule:" + r.Name).ToListAsync(cancel);
}
