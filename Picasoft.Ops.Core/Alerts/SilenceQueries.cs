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

/// <summary>What is read of silences.</summary>
public sealed class SilenceQueries(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Most alerts listed in a preview.</summary>
    public const int MaxPreview = 50;

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
        var read = silences.Select(s => (s.Id, Matchers: MatcherParser.ParseAll(s.Matchers))).ToList();
        if (read.Count == 0) return new Dictionary<long, int>();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rules = (await PolicyBook.ReadAsync(db, cancel)).Labels;
        var active = (await db.Alerts.AsNoTracking().Where(a => a.ResolvedAt == null).Select(a => a.Labels).ToListAsync(cancel)).ConvertAll(rules.Apply);
        return read.ToDictionary(s => s.Id, s => s.Matchers.IsDone ? active.Count(labels => Silencing.Matches(s.Matchers.Value, labels)) : 0);
    }

    /// <summary>What these matchers would mute now.</summary>
    public async Task<SilencePreview> PreviewAsync(IReadOnlyList<Matcher> matchers, CancellationToken cancel)
    {
        if (matchers.Count == 0) return new([], 0, []);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var active = await db.Alerts.AsNoTracking().Where(a => a.ResolvedAt == null).OrderByDescending(a => a.Id).ToListAsync(cancel);
        var labels = (await PolicyBook.ReadAsync(db, cancel)).Labels;
        var matching = active.Where(a => Silencing.Matches(matchers, labels.Apply(a.Labels))).ToList();
        var touched = matching.Select(a => a.IncidentId).OfType<long>().ToHashSet();
        var incidents = active.Where(a => a.IncidentId is { } number && touched.Contains(number)).GroupBy(a => a.IncidentId!.Value)
            .Select(g => (g.Key, g.All(a => Silencing.Matches(matchers, labels.Apply(a.Labels))))).OrderBy(i => i.Key);
        return new([.. matching.Take(MaxPreview)], matching.Count, [.. incidents]);
    }

    private sealed record IndexState(int Count, DateTimeOffset UpdatedAt, long LastId);

    private sealed record KnownIndex(IndexState? State, SilenceIndex Index);
}
