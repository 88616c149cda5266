using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>Which kinds of lines somebody asks for; null or empty: all.</summary>
/// <param name="Text">Words it holds.</param>
public sealed record PatternFilter(IReadOnlyList<PatternState>? States = null, string? Host = null, string? App = null, string? Text = null);

/// <summary>A kind of line of one program, on all hosts where it has the same state.</summary>
/// <param name="Newest">The row that the actions name.</param>
/// <param name="Rank">See <see cref="PatternRank"/>.</param>
public sealed record RankedPattern(LearntPattern Newest, IReadOnlyList<string> Hosts, long Count, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, int Rank);

/// <summary>What pages and the API ask about kinds of lines.</summary>
public sealed class PatternQueries(IDbContextFactory<OpsDbContext> contexts)
{
    /// <summary>Most kinds that are ranked at once.</summary>
    public const int MaxReviewed = 500;

    /// <summary>Never seen before and not looked at, the gravest first. One entry a program and kind, however many hosts wrote it.</summary>
    public async Task<IReadOnlyList<RankedPattern>> ReviewAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = await db.LearntPatterns.AsNoTracking().Where(p => p.State == PatternState.New).OrderByDescending(p => p.Id).Take(MaxReviewed * 4).ToListAsync(cancel);
        return [.. rows.GroupBy(p => (p.App, p.Hash)).Select(Rank).OrderByDescending(r => r.Rank).ThenByDescending(r => r.Newest.Id).Take(MaxReviewed)];
    }

    /// <summary>Newest first, with an id below <paramref name="before"/>.</summary>
    public async Task<IReadOnlyList<LearntPattern>> ListAsync(PatternFilter filter, long? before, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = db.LearntPatterns.AsNoTracking();
        if (filter.States is { Count: > 0 } states) rows = rows.Where(p => states.Contains(p.State));
        if (filter.Host is { } host) rows = rows.Where(p => p.Host == host);
        if (filter.App is { } app) rows = rows.Where(p => p.App == app);
        if (filter.Text is { } text) rows = rows.Where(p => EF.Functions.ILike(p.Text, "%" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%", "\\"));
        if (before is not null) rows = rows.Where(p => p.Id < before);
        return await rows.OrderByDescending(p => p.Id).Take(limit).ToListAsync(cancel);
    }

    /// <summary>When any line came last; null: none has yet.</summary>
    public async Task<DateTimeOffset?> LastLineAtAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.LearntPatterns.MaxAsync(p => (DateTimeOffset?)p.LastSeen, cancel);
    }

    public async Task<LearntPattern?> FindAsync(long id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.LearntPatterns.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancel);
    }

    public static RankedPattern Rank(IEnumerable<LearntPattern> same)
    {
        var rows = same.OrderByDescending(p => p.Id).ToList();
        var count = rows.Sum(p => p.Count);
        return new(rows[0], [.. rows.Select(p => p.Host).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], count, rows.Min(p => p.FirstSeen), rows.Max(p => p.LastSeen),
            PatternRank.Of(rows[0].Text, rows.Min(p => p.Level), count, rows.Max(p => p.Peak)));
    }
}
