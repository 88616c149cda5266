using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Trends;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Reports;

/// <summary>Something with a date on which it ends: a certificate, a domain.</summary>
/// <param name="Probe">Name of the probe that sees it.</param>
/// <param name="Service">Its service.</param>
/// <param name="Kind">The kind of the probe.</param>
/// <param name="DaysLeft">As last measured; negative: over.</param>
/// <param name="Warn">Fewer days than this are a warning.</param>
/// <param name="At">When it was measured.</param>
public sealed record Expiry(string Probe, string? Service, string Kind, double DaysLeft, double? Warn, DateTimeOffset At);

/// <summary>Something that ends on a date which its probe did not find.</summary>
/// <param name="State">Why not, as its last check said; null: not checked yet.</param>
public sealed record Undated(string Probe, string? Service, string Kind, ProbeState? State);

/// <summary>Everything that will break soon.</summary>
/// <param name="Warnings">Alerts that warn before something breaks, the oldest first.</param>
/// <param name="Expiries">What ends on a date, the nearest first.</param>
/// <param name="Undated">What ends on a date that nobody knows.</param>
public sealed record Prevention(IReadOnlyList<Alert> Warnings, IReadOnlyList<Expiry> Expiries, IReadOnlyList<Undated> Undated);

/// <summary>What trends and dates say of the weeks to come, in one list.</summary>
public sealed class PreventionQueries(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source, TimeProvider time)
{
    /// <summary>Most dates answered.</summary>
    public const int MaxExpiries = 100;

    private const string Dates = """
        select p.name, p.service, p.type, v.value, s.warn, v.at from probe_series s join probes p on p.id = s.probe_id
        cross join lateral (select value, at from measured_values where series_id = s.id and at >= $1 order by at desc limit 1) v
        where s.name = 'days_left' and p.enabled order by v.value, p.name limit $2
        """;

    public async Task<Prevention> LookAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var warnings = await db.Alerts.FromSql($"select * from alerts where resolved_at is null and (source in ({TrendPlanner.Source}, {BackupDrift.Source}) or labels ->> 'alertname' = {ProbeAlerts.WarningName})")
            .AsNoTracking().OrderBy(a => a.StartsAt).Take(500).ToListAsync(cancel);
        return new(warnings, await ExpiriesAsync(cancel), await UndatedAsync(db, cancel));
    }

    private async Task<IReadOnlyList<Undated>> UndatedAsync(OpsDbContext db, CancellationToken cancel) =>
        await db.Probes.FromSql($"select p.*, p.xmin from probes p where p.enabled and p.type in ('tls', 'domain_expiry') and not exists (select 1 from probe_series s join measured_values v on v.series_id = s.id and v.at >= {Oldest} where s.probe_id = p.id and s.name = 'days_left')")
            .AsNoTracking().OrderBy(p => p.Name).Take(MaxExpiries).Select(p => new Undated(p.Name, p.Service, p.Type, db.Set<ProbeState>().SingleOrDefault(s => s.ProbeId == p.Id))).ToListAsync(cancel);

    private DateTimeOffset Oldest => time.GetUtcNow().AddDays(-3);

    private async Task<IReadOnlyList<Expiry>> ExpiriesAsync(CancellationToken cancel)
    {
        await using var command = source.CreateCommand(Dates);
        command.Parameters.Add(new() { Value = Oldest });
        command.Parameters.Add(new() { Value = MaxExpiries });
        var found = new List<Expiry>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            found.Add(new(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetString(2), reader.GetDouble(3), reader.IsDBNull(4) ? null : reader.GetDouble(4), reader.GetFieldValue<DateTimeOffset>(5)));
        return found;
    }
}
