using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>What is read of alerts.</summary>
public sealed class AlertQueries(IDbContextFactory<OpsDbContext> contexts)
{
    /// <summary>Newest first, those with an id below <paramref name="before"/>.</summary>
    /// <param name="active">True: those that go on; false: those that ended; null: all.</param>
    /// <param name="service">Only those of this service; null: all.</param>
    /// <param name="incident">Only those of this incident; null: all.</param>
    public async Task<IReadOnlyList<Alert>> ListAsync(bool? active, string? service, long? incident, long? before, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        // Labels are a value to EF; a filter on one of them is SQL's.
        var found = string.IsNullOrEmpty(service) ? db.Alerts : db.Alerts.FromSql($"select * from alerts where labels ->> 'service' = {service}");
        if (active is { } isActive) found = isActive ? found.Where(a => a.ResolvedAt == null) : found.Where(a => a.ResolvedAt != null);
        if (incident is not null) found = found.Where(a => a.IncidentId == incident);
        if (before is not null) found = found.Where(a => a.Id < before);
        return await found.AsNoTracking().OrderByDescending(a => a.Id).Take(limit).ToListAsync(cancel);
    }
}
