using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>One incident with all that its page shows.</summary>
public sealed record IncidentView(
    Incident Incident, IReadOnlyList<TimelineEntry> Timeline, IReadOnlyList<Alert> Alerts, Service? Service,
    IReadOnlyList<Silence> Silences, IReadOnlyList<EarlierIncident> Earlier);

/// <summary>What people read while they triage.</summary>
public sealed class TriageQueries(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Longest page of the history.</summary>
    public const int MaxPage = 500;

    private static readonly Expression<Func<Incident, IncidentLine>> _line = i =>
        new IncidentLine(i.Number, i.Title, i.TitlePhrase, i.State, i.Severity, i.Service, i.OpenedAt, i.ResolvedAt, i.ResolvedBy, i.AssigneeId, i.Assignee, i.Revision);

    public async Task<Inbox> InboxAsync(InboxFilter filter, CultureInfo culture, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var open = await db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Resolved).Select(_line).ToListAsync(cancel);
        var last = open.Count > 0 ? null : await db.Incidents.OrderByDescending(i => i.Number).Select(i => i.ResolvedAt).FirstOrDefaultAsync(cancel);
        var silences = await SilenceQueries.SilencingAsync(db, time.GetUtcNow(), cancel);
        if (silences.IsEmpty || open.Count == 0) return Inbox.Of(open, filter, culture, last);

        var labels = await db.Alerts.AsNoTracking().Where(a => a.ResolvedAt == null && a.IncidentId != null).Select(a => new { Number = a.IncidentId!.Value, a.Labels }).ToListAsync(cancel);
        var rules = (await PolicyBook.ReadAsync(db, cancel)).Labels;
        var silenced = labels.GroupBy(l => l.Number, l => rules.Apply(l.Labels)).Where(g => silences.IsFullyMuted([.. g])).Select(g => g.Key).ToHashSet();
        return Inbox.Of([.. open.Select(l => silenced.Contains(l.Number) ? l with { Silenced = true } : l)], filter, culture, last);
    }

    public async Task<IncidentView?> FindAsync(long number, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var incident = await db.Incidents.AsNoTracking().SingleOrDefaultAsync(i => i.Number == number, cancel);
        if (incident is null) return null;
        var timeline = await db.Timeline.AsNoTracking().Where(t => t.IncidentNumber == number).OrderBy(t => t.Id).ToListAsync(cancel);
        var alerts = await db.Alerts.AsNoTracking().Where(a => a.IncidentId == number).OrderBy(a => a.ResolvedAt != null).ThenByDescending(a => a.StartsAt).Take(200).ToListAsync(cancel);
        var service = incident.Service is null ? null : await db.Services.AsNoTracking().SingleOrDefaultAsync(s => s.Name == incident.Service, cancel);
        var silences = await SilenceQueries.SilencingAsync(db, time.GetUtcNow(), cancel);
        var rules = (await PolicyBook.ReadAsync(db, cancel)).Labels;
        var holding = alerts.Where(a => a.IsActive).SelectMany(a => silences.Muting(rules.Apply(a.Labels))).DistinctBy(s => s.Id).OrderBy(s => s.Id).ToList();
        return new(incident, timeline, alerts, service, holding, await EarlierAsync(db, incident, cancel));
    }

    /// <summary>Newest first, <paramref name="limit"/> at most, those with a number below <paramref name="before"/>: the key of the last line gives the next page.</summary>
    public async Task<IReadOnlyList<IncidentLine>> HistoryAsync(HistoryFilter filter, long? before, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var found = db.Incidents.AsNoTracking();
        if (filter.State is { } state) found = found.Where(i => i.State == state);
        if (filter.Severity is { } severity) found = found.Where(i => i.Severity == severity);
        if (!string.IsNullOrWhiteSpace(filter.Service)) found = found.Where(i => i.Service == filter.Service);
        if (filter.From is { } from) found = found.Where(i => i.OpenedAt >= from.ToUniversalTime());
        if (filter.To is { } to) found = found.Where(i => i.OpenedAt < to.ToUniversalTime());
        var text = (filter.Text ?? "").Trim().Replace("\0", "", StringComparison.Ordinal);
        if (long.TryParse(text.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) found = found.Where(i => i.Number == number || EF.Functions.ILike(i.Title, Containing(text), "\\"));
        else foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(8)) found = found.Where(i => EF.Functions.ILike(i.Title, Containing(word), "\\"));
        if (before is not null) found = found.Where(i => i.Number < before);
        return await found.OrderByDescending(i => i.Number).Take(Math.Clamp(limit, 1, MaxPage)).Select(_line).ToListAsync(cancel);
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
    public async Task<IReadOnlyList<string>> MatchersOfAsync(long number, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var labels = await db.Alerts.Where(a => a.IncidentId == number && a.ResolvedAt == null).Select(a => a.Labels).ToListAsync(cancel);
        // Severity may change while the alert stays the same to people.
        return labels.Count == 0 ? [] : [.. labels[0].Where(l => l.Key != "severity" && labels.All(other => other[l.Key] == l.Value)).Select(l => new Matcher(l.Key, MatchKind.Equal, l.Value).ToString())];
    }

    private static async Task<IReadOnlyList<EarlierIncident>> EarlierAsync(OpsDbContext db, Incident incident, CancellationToken cancel)
    {
        if (incident.Service is null) return [];
        var lines = await db.Incidents.AsNoTracking().Where(i => i.Service == incident.Service && i.State == IncidentState.Resolved && i.Number != incident.Number)
            .OrderByDescending(i => i.OpenedAt).Take(10).Select(_line).ToListAsync(cancel);
        var numbers = lines.Select(l => l.Number).ToList();
        var actions = await db.Timeline.AsNoTracking().Where(t => numbers.Contains(t.IncidentNumber) && t.Kind == TimelineKind.Action && t.Data != null).OrderBy(t => t.Id).ToListAsync(cancel);
        var helped = actions.Where(t => Json.Parse<RecoveryActionData>(t.Data!).Helped == true).ToLookup(t => t.IncidentNumber, t => t.Text ?? "");
        return [.. lines.Select(l => new EarlierIncident(l, [.. helped[l.Number]])).OrderByDescending(e => e.Helped.Count > 0)];
    }

    private static string Containing(string text) => "%" + text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal) + "%";
}
