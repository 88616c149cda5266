using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>What a silence would mute now.</summary>
/// <param name="Alerts">Active alerts that match, newest first; at most <see cref="SilenceQueries.MaxPreview"/>.</param>
/// <param name="AlertCount">How many match in all.</param>
/// <param name="Incidents">Numbers of the incidents they belong to, each with whether all its active alerts match.</param>
public sealed record SilencePreview(IReadOnlyList<Alert> Alerts, int AlertCount, IReadOnlyList<(long Number, bool Fully)> Incidents);

/// <summary>A silence that somebody should look at.</summary>
/// <param name="Alerts">How many alerts that go on it holds back.</param>
/// <param name="EndsSoon">See <see cref="Silence.EndsSoonAt"/>.</param>
public sealed record ReviewedSilence(Silence Silence, int Alerts, bool EndsSoon);

/// <summary>What is read of silences.</summary>
public sealed class SilenceQueries(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Most alerts listed in a preview.</summary>
    public const int MaxPreview = 50;

    private const int MaxReviewed = 500;

    // A list of Alertmanager's API has no pages; years of ended silences stay behind in ours.
    private const int MaxAll = 10_000;

    private KnownIndex? _index;

    /// <summary>Newest first, those with an id below <paramref name="before"/>; no state: all.</summary>
    public async Task<IReadOnlyList<Silence>> ListAsync(IReadOnlyList<SilenceState> states, long? before, int limit, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (pending, active, expired) = (states.Contains(SilenceState.Pending), states.Contains(SilenceState.Active), states.Contains(SilenceState.Expired));
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var found = db.Silences.AsNoTracking();
        if (states.Count > 0) found = found.Where(s => (pending && s.StartsAt > now) || (active && s.StartsAt <= now && s.EndsAt > now) || (expired && s.StartsAt <= now && s.EndsAt <= now));
        if (before is not null) found = found.Where(s => s.Id < before);
        return await found.OrderByDescending(s => s.Id).Take(limit).ToListAsync(cancel);
    }

    /// <summary>All, the latest end first.</summary>
    public async Task<IReadOnlyList<Silence>> AllAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Silences.AsNoTracking().OrderByDescending(s => s.EndsAt).Take(MaxAll).ToListAsync(cancel);
    }

    /// <summary>The one with this identity in Alertmanager's API; null: none.</summary>
    public async Task<Silence?> FindAsync(Guid uuid, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Silences.AsNoTracking().SingleOrDefaultAsync(s => s.Uuid == uuid, cancel);
    }

    /// <summary>
    /// Those that have not ended, ready to be asked for many alerts. Worked out again when one changed: a change moves the last update or the count of those that have not ended.
    /// </summary>
    public async Task<SilenceIndex> IndexAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var open = db.Silences.AsNoTracking().Where(s => s.EndsAt > now);
        var state = await open.GroupBy(_ => 1).Select(g => new IndexState(g.Count(), g.Max(s => s.UpdatedAt), g.Max(s => s.Id))).SingleOrDefaultAsync(cancel);
        var known = Volatile.Read(ref _index);
        if (known is not null && known.State == state) return known.Index;
        known = new(state, state is null ? new([]) : new(await open.OrderBy(s => s.Id).ToListAsync(cancel)));
        Volatile.Write(ref _index, known);
        return known.Index;
    }

    public async Task<Outcome<Silence>> FindAsync(long id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Silences.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancel) is { } silence ? silence : Refusal.NotFound("silence", id);
    }

    /// <summary>What holds alerts back at this moment.</summary>
    public async Task<Silencing> SilencingAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await SilencingAsync(db, time.GetUtcNow(), cancel);
    }

    /// <inheritdoc cref="SilencingAsync(CancellationToken)"/>
    public static async Task<Silencing> SilencingAsync(OpsDbContext db, DateTimeOffset now, CancellationToken cancel) =>
        new(await db.Silences.AsNoTracking().Where(s => s.StartsAt <= now && s.EndsAt > now).OrderBy(s => s.Id).ToListAsync(cancel), now);

    /// <summary>How many alerts that go on each of these silences matches, by its number; one that cannot be read matches none.</summary>
    public async Task<IReadOnlyDictionary<long, int>> MatchingAsync(IEnumerable<Silence> silences, CancellationToken cancel)
    {
        var all = silences.ToList();
        var counts = all.ToDictionary(s => s.Id, _ => 0);
        if (all.Count == 0) return counts;
        var index = new SilenceIndex(all);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rules = (await PolicyBook.ReadAsync(db, cancel)).Labels;
        await foreach (var labels in db.Alerts.AsNoTracking().Where(a => a.ResolvedAt == null).Select(a => a.Labels).AsAsyncEnumerable().WithCancellation(cancel))
            foreach (var silence in index.Matching(rules.Apply(labels))) counts[silence.Id]++;
        return counts;
    }

    /// <summary>What somebody should look at now and then: active silences that hold back nothing, and those that are about to end; of the 500 newest.</summary>
    public async Task<IReadOnlyList<ReviewedSilence>> ReviewAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var active = await ListAsync([SilenceState.Active], null, MaxReviewed, cancel);
        var matching = await MatchingAsync(active, cancel);
        return [.. active.Select(s => new ReviewedSilence(s, matching[s.Id], s.EndsSoonAt(now))).Where(r => r.Alerts == 0 || r.EndsSoon)];
    }

    /// <summary>What these matchers would mute now.</summary>
    public async Task<SilencePreview> PreviewAsync(IReadOnlyList<Matcher> matchers, CancellationToken cancel)
    {
        if (matchers.Count == 0) return new([], 0, []);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rules = (await PolicyBook.ReadAsync(db, cancel)).Labels;
        // In a storm these are tens of thousands: of most of them only what the matchers look at is read.
        var active = (await db.Alerts.AsNoTracking().Where(a => a.ResolvedAt == null).OrderByDescending(a => a.Id).Select(a => new { a.Id, a.Labels, a.IncidentId }).ToListAsync(cancel))
            .ConvertAll(a => (a.Id, a.IncidentId, Matches: Silencing.Matches(matchers, rules.Apply(a.Labels))));
        var matching = active.FindAll(a => a.Matches);
        var incidents = active.Where(a => a.IncidentId is not null).GroupBy(a => a.IncidentId!.Value, a => a.Matches).Where(g => g.Any(m => m)).Select(g => (g.Key, g.All(m => m))).OrderBy(i => i.Key);
        var shown = matching.Take(MaxPreview).Select(a => a.Id).ToList();
        return new(await db.Alerts.AsNoTracking().Where(a => shown.Contains(a.Id)).OrderByDescending(a => a.Id).ToListAsync(cancel), matching.Count, [.. incidents]);
    }

    private sealed record IndexState(int Count, DateTimeOffset UpdatedAt, long LastId);

    private sealed record KnownIndex(IndexState? State, SilenceIndex Index);
}
