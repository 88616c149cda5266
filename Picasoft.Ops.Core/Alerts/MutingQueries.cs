using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>Reads all that holds paging back.</summary>
public static class MutingQueries
{
    /// <summary>At an instant; the alerts that inhibit are those of now, and are asked for only when a rule needs them.</summary>
    public static async Task<Muting> MutingAsync(OpsDbContext db, PolicyBook policies, DateTimeOffset now, CancellationToken cancel)
    {
        var burning = policies.Inhibitions.Count == 0 ? [] : await db.Alerts.AsNoTracking().Where(a => a.ResolvedAt == null).Select(a => a.Labels).ToListAsync(cancel);
        return new(await SilenceQueries.SilencingAsync(db, now, cancel), policies.Maintenances, new(policies.Inhibitions, burning.Select(policies.Labels.Apply)), now);
    }
}
