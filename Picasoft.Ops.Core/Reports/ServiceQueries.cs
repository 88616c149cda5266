using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Reports;

/// <summary>The checks of one probe in a span of time.</summary>
public sealed record ProbeShare(string Probe, long Checks, long Failed)
{
    /// <summary>Share of good checks, 0 to 1.</summary>
    public double Availability => 1 - ((double)Failed / Checks);
}

/// <summary>How services are and were.</summary>
public sealed class ServiceQueries(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source, ProbeQueries probes)
{
    /// <summary>All services as they are now, by name.</summary>
    public async Task<IReadOnlyList<ServiceHealth>> HealthAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var services = await db.Services.AsNoTracking().OrderBy(s => s.Name).ToListAsync(cancel);
        var open = await db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Resolved && i.Service != null).ToListAsync(cancel);
        return ServiceHealth.Of(services, await probes.ListAsync(null, cancel), open);
    }

    /// <summary>The last incidents of a service, newest first.</summary>
    public async Task<IReadOnlyList<Incident>> IncidentsAsync(string service, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Incidents.AsNoTracking().Where(i => i.Service == service).OrderByDescending(i => i.Number).Take(limit).ToListAsync(cancel);
    }

    /// <summary>The checks of a service's probes in whole hours of [from, to), as rolled up: the last minutes may be missing.</summary>
    public async Task<IReadOnlyList<ProbeShare>> SharesAsync(string service, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) =>
        [.. (await SharesAsync(from, to, service, cancel))[service]];

    /// <summary>How all services were in [from, to), beside what was promised of them.</summary>
    public async Task<IReadOnlyList<AvailabilityRow>> AvailabilityAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var (begin, end) = (from.ToUniversalTime(), to.ToUniversalTime());
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var services = await db.Services.AsNoTracking().ToListAsync(cancel);
        var incidents = await db.Incidents.AsNoTracking().Where(i => i.Service != null && i.OpenedAt >= begin && i.OpenedAt < end).ToListAsync(cancel);
        return AvailabilityRow.Of(services, await SharesAsync(begin, end, null, cancel), incidents.ToLookup(i => i.Service!, StringComparer.Ordinal));
    }

    private async Task<ILookup<string, ProbeShare>> SharesAsync(DateTimeOffset from, DateTimeOffset to, string? service, CancellationToken cancel)
    {
        await using var command = source.CreateCommand("""
            select p.service, p.name, sum(h.checks)::bigint, sum(h.failed)::bigint from probe_hours h join probes p on p.id = h.probe_id
            where p.service is not null and ($3::text is null or p.service = $3) and h.hour >= $1 and h.hour < $2 group by 1, 2 having sum(h.checks) > 0 order by 1, 2
            """);
        command.Parameters.Add(new() { Value = from.ToUniversalTime() });
        command.Parameters.Add(new() { Value = to.ToUniversalTime() });
        command.Parameters.Add(new() { Value = (object?)service ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        var shares = new List<(string Service, ProbeShare Share)>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) shares.Add((reader.GetString(0), new(reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3))));
        return shares.ToLookup(s => s.Service, s => s.Share, StringComparer.Ordinal);
    }
}
