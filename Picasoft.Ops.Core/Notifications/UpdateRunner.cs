using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Keeps what was sent current, where a channel can: the first post about an incident says how it stands now, whoever changed it and from where.</summary>
public sealed class UpdateRunner(IDbContextFactory<OpsDbContext> contexts, DeliveryJob job, ChangeSignal signal, TimeProvider time, ILogger<UpdateRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(10), signal, IncidentActions.Topic)
{
    protected override async Task RoundAsync(CancellationToken cancel)
    {
        while (await RunOnceAsync(cancel) > 0) { }
    }

    protected override void RoundFailed(Exception exception) => NotificationsLog.RoundFailed(log, exception);

    /// <summary>Each change is told once: what it is to say is written down before it is said, and a post that could not be changed waits for the next change.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var stale = await db.Deliveries.FromSql($"""
            update deliveries d set shown_revision = i.revision from incidents i
            where d.incident_number = i.number and d.shown_revision <> i.revision and d.id in (
                select d2.id from deliveries d2 join incidents i2 on i2.number = d2.incident_number
                where d2.reference is not null and d2.is_root and d2.shown_revision <> i2.revision limit 20 for update of d2 skip locked)
            returning d.*
            """).AsNoTracking().ToListAsync(cancel);
        foreach (var delivery in stale) await job.UpdateAsync(delivery, cancel);
        return stale.Count;
    }
}
