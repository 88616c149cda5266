using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>A cluster and how it was last seen.</summary>
/// <param name="Events">What happened to it last, oldest first.</param>
public sealed record ClusterRow(ClusterInput Cluster, ClusterView? View, IReadOnlyList<ClusterEvent> Events);

/// <summary>What pages and programs read of clusters.</summary>
public sealed class ClusterQueries(IDbContextFactory<OpsDbContext> contexts)
{
    public async Task<IReadOnlyList<ClusterRow>> ListAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var states = await db.ClusterStates.AsNoTracking().ToDictionaryAsync(s => s.Name, StringComparer.Ordinal, cancel);
        return [.. (await ReadAsync(db, cancel)).Select(c => new ClusterRow(c, states.GetValueOrDefault(c.Name)?.View, states.GetValueOrDefault(c.Name)?.Events ?? []))];
    }

    public async Task<ClusterRow?> FindAsync(string name, CancellationToken cancel) => (await ListAsync(cancel)).FirstOrDefault(c => c.Cluster.Name == name);

    internal static async Task<IReadOnlyList<ClusterInput>> ReadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.Cluster).OrderBy(p => p.Name).Select(p => p.Definition).ToListAsync(cancel)).Select(Json.Parse<ClusterInput>)];
}
