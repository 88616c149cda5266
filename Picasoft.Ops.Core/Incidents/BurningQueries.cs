using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>Reads what goes on in incidents, as the label rules make it. In a storm that is tens of thousands of alerts, so only as many as a judgement needs.</summary>
public static class BurningQueries
{
    private const int Few = 50;

    /// <summary>Enough to say whether something holds an incident back (<see cref="Muting.Holding"/>): one that is free says that nothing does, and is nearly always among the first.</summary>
    public static async Task<ILookup<long, LabelSet>> ToJudgeAsync(OpsDbContext db, IReadOnlyCollection<long> numbers, Muting muting, LabelRules rules, CancellationToken cancel)
    {
        var some = await LabelsAsync(db, numbers, muting.IsEmpty ? 1 : Few, rules, cancel);
        var held = muting.IsEmpty ? [] : numbers.Where(n => some[n].Count() == Few && muting.Holding(some[n]) is not null).ToHashSet();
        if (held.Count == 0) return some;
        var all = await LabelsAsync(db, held, int.MaxValue, rules, cancel);
        return numbers.SelectMany(n => (held.Contains(n) ? all : some)[n], KeyValuePair.Create).ToLookup(l => l.Key, l => l.Value);
    }

    private static async Task<ILookup<long, LabelSet>> LabelsAsync(OpsDbContext db, IReadOnlyCollection<long> numbers, int most, LabelRules rules, CancellationToken cancel)
    {
        var found = await db.Alerts.FromSql($"select a.* from unnest({numbers.ToArray()}) n cross join lateral (select * from alerts where incident_id = n and resolved_at is null limit {most}) a")
            .AsNoTracking().Select(a => new { Number = a.IncidentId!.Value, a.Labels }).ToListAsync(cancel);
        return found.ToLookup(a => a.Number, a => rules.Apply(a.Labels));
    }
}
