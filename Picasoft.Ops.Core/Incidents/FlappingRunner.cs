using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>Lets incidents that came and went rest once they have been calm: what still fails is an incident like any other then, what does not is over. A step of <see cref="IncidentRunner"/>.</summary>
internal static class FlappingRunner
{
    private static readonly TimelineKind[] _changes = [TimelineKind.Opened, TimelineKind.AlertJoined, TimelineKind.AlertEnded];

    public static async Task<int> RunAsync(OpsDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var since = now - Flapping.Window;
        // It was opened because it flapped: before a whole window has passed nobody can say that it is calm.
        var flapping = await db.Incidents.Where(i => i.State != IncidentState.Resolved && i.Flapping && i.OpenedAt <= since).Select(i => i.Number).ToListAsync(cancel);
        if (flapping.Count == 0) return 0;
        var lively = await db.Timeline.AsNoTracking().Where(t => flapping.Contains(t.IncidentNumber) && t.At > since && _changes.Contains(t.Kind))
            .GroupBy(t => t.IncidentNumber).Where(g => g.Count() > Flapping.Ends).Select(g => g.Key).ToListAsync(cancel);
        var calm = flapping.Except(lively).ToArray();
        if (calm.Length == 0) return 0;
        var incidents = await db.Incidents.FromSql($"select * from incidents where number = any({calm}) and state <> 'Resolved' and flapping order by number for update").ToListAsync(cancel);
        var burning = await db.Alerts.AsNoTracking().Where(a => a.IncidentId != null && calm.Contains(a.IncidentId.Value) && (a.ResolvedAt == null || a.Pending)).Select(a => a.IncidentId!.Value).Distinct().ToListAsync(cancel);
        foreach (var incident in incidents)
        {
            incident.Flapping = false;
            incident.UpdatedAt = now;
            Tell(TimelineKind.FlappingEnded, Phrase.Of("timeline.flapping_ended", Flapping.Window), pending: false);
            if (!incident.AutoResolve || burning.Contains(incident.Number)) continue;
            incident.Resolve(now, null);
            incident.Revision++;
            Tell(TimelineKind.Resolved, Phrase.Of("timeline.alerts_ended"), pending: true);

            void Tell(TimelineKind kind, Phrase words, bool pending) => db.Timeline.Add(PlanWriter.Entry(kind, words, null, pending, now, incident.Number));
        }
        await db.SaveChangesAsync(cancel);
        await IncidentRunner.TellAsync(db, incidents.Select(i => i.Number), cancel);
        return incidents.Count;
    }
}
