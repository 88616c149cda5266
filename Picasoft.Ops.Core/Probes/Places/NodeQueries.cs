using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes.Places;

/// <summary>What pages and the API ask about nodes and locations.</summary>
public sealed class NodeQueries(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    public async Task<IReadOnlyList<Node>> ListAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Nodes.AsNoTracking().OrderBy(n => n.Name).ToListAsync(cancel);
    }

    /// <summary>What each location says of a probe, by name.</summary>
    public async Task<IReadOnlyList<ProbeLocationState>> LocationsAsync(long probe, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.ProbeLocationStates.AsNoTracking().Where(s => s.ProbeId == probe).OrderBy(s => s.Location).ToListAsync(cancel);
    }

    /// <summary>Takes a node that is gone for good off the list; its alert ends. One that lives enters itself again.</summary>
    public async Task<bool> ForgetAsync(string name, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Nodes.AsNoTracking().SingleOrDefaultAsync(n => n.Name == name, cancel) is not { } node) return false;
        await db.Nodes.Where(n => n.Name == name).ExecuteUpdateAsync(s => s.SetProperty(n => n.StoppedAt, n => n.SeenAt), cancel);
        db.Audit.Add(AuditEntry.Of(actor, "node.forget", name, new { node.Location, node.StartedAt, node.SeenAt, node.StoppedAt }, null, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }
}
