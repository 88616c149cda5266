using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>What people decide about kinds of lines. It holds for the program on every host, those to come included.</summary>
public sealed class PatternActions(IDbContextFactory<OpsDbContext> contexts, PatternIntake intake, TimeProvider time)
{
    /// <summary>How many of a review the audit log names; each row says itself by whom it was decided.</summary>
    private const int MostNamed = 200;

    public async Task<Outcome<LearntPattern>> DecideAsync(long id, PatternState state, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var asked = await db.LearntPatterns.SingleOrDefaultAsync(p => p.Id == id, cancel);
        if (asked is null) return Refusal.NotFound("log_pattern", id);
        var before = asked.State;
        var now = time.GetUtcNow();
        await foreach (var row in db.LearntPatterns.Where(p => p.App == asked.App && p.Hash == asked.Hash).OrderBy(p => p.Id).AsAsyncEnumerable().WithCancellation(cancel))
            (row.State, row.DecidedAt, row.DecidedBy) = (state, now, actor.Name);
        db.Audit.Add(AuditEntry.Of(actor, "log_pattern.decide", $"{asked.App}: {asked.Text}", new { state = before }, new { state }, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, LearntPattern.Topic, id, cancel);
        await transaction.CommitAsync(cancel);
        intake.Decide(asked.App, asked.Hash, state);
        return asked;
    }

    /// <summary>All that are new up to <paramref name="newest"/> are usual from now on: the end of a review. How many there were.</summary>
    public async Task<Outcome<int>> AcceptAsync(long newest, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var now = time.GetUtcNow();
        var rows = await db.LearntPatterns.Where(p => p.State == PatternState.New && p.Id <= newest).OrderBy(p => p.Id).ToListAsync(cancel);
        foreach (var row in rows) (row.State, row.DecidedAt, row.DecidedBy) = (PatternState.Usual, now, actor.Name);
        db.Audit.Add(AuditEntry.Of(actor, "log_pattern.accept", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{rows.Count}"), new { State = PatternState.New }, new { State = PatternState.Usual, Patterns = rows.Take(MostNamed).Select(r => $"{r.App}: {r.Text}") }, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, LearntPattern.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        foreach (var (app, hash) in rows.Select(r => (r.App, r.Hash)).Distinct()) intake.Decide(app, hash, PatternState.Usual);
        return rows.Count;
    }
}
