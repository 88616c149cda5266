using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

public sealed partial class IncidentActions
{
    /// <summary>Two incidents have one cause: the alerts and the impact of the first move to the other, and it is over. Answers the first.</summary>
    public async Task<Outcome<Incident>> MergeAsync(long number, long into, Actor actor, int? expected, CancellationToken cancel)
    {
        if (number == into) return Refusal.Conflict(Phrase.Of("incident.refused.merge_itself"));
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var both = await db.Incidents.FromSql($"select * from incidents where number in ({number}, {into}) order by number for update").ToListAsync(cancel); // in order: two merges crosswise do not block each other
        if (both.Find(i => i.Number == number) is not { } from) return Refusal.NotFound("incident", number);
        if (both.Find(i => i.Number == into) is not { } target) return Refusal.Invalid("into", Phrase.Of("refused.not_found.incident", into));
        if (await StaleAsync(db, from, expected, cancel) is { } stale) return stale;
        if (both.Find(i => !i.IsOpen) is { } over) return Refusal.Conflict(Phrase.Of("incident.refused.merge_resolved", over.Number));

        var now = time.GetUtcNow();
        var before = new { incident = Shown(from), into = Shown(target), impact = target.Impact };
        await db.Alerts.Where(a => a.IncidentId == number).ExecuteUpdateAsync(a => a.SetProperty(x => x.IncidentId, into), cancel);
        target.Impact = [.. target.Impact.Concat(from.Impact).Append(from.Service ?? "").Where(s => s.Length > 0 && s != target.Service).Distinct(StringComparer.Ordinal)];
        Write(db, target, actor, TimelineKind.Impact, null, Phrase.Of("timeline.merged_from", number, from.Title), Json.Text(new MergeData(number, into)), now);
        if (!target.SeverityByHuman && from.Severity > target.Severity)
        {
            Write(db, target, actor, TimelineKind.Severity, null, Phrase.Of("timeline.severity", target.Severity, from.Severity), null, now, pending: true);
            target.Severity = from.Severity;
        }
        from.Resolve(now, actor.Name);
        Write(db, from, actor, TimelineKind.Resolved, null, Phrase.Of("timeline.merged_into", into), Json.Text(new MergeData(number, into)), now, pending: true);
        foreach (var incident in both)
        {
            incident.Revision++;
            incident.UpdatedAt = now;
        }
        db.Audit.Add(AuditEntry.Of(actor, "incident.merge", $"#{number}", before, new { incident = Shown(from), into = Shown(target), impact = target.Impact, number = into }, now));
        await ChangeSignal.PublishAsync(db, Topic, into, cancel);
        await CommitAsync(db, number, cancel);
        await transaction.CommitAsync(cancel);
        return from;
    }
}

/// <summary>Which incident went into which: <see cref="TimelineEntry.Data"/>.</summary>
public sealed record MergeData(long From, long Into);
