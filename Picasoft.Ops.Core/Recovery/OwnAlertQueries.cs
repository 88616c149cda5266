using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Finds the alerts that we raised ourselves by what they are about: their other labels (the service) may have been another when they began.</summary>
internal static class OwnAlertQueries
{
    /// <summary>What ends all that goes on about one cluster or plan.</summary>
    /// <param name="source">Of the alerts.</param>
    /// <param name="label">That names the thing: <c>cluster</c>, <c>plan</c>.</param>
    public static async Task<IReadOnlyList<AlertSignal>> EndsAsync(OpsDbContext db, string source, string label, string name, DateTimeOffset now, CancellationToken cancel) =>
        [.. (await db.Alerts.AsNoTracking().Where(a => a.Source == source && a.ResolvedAt == null).ToListAsync(cancel)).Where(a => a.Labels[label] == name).Select(a => new AlertSignal(a.Labels, LabelSet.Of(), a.StartsAt, now, source))];
}
