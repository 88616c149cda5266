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
public sealed class ServiceQueries(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source, ProbeQueries probes, TimeProvider time)
{
    /// <summary>An hour is surely summed when it has been over for so long: the sums are made every five minutes.</summary>
    private static readonly TimeSpan _summedWithin = TimeSpan.FromMinutes(10);

    // The hours that lie wholly within, and of those at both ends every single result; of an end whose results are gone, its share of the hour.
    private static readonly string _shares = $"""
        select p.service, p.name, round(sum(s.checks))::bigint, round(sum(s.failed))::bigint from probes p join (
            select probe_id, sum(checks)::float8 as checks, sum(failed)::float8 as failed from probe_hours where hour >= $2 and hour < $3 group by 1
            {EdgeSql("$1", "least($2, $4)")} {EdgeSql("greatest($3, least($2, $4))", "$4")}) s on s.probe_id = p.id
        where p.service is not null and ($5::text is null or p.service = $5) group by 1, 2 having round(sum(s.checks)) > 0 order by 1, 2
        """;

    /// <summary>All services as they are now, by name.</summary>
    public async Task<IReadOnlyList<ServiceHealth>> HealthAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var services = await db.Services.AsNoTracking().OrderBy(s => s.Name).ToListAsync(cancel);
        var open = await db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Resolved && i.Service != null).ToListAsync(cancel);
        return ServiceHealth.Of(services, await probes.ListAsync(null, cancel), open);
    }

    /// <summary>The last incidents of a service: those that are not over first, then the newest.</summary>
    public async Task<IReadOnlyList<Incident>> IncidentsAsync(string service, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var all = db.Incidents.AsNoTracking().Where(i => i.Service == service).OrderByDescending(i => i.Number);
        // At one glance: what ends between two would be in both.
        var some = await all.Where(i => i.State != IncidentState.Resolved).Take(limit).Concat(all.Where(i => i.State == IncidentState.Resolved).Take(limit)).ToListAsync(cancel);
        return [.. some.OrderByDescending(i => i.IsOpen).ThenByDescending(i => i.Number).Take(limit)];
    }

    /// <summary>The checks of a service's probes in [from, to), to the second as long as single results are kept, beyond that in proportion to the hours at both ends.</summary>
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
        var (begin, end) = (from.ToUniversalTime(), to.ToUniversalTime());
        var settled = time.GetUtcNow() - _summedWithin;
        await using var command = source.CreateCommand(_shares);
        foreach (var instant in new[] { begin, HourOf(begin.AddHours(1).AddTicks(-1)), HourOf(end < settled ? end : settled), end }) command.Parameters.Add(new() { Value = instant });
        command.Parameters.Add(new() { Value = (object?)service ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        var shares = new List<(string Service, ProbeShare Share)>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) shares.Add((reader.GetString(0), new(reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3))));
        return shares.ToLookup(s => s.Service, s => s.Share, StringComparer.Ordinal);
    }

    // Each probe by its index: all results of a day would be many more.
    private static string EdgeSql(string from, string to) => $"""
        union all
        select q.id, e.checks, e.failed from probes q cross join lateral (
            select count(*)::float8 as checks, count(*) filter (where not r.ok)::float8 as failed from probe_results r where r.probe_id = q.id and r.at >= {from} and r.at < {to}) e
        where q.service is not null and ($5::text is null or q.service = $5) and {from} < {to}
        union all
        select h.probe_id, h.checks * least(1, extract(epoch from {to} - {from})::float8 / 3600), h.failed * least(1, extract(epoch from {to} - {from})::float8 / 3600) from probe_hours h
        where h.hour = date_trunc('hour', {from}, 'UTC') and {from} < {to}
            and not exists (select from probe_results r where r.at >= date_trunc('hour', {from}, 'UTC') and r.at < date_trunc('hour', {from}, 'UTC') + interval '1 hour')
        """;

    private static DateTimeOffset HourOf(DateTimeOffset at) => new(at.Year, at.Month, at.Day, at.Hour, 0, 0, TimeSpan.Zero);
}
