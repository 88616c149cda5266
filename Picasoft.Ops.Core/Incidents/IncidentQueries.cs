using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>Which incidents a program asks for; null or empty: all.</summary>
/// <param name="Assignee">A name; <see cref="InboxFilter.Nobody"/> for those that nobody has.</param>
/// <param name="From">Opened at or after.</param>
/// <param name="To">Opened before.</param>
/// <param name="Text">Words of the title, or a number.</param>
public sealed record IncidentFilter(
    IReadOnlyList<IncidentState>? States = null, IReadOnlyList<Severity>? Severities = null, string? Service = null, string? Assignee = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null, string? Text = null);

/// <summary>One incident with all that the API shows of it.</summary>
public sealed record IncidentDetail(Incident Incident, string? Runbook, IReadOnlyList<Alert> Alerts, IReadOnlyList<TimelineEntry> Timeline);

/// <summary>How many incidents want attention.</summary>
/// <param name="Open">Not resolved.</param>
/// <param name="Unacknowledged">Nobody has them.</param>
public sealed record IncidentCounts(int Open, int Unacknowledged, Severity? Worst);

/// <summary>What programs and the navigation read of incidents. What the pages read is in <see cref="TriageQueries"/>.</summary>
public sealed class IncidentQueries(IDbContextFactory<OpsDbContext> contexts)
{
    /// <summary>Most alerts shown of one incident, those that go on first.</summary>
    public const int MaxAlerts = 500;

    /// <summary>Newest first, those with a number below <paramref name="before"/>.</summary>
    public async Task<IReadOnlyList<Incident>> ListAsync(IncidentFilter filter, long? before, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var found = db.Incidents.AsNoTracking();
        if (filter.States is { Count: > 0 } states) found = found.Where(i => states.Contains(i.State));
        if (filter.Severities is { Count: > 0 } severities) found = found.Where(i => severities.Contains(i.Severity));
        if (!string.IsNullOrEmpty(filter.Service)) found = found.Where(i => i.Service == filter.Service);
        if (!string.IsNullOrEmpty(filter.Assignee)) found = filter.Assignee == InboxFilter.Nobody ? found.Where(i => i.Assignee == null) : found.Where(i => i.Assignee == filter.Assignee);
        if (filter.From is { } from) found = found.Where(i => i.OpenedAt >= from);
        if (filter.To is { } to) found = found.Where(i => i.OpenedAt < to);
        foreach (var word in (filter.Text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(8))
        {
            var like = Containing(word);
            found = long.TryParse(word.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? found.Where(i => i.Number == number || EF.Functions.ILike(i.Title, like, "\\"))
                : found.Where(i => EF.Functions.ILike(i.Title, like, "\\"));
        }
        if (before is not null) found = found.Where(i => i.Number < before);
        return await found.OrderByDescending(i => i.Number).Take(limit).ToListAsync(cancel);
    }

    public async Task<Outcome<IncidentDetail>> FindAsync(long number, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var incident = await db.Incidents.AsNoTracking().SingleOrDefaultAsync(i => i.Number == number, cancel);
        if (incident is null) return Refusal.NotFound("incident", number);
        var runbook = await RunbooksAsync(db, [incident.Service], cancel);
        var alerts = await db.Alerts.AsNoTracking().Where(a => a.IncidentId == number).OrderBy(a => a.ResolvedAt != null).ThenByDescending(a => a.Id).Take(MaxAlerts).ToListAsync(cancel);
        var timeline = await db.Timeline.AsNoTracking().Where(t => t.IncidentNumber == number).OrderBy(t => t.Id).ToListAsync(cancel);
        return new IncidentDetail(incident, runbook.GetValueOrDefault(incident.Service ?? ""), alerts, timeline);
    }

    /// <summary>Oldest first, those with an id above <paramref name="after"/>.</summary>
    public async Task<Outcome<IReadOnlyList<TimelineEntry>>> TimelineAsync(long number, long? after, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (!await db.Incidents.AnyAsync(i => i.Number == number, cancel)) return Refusal.NotFound("incident", number);
        return await db.Timeline.AsNoTracking().Where(t => t.IncidentNumber == number && t.Id > (after ?? 0)).OrderBy(t => t.Id).Take(limit).ToListAsync(cancel);
    }

    /// <summary>For the badge of the navigation.</summary>
    public async Task<IncidentCounts> CountsAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var open = await db.Incidents.Where(i => i.State != IncidentState.Resolved).GroupBy(i => new { i.State, i.Severity }).Select(g => new { g.Key.State, g.Key.Severity, Count = g.Count() }).ToListAsync(cancel);
        return new(open.Sum(g => g.Count), open.Where(g => g.State == IncidentState.Open).Sum(g => g.Count), open.Count == 0 ? null : open.Max(g => g.Severity));
    }

    /// <summary>The runbook of each service that has one.</summary>
    public async Task<IReadOnlyDictionary<string, string>> RunbooksAsync(IEnumerable<string?> services, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await RunbooksAsync(db, services, cancel);
    }

    private static async Task<Dictionary<string, string>> RunbooksAsync(OpsDbContext db, IEnumerable<string?> services, CancellationToken cancel)
    {
        var names = services.OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0) return [];
        return await db.Set<Inventory.Service>().Where(s => names.Contains(s.Name) && s.Runbook != null).ToDictionaryAsync(s => s.Name, s => s.Runbook!, StringComparer.Ordinal, cancel);
    }

    private static string Containing(string text) => "%" + text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal) + "%";
}
