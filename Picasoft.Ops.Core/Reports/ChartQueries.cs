using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Reports;

/// <summary>Charts of probes, from single results, hours or days, whichever is as fine as a chart can show.</summary>
public sealed class ChartQueries(IDbContextFactory<OpsDbContext> contexts, ProbeQueries probes)
{
    private const int Pieces = 288;
    private const int MaxIncidents = 200;

    /// <summary>The chart of a probe; as fine as <see cref="MeasurementQueries.GrainOf"/> says.</summary>
    public async Task<ProbeChart> OfProbeAsync(ProbeDefinition probe, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        (from, to) = (from.ToUniversalTime(), to.ToUniversalTime());
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var incidents = probe.Service is { } service ? await IncidentsAsync(db, service, from, to, cancel) : [];
        switch (MeasurementQueries.GrainOf(to - from))
        {
            case Grain.Raw:
                return new(from, to, (to - from) / Pieces, ChartPoint.Of(await probes.ResultsAsync(probe.Id, from, to, ProbeQueries.MaxResults, cancel), from, to, Pieces), incidents);
            case Grain.Hour:
                var hours = await probes.HoursAsync(probe.Id, from, to, cancel);
                return new(from, to, TimeSpan.FromHours(1), [.. hours.Where(h => h.Checks > 0).Select(h => ChartPoint.Of(h.Hour, [h]))], incidents);
            default:
                var days = await db.ProbeDays.AsNoTracking().Where(d => d.ProbeId == probe.Id && d.Day >= from && d.Day < to).OrderBy(d => d.Day).ToListAsync(cancel);
                return new(from, to, TimeSpan.FromDays(1), [.. days.Where(d => d.Checks > 0).Select(d => ChartPoint.Of(d.Day, [d]))], incidents);
        }
    }

    private static async Task<IReadOnlyList<ChartIncident>> IncidentsAsync(OpsDbContext db, string service, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var found = await db.Incidents.AsNoTracking().Where(i => i.Service == service && i.OpenedAt < to && (i.ResolvedAt == null || i.ResolvedAt > from)).OrderByDescending(i => i.OpenedAt).Take(MaxIncidents)
            .Select(i => new ChartIncident(i.Number, i.Title, i.Severity, i.OpenedAt, i.ResolvedAt)).ToListAsync(cancel);
        found.Reverse();
        return found;
    }
}
