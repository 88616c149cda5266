using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>What people and the configuration file decide where there is one row of it.</summary>
/// <param name="kind">In the audit log.</param>
/// <param name="name">As the file calls it.</param>
/// <param name="topic">Who is told of a change, through <see cref="ChangeSignal"/>; null: nobody waits for one.</param>
public abstract class SettingsActions<TRow, TInput>(IDbContextFactory<OpsDbContext> contexts, TimeProvider time, string kind, string name, string? topic = null)
    where TRow : SettingsRow<TInput>, new() where TInput : class
{
    public async Task<TRow> FindAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<TRow>().AsNoTracking().SingleOrDefaultAsync(cancel) ?? new();
    }

    public Task<Outcome<TRow>> UpdateAsync(TInput input, Actor actor, CancellationToken cancel) => contexts.InTransactionAsync<TRow>(async db =>
        await db.Set<TRow>().AnyAsync(s => s.FromFile, cancel) ? Refusal.Conflict(Phrase.Of("refused.from_file", name)) : await SaveAsync(db, input, actor, cancel), cancel);

    /// <summary>Within the caller's transaction. <paramref name="input"/>: null takes the file's away, so that the defaults count.</summary>
    public async Task<TRow> SaveAsync(OpsDbContext db, TInput? input, Actor actor, CancellationToken cancel)
    {
        var row = await db.Set<TRow>().SingleOrDefaultAsync(cancel);
        var before = row?.Input();
        if (input is null)
        {
            if (row is not null) db.Remove(row);
        }
        else
        {
            row ??= db.Add(new TRow()).Entity;
            (row.Definition, row.FromFile) = (Json.Text(input), actor.Kind == ActorKind.File);
        }
        db.Audit.Add(AuditEntry.Of(actor, $"{kind}.update", name, before, input, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        if (topic is not null) await ChangeSignal.PublishAsync(db, topic, 0, cancel);
        return row ?? new();
    }
}
