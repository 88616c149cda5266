using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>
/// Writes the beginning and the end of silences on the timelines of the open incidents they touch. The end is an entry that
/// people may have to be told of: what still burns then pages. A step of <see cref="IncidentRunner"/>.
/// </summary>
internal static class SilenceRunner
{
    public static async Task<int> RunAsync(OpsDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var due = await db.Silences.FromSql($"select *, xmin from silences where (not start_handled and starts_at <= {now}) or (not end_handled and ends_at <= {now}) order by id limit 100 for update").ToListAsync(cancel);
        if (due.Count == 0) return 0;
        var burning = await db.Alerts.AsNoTracking().Where(a => a.ResolvedAt == null && a.IncidentId != null)
            .Join(db.Incidents.Where(i => i.State != IncidentState.Resolved), a => a.IncidentId, i => i.Number, (a, i) => new { i.Number, a.Labels }).ToListAsync(cancel);
        var labels = (await PolicyBook.ReadAsync(db, cancel)).Labels;
        var touched = new HashSet<long>();
        foreach (var silence in due)
        {
            var ended = silence.EndsAt <= now;
            // Ended before it began, or before we saw it begin: only what it held back counts.
            var wasActive = silence.StartsAt < silence.EndsAt;
            (silence.StartHandled, silence.EndHandled) = (true, ended);
            var matchers = MatcherParser.ParseAll(silence.Matchers);
            if (!wasActive || !matchers.IsDone) continue;
            foreach (var number in burning.Where(b => Silencing.Matches(matchers.Value, labels.Apply(b.Labels))).Select(b => b.Number).Distinct())
            {
                var entry = ended
                    ? PlanWriter.Entry(TimelineKind.SilenceEnded, Phrase.Of("timeline.silence_ended", silence.Id), new SilenceData(silence.Id), pending: true, now, number)
                    : PlanWriter.Entry(TimelineKind.Silenced, Phrase.Of("timeline.silenced", silence.Id, silence.CreatedBy, silence.EndsAt, silence.Comment), new SilenceData(silence.Id), pending: false, now, number);
                db.Timeline.Add(entry);
                touched.Add(number);
            }
        }
        await db.SaveChangesAsync(cancel);
        await IncidentRunner.TellAsync(db, touched, cancel);
        await ChangeSignal.PublishAsync(db, SilenceActions.Topic, 0, cancel);
        return due.Count;
    }
}

/// <summary>The silence an entry of the timeline speaks of: <see cref="TimelineEntry.Data"/>.</summary>
public sealed record SilenceData(long SilenceId);
