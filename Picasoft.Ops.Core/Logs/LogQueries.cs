using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>The lines of one machine's program within a span of time.</summary>
/// <param name="Hours">By hour, oldest first, up to the last.</param>
public sealed record LogSourceRow(string Host, string App, long Lines, long Errors, long Warnings, DateTimeOffset LastHour, IReadOnlyList<long> Hours);

/// <summary>How often a rule's lines came, by what is stored.</summary>
/// <param name="Lines">All that came.</param>
/// <param name="Kept">Those that are kept to be read.</param>
public sealed record LogRuleCounts(long Lines, long Kept, DateTimeOffset? LastAt);

/// <summary>What pages and the API ask about lines.</summary>
public sealed class LogQueries(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source, TimeProvider time)
{
    /// <summary>What happened so long before an incident may be its cause.</summary>
    public static readonly TimeSpan Before = TimeSpan.FromMinutes(15);

    public static readonly TimeSpan After = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Lines of the services around an incident's start, and those of the machines: a full disk is nobody's service. Oldest first; where there are too many, those of the
    /// services are taken first.
    /// </summary>
    /// <param name="hosts">Machines that the incident names; those that the services run on are added.</param>
    public async Task<IReadOnlyList<LogEvidence>> AroundAsync(IReadOnlyCollection<string> services, IEnumerable<string> hosts, DateTimeOffset start, int limit, CancellationToken cancel)
    {
        var (from, to) = ((start - Before).ToUniversalTime(), (start + After).ToUniversalTime());
        await using var db = await contexts.CreateDbContextAsync(cancel);
        List<string> machines = [.. hosts, .. await db.Services.Where(s => services.Contains(s.Name) && s.Host != null).Select(s => s.Host!).ToListAsync(cancel)];
        machines.AddRange(await db.Hosts.Where(h => machines.Contains(h.Name) && h.Address != null).Select(h => h.Address!).ToListAsync(cancel));
        string[] wanted = [.. services], names = [.. machines.Where(m => m.Length > 0).Select(m => m.ToLowerInvariant()).Distinct(StringComparer.Ordinal)];
        if (wanted.Length + names.Length == 0) return [];
        // A machine says its name with its domain or without.
        var lines = await db.LogLines.FromSql($"""
            select * from log_lines where at >= {from} and at < {to}
                and (service = any({wanted}) or lower(host) = any({names}) or (host !~ '^[0-9.]+$' and lower(split_part(host, '.', 1)) = any({names})))
            order by service = any({wanted}) desc nulls last, at, id limit {limit}
            """).AsNoTracking().ToListAsync(cancel);
        return [.. lines.OrderBy(l => l.At).ThenBy(l => l.Id)];
    }

    /// <summary>The last lines that were kept, newest first; <paramref name="rule"/>, <paramref name="service"/>: only theirs.</summary>
    public async Task<IReadOnlyList<LogEvidence>> RecentAsync(string? rule, string? service, DateTimeOffset? before, int limit, CancellationToken cancel)
    {
        var until = before?.ToUniversalTime();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.LogLines.AsNoTracking().Where(l => (rule == null || l.Rule == rule) && (service == null || l.Service == service) && (until == null || l.At < until)).OrderByDescending(l => l.At).Take(limit).ToListAsync(cancel);
    }

    /// <summary>What is known of the last days, for trying a rule on it.</summary>
    public async Task<LogWeek> WeekAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var from = now.AddDays(-LogWeek.Days);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var lines = await db.LogLines.AsNoTracking().Where(l => l.At >= from).OrderByDescending(l => l.At).Take(LogWeek.MaxLines).ToListAsync(cancel);
        var week = db.LearntPatternHours.Where(h => h.Hour >= from);
        var counts = week.GroupBy(h => h.PatternId).Select(g => new { Id = g.Key, Count = g.Sum(h => h.Count) });
        var kinds = await db.LearntPatterns.Join(counts, p => p.Id, c => c.Id, (p, c) => new { p.Id, p.Host, p.App, p.Level, p.Text, c.Count }).OrderByDescending(k => k.Count).Take(LogWeek.MaxKinds).ToListAsync(cancel);
        var ids = kinds.Select(k => k.Id).ToList();
        var hours = (await week.Where(h => ids.Contains(h.PatternId)).OrderByDescending(h => h.Hour).Take(LogWeek.MaxHours).Select(h => new { h.PatternId, h.Hour, h.Count }).ToListAsync(cancel)).ToLookup(h => h.PatternId, h => (h.Hour, h.Count));
        return new(lines, [.. kinds.Select(k => new HeardKind(k.Host, k.App, k.Level, k.Text, [.. hours[k.Id]]))], now);
    }

    /// <summary>Who sent lines in the last <paramref name="hours"/> hours, most errors first.</summary>
    public async Task<IReadOnlyList<LogSourceRow>> SourcesAsync(int hours, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var first = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero).AddHours(1 - hours);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var found = await db.LogHours.AsNoTracking().Where(h => h.Hour >= first).ToListAsync(cancel);
        return [.. found.GroupBy(h => (h.Host, h.App)).Select(g =>
        {
            var byHour = g.ToDictionary(h => h.Hour, h => h.Lines);
            return new LogSourceRow(g.Key.Host, g.Key.App, g.Sum(h => h.Lines), g.Sum(h => h.Errors), g.Sum(h => h.Warnings), g.Max(h => h.Hour), [.. Enumerable.Range(0, hours).Select(i => byHour.GetValueOrDefault(first.AddHours(i)))]);
        }).OrderByDescending(r => r.Errors).ThenByDescending(r => r.Lines)];
    }

    /// <summary>How often each rule's lines came in the last seven days.</summary>
    public async Task<IReadOnlyDictionary<long, LogRuleCounts>> CountsAsync(CancellationToken cancel)
    {
        await using var command = source.CreateCommand("""
            select r.id, coalesce((select sum(h.lines) from log_rule_hours h where h.rule_id = r.id and h.hour >= $1), 0)::bigint,
                (select count(*) from log_lines l where l.rule_id = r.id and l.at >= $1), (select max(l.at) from log_lines l where l.rule_id = r.id)
            from log_rules r
            """);
        command.Parameters.Add(new() { Value = time.GetUtcNow().AddDays(-7) });
        var counts = new Dictionary<long, LogRuleCounts>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) counts[reader.GetInt64(0)] = new(reader.GetInt64(1), reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3));
        return counts;
    }
}
