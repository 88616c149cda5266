using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Incidents;

/// <content>What the inbox and the forms around it read.</content>
public sealed partial class IncidentQueries
{
    public async Task<Inbox> InboxAsync(InboxFilter filter, CultureInfo culture, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var open = await db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Resolved).Select(_line).ToListAsync(cancel);
        var last = open.Count > 0 ? null : await db.Incidents.OrderByDescending(i => i.Number).Select(i => i.ResolvedAt).FirstOrDefaultAsync(cancel);
        var policies = await PolicyBook.ReadAsync(db, cancel);
        var muting = await MutingQueries.MutingAsync(db, policies, time.GetUtcNow(), cancel);
        if (muting.IsEmpty || open.Count == 0) return Inbox.Of(open, filter, culture, last);

        var burning = await BurningQueries.ToJudgeAsync(db, [.. open.Select(l => l.Number)], muting, policies.Labels, cancel);
        var silenced = burning.Where(b => muting.Holding(b) is not null).Select(b => b.Key).ToHashSet();
        return Inbox.Of([.. open.Select(l => silenced.Contains(l.Number) ? l with { Silenced = true } : l)], filter, culture, last);
    }

    public async Task<IReadOnlyList<string>> ServiceNamesAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Services.OrderBy(s => s.Name).Select(s => s.Name).ToListAsync(cancel);
    }

    /// <summary>Names of those an incident can be given to.</summary>
    public async Task<IReadOnlyList<string>> ResponderNamesAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.People.Where(p => p.IsActive && p.Role != Role.Viewer).OrderBy(p => p.Name).Select(p => p.Name).ToListAsync(cancel);
    }

    /// <summary>The person of that name who can respond; null: there is none.</summary>
    public async Task<Person?> ResponderAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.People.AsNoTracking().FirstOrDefaultAsync(p => p.Name == name && p.IsActive && p.Role != Role.Viewer, cancel);
    }

    /// <summary>Matchers that hold for all alerts of the incident that go on, and for as few others as can be said; empty: no alert goes on.</summary>
    public async Task<IReadOnlyList<string>> MatchersOfAsync(long number, CancellationToken cancel, bool alsoOver = false)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var labels = await db.Alerts.Where(a => a.IncidentId == number && a.ResolvedAt == null).Select(a => a.Labels).ToListAsync(cancel);
        if (labels.Count == 0 && alsoOver) labels = await db.Alerts.Where(a => a.IncidentId == number).Select(a => a.Labels).ToListAsync(cancel);
        // Severity may change while the alert stays the same to people.
        return labels.Count == 0 ? [] : [.. labels[0].Where(l => l.Key != "severity" && labels.All(other => other[l.Key] == l.Value)).Select(l => new Matcher(l.Key, MatchKind.Equal, l.Value).ToString())];
    }
}
