using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>A cluster and how it was last seen.</summary>
/// <param name="Events">What happened to it last, oldest first.</param>
/// <param name="FromFile">The configuration file manages it.</param>
public sealed record ClusterRow(ClusterInput Cluster, ClusterView? View, IReadOnlyList<ClusterEvent> Events, bool FromFile, uint Version);

/// <summary>What pages and programs read of clusters.</summary>
public sealed class ClusterQueries(IDbContextFactory<OpsDbContext> contexts)
{
    public async Task<IReadOnlyList<ClusterRow>> ListAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await RowsAsync(db, cancel);
    }

    internal static async Task<IReadOnlyList<ClusterRow>> RowsAsync(OpsDbContext db, CancellationToken cancel)
    {
        var states = await db.ClusterStates.AsNoTracking().ToDictionaryAsync(s => s.Name, StringComparer.Ordinal, cancel);
        var policies = await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.Cluster).OrderBy(p => p.Name).ToListAsync(cancel);
        return policies.ConvertAll(p => new ClusterRow(Json.Parse<ClusterInput>(p.Definition), states.GetValueOrDefault(p.Name)?.View, states.GetValueOrDefault(p.Name)?.Events ?? [], p.FromFile, p.Version));
    }

    public async Task<ClusterRow?> FindAsync(string name, CancellationToken cancel) => (await ListAsync(cancel)).FirstOrDefault(c => c.Cluster.Name == name);

    internal static async Task<IReadOnlyList<ClusterInput>> ReadAsync(OpsDbContext db, CancellationToken cancel) =>
        [.. (await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.Cluster).OrderBy(p => p.Name).Select(p => p.Definition).ToListAsync(cancel)).Select(Json.Parse<ClusterInput>)];
}
