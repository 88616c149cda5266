using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Reports;

/// <summary>
/// What everybody may see. Read from the store every few seconds at most, however many look (when something is down, everybody looks),
/// and while the store is away as it last was.
/// </summary>
public sealed class StatusPageQueries(IDbContextFactory<OpsDbContext> contexts, StatusPageActions page, ServiceQueries services, ProbeQueries probes, TimeProvider time) : IDisposable
{
    /// <summary>Days shown of a service.</summary>
    public const int Days = 90;

    /// <summary>How long an answer holds.</summary>
    public static readonly TimeSpan Holds = TimeSpan.FromSeconds(5);

    /// <summary>Incidents that ended are shown so long.</summary>
    private static readonly TimeSpan _past = TimeSpan.FromDays(14);

    private readonly SemaphoreSlim _one = new(1, 1);
    private Seen? _seen;

    /// <summary>The page; null: there is none.</summary>
    public async Task<PublicStatus?> StatusAsync(CancellationToken cancel)
    {
        var seen = await SeenAsync(cancel);
        return seen.Page is null ? null : PublicStatus.Of(seen.Page, seen.Health, seen.Days, seen.Incidents, seen.Windows, seen.At);
    }

    /// <summary>One public service; null: there is none of that name.</summary>
    public async Task<PublicService?> ServiceAsync(string name, CancellationToken cancel)
    {
        var seen = await SeenAsync(cancel);
        return PublicStatus.Of(name, seen.Health, seen.Days, seen.Incidents);
    }

    public void Dispose() => _one.Dispose();

    private async Task<Seen> SeenAsync(CancellationToken cancel)
    {
        if (IsFresh(_seen)) return _seen!;
        await _one.WaitAsync(cancel);
        try
        {
            if (!IsFresh(_seen)) _seen = await ReadAsync(cancel);
            return _seen!;
        }
        catch (Exception e) when (StoreAway.Is(e) && _seen is not null) { return _seen; }
        finally { _one.Release(); }
    }

    private bool IsFresh(Seen? seen) => seen is not null && time.GetUtcNow() - seen.At < Holds;

    private async Task<Seen> ReadAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var since = now - _past;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var incidents = await db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Resolved || i.OpenedAt >= since).OrderByDescending(i => i.Number).Take(1000).ToListAsync(cancel);
        var row = await page.FindAsync(cancel);
        return new(now, row is null ? null : StatusPageActions.Of(row), await services.HealthAsync(cancel), await probes.DaysAsync(Days, now, cancel), incidents, (await PolicyBook.ReadAsync(db, cancel)).Maintenances);
    }

    private sealed record Seen(DateTimeOffset At, StatusPageInput? Page, IReadOnlyList<ServiceHealth> Health, IReadOnlyDictionary<string, IReadOnlyList<DayBar>> Days, IReadOnlyList<Incident> Incidents, IReadOnlyList<Maintenance> Windows);
}
