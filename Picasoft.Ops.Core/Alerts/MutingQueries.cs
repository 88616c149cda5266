using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>Reads all that holds paging back.</summary>
public static class MutingQueries
{
    /// <summary>At an instant; the alerts that inhibit are those of now, and are asked for only when a rule needs them.</summary>
    public static async Task<Muting> MutingAsync(OpsDbContext db, PolicyBook policies, DateTimeOffset now, CancellationToken cancel)
    {
        var burning = policies.Inhibitions.Count == 0 ? [] : await Sources(db, policies).AsNoTracking().Select(a => a.Labels).ToListAsync(cancel);
        return new(await SilenceQueries.SilencingAsync(db, now, cancel), policies.Maintenances, new(policies.Inhibitions, burning.Select(policies.Labels.Apply)), now);
    }

    // Those that could be the source of an inhibition, as far as the store can tell; of a hundred thousand alerts these are a few. Label rules may make a source of any.
    private static IQueryable<Alert> Sources(OpsDbContext db, PolicyBook policies)
    {
        var named = policies.Inhibitions.Select(i => LabelSet.Of(i.Source.Where(m => m.Kind == MatchKind.Equal).Select(m => KeyValuePair.Create(m.Name, m.Value)))).ToList();
        if (!policies.Labels.IsEmpty || named.Exists(n => n.Count == 0)) return db.Alerts.Where(a => a.ResolvedAt == null);
        var texts = named.Select(Json.Text).ToArray();
        return db.Alerts.FromSql($"select * from alerts where resolved_at is null and labels @> any({texts}::jsonb[])");
    }
}
