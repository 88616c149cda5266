using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>Which incidents are asked for; null or empty: all.</summary>
/// <param name="Text">All of its words are somewhere in the title, the service, what people wrote, the recovery actions or the alerts; <c>12</c> and <c>#12</c> are a number too.</param>
/// <param name="Assignee">A name; <see cref="InboxFilter.Nobody"/> for those that nobody has.</param>
/// <param name="From">Opened at or after.</param>
/// <param name="To">Opened before.</param>
public sealed record IncidentFilter(
    IReadOnlyList<IncidentState>? States = null, IReadOnlyList<Severity>? Severities = null, string? Service = null, string? Assignee = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null, string? Text = null)
{
    public bool IsEmpty => this is { States: null or [], Severities: null or [], From: null, To: null } && string.IsNullOrEmpty(Service) && string.IsNullOrEmpty(Assignee) && string.IsNullOrWhiteSpace(Text);
}

/// <summary>One incident with all that is shown of it.</summary>
public sealed record IncidentView(
    Incident Incident, IReadOnlyList<TimelineEntry> Timeline, IReadOnlyList<Alert> Alerts, Service? Service,
    IReadOnlyList<Silence> Silences, IReadOnlyList<EarlierIncident> Earlier, IReadOnlyList<Remedy> Remedies);

/// <summary>What people and programs read of incidents. What the inbox needs is in the other half.</summary>
public sealed partial class IncidentQueries(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Most alerts shown of one incident, those that go on first.</summary>
    public const int MaxAlerts = 500;

    /// <summary>From how many earlier incidents of a service it is told what was tried.</summary>
    private const int MaxEarlier = 50;

    /// <summary>Longest page of a list.</summary>
    public const int MaxPage = 501;

    /// <summary>So many of the newest are searched first.</summary>
    private const int Near = 2000;

    private static readonly Expression<Func<Incident, IncidentLine>> _line = i =>
        new IncidentLine(i.Number, i.Title, i.TitlePhrase, i.State, i.Severity, i.Service, i.OpenedAt, i.ResolvedAt, i.ResolvedBy, i.AssigneeId, i.Assignee, i.Revision, i.AcknowledgedBy);

    /// <summary>Newest first, <paramref name="limit"/> at most, those with a number below <paramref name="before"/>: the key of the last gives the next page.</summary>
    public async Task<IReadOnlyList<Incident>> ListAsync(IncidentFilter filter, long? before, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await FoundAsync(db, filter, before, limit, found => found, cancel);
    }

    /// <inheritdoc cref="ListAsync"/>
    public async Task<IReadOnlyList<IncidentLine>> LinesAsync(IncidentFilter filter, long? before, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await FoundAsync(db, filter, before, limit, found => found.Select(_line), cancel);
    }

    public async Task<IncidentView?> FindAsync(long number, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var incident = await db.Incidents.AsNoTracking().SingleOrDefaultAsync(i => i.Number == number, cancel);
        if (incident is null) return null;
        var timeline = await db.Timeline.AsNoTracking().Where(t => t.IncidentNumber == number).OrderBy(t => t.Id).ToListAsync(cancel);
        var alerts = await db.Alerts.AsNoTracking().Where(a => a.IncidentId == number).OrderBy(a => a.ResolvedAt != null).ThenByDescending(a => a.StartsAt).Take(MaxAlerts).ToListAsync(cancel);
        var service = incident.Service is null ? null : await db.Services.AsNoTracking().SingleOrDefaultAsync(s => s.Name == incident.Service, cancel);
        var silences = await SilenceQueries.SilencingAsync(db, time.GetUtcNow(), cancel);
        var rules = (await PolicyBook.ReadAsync(db, cancel)).Labels;
        var holding = alerts.Where(a => a.IsActive).SelectMany(a => silences.Muting(rules.Apply(a.Labels))).DistinctBy(s => s.Id).OrderBy(s => s.Id).ToList();
        var (earlier, remedies) = await EarlierAsync(db, incident, cancel);
        return new(incident, timeline, alerts, service, holding, earlier, remedies);
    }

    /// <summary>Oldest first, those with an id above <paramref name="after"/>.</summary>
    public async Task<Outcome<IReadOnlyList<TimelineEntry>>> TimelineAsync(long number, long? after, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (!await db.Incidents.AnyAsync(i => i.Number == number, cancel)) return Refusal.NotFound("incident", number);
        return await db.Timeline.AsNoTracking().Where(t => t.IncidentNumber == number && t.Id > (after ?? 0)).OrderBy(t => t.Id).Take(limit).ToListAsync(cancel);
    }

    /// <summary>The runbook of each service that has one.</summary>
    public async Task<IReadOnlyDictionary<string, string>> RunbooksAsync(IEnumerable<string?> services, CancellationToken cancel)
    {
        var names = services.OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0) return new Dictionary<string, string>(StringComparer.Ordinal);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Services.Where(s => names.Contains(s.Name) && s.Runbook != null).ToDictionaryAsync(s => s.Name, s => s.Runbook!, StringComparer.Ordinal, cancel);
    }

    /// <summary>Looks for words among the newest first: what is common fills the page from there, and what is not is looked for in all.</summary>
    private static async Task<IReadOnlyList<T>> FoundAsync<T>(OpsDbContext db, IncidentFilter filter, long? before, int limit, Func<IQueryable<Incident>, IQueryable<T>> shown, CancellationToken cancel)
    {
        limit = Math.Clamp(limit, 1, MaxPage);
        if (IncidentSearch.WordsOf(filter.Text).Any())
        {
            var newest = Math.Min(before ?? long.MaxValue, 1 + await db.Incidents.MaxAsync(i => (long?)i.Number, cancel) ?? 0);
            var near = await shown(Found(db, filter, before, limit, above: newest - Near)).ToListAsync(cancel);
            if (near.Count == limit || newest <= Near) return near;
        }
        return await shown(Found(db, filter, before, limit, above: 0)).ToListAsync(cancel);
    }

    private static IQueryable<Incident> Found(OpsDbContext db, IncidentFilter filter, long? before, int limit, long above)
    {
        var found = db.Incidents.AsNoTracking();
        if (filter.States is { Count: > 0 } states) found = found.Where(i => states.Contains(i.State));
        if (filter.Severities is { Count: > 0 } severities) found = found.Where(i => severities.Contains(i.Severity));
        if (!string.IsNullOrWhiteSpace(filter.Service)) found = found.Where(i => i.Service == filter.Service);
        if (!string.IsNullOrEmpty(filter.Assignee)) found = filter.Assignee == InboxFilter.Nobody ? found.Where(i => i.Assignee == null) : found.Where(i => i.Assignee == filter.Assignee);
        if (filter.From is { } from) found = found.Where(i => i.OpenedAt >= from.ToUniversalTime());
        if (filter.To is { } to) found = found.Where(i => i.OpenedAt < to.ToUniversalTime());
        foreach (var word in IncidentSearch.WordsOf(filter.Text))
        {
            var numbers = IncidentSearch.NumbersOf(db, word, above);
            found = found.Where(i => numbers.Contains(i.Number));
        }
        if (above > 0) found = found.Where(i => i.Number > above);
        if (before is not null) found = found.Where(i => i.Number < before);
        return found.OrderByDescending(i => i.Number).Take(limit);
    }

    private static async Task<(IReadOnlyList<EarlierIncident>, IReadOnlyList<Remedy>)> EarlierAsync(OpsDbContext db, Incident incident, CancellationToken cancel)
    {
        if (incident.Service is null) return ([], []);
        var lines = await db.Incidents.AsNoTracking().Where(i => i.Service == incident.Service && i.State == IncidentState.Resolved && i.Number != incident.Number)
            .OrderByDescending(i => i.OpenedAt).Take(MaxEarlier).Select(_line).ToListAsync(cancel);
        var numbers = lines.Select(l => l.Number).ToList();
        var actions = await db.Timeline.AsNoTracking().Where(t => numbers.Contains(t.IncidentNumber) && t.Kind == TimelineKind.Action && t.Data != null).OrderBy(t => t.Id).ToListAsync(cancel);
        var tried = actions.ConvertAll(t => (Incident: t.IncidentNumber, Text: t.Text ?? t.Phrase?.In() ?? "", Data: Json.Parse<RecoveryActionData>(t.Data!)));
        var helped = tried.Where(t => t.Data.Helped == true).ToLookup(t => t.Incident, t => t.Text);
        return ([.. lines.Take(10).Select(l => new EarlierIncident(l, [.. helped[l.Number]])).OrderByDescending(e => e.Helped.Count > 0)], Remedy.Of(tried));
    }
}
