using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>What people and the configuration file decide about keeping results.</summary>
public sealed class RetentionActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    public async Task<RetentionSettings> FindAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Retention.AsNoTracking().SingleOrDefaultAsync(cancel) ?? new();
    }

    public async Task<Outcome<RetentionSettings>> UpdateAsync(RetentionInput input, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Retention.AnyAsync(s => s.FromFile, cancel)) return Refusal.Conflict(Phrase.Of("refused.from_file", "retention"));
        var saved = await SaveAsync(db, input, actor, cancel);
        await transaction.CommitAsync(cancel);
        return saved;
    }

    /// <summary>Within the caller's transaction. <paramref name="input"/>: null takes the file's away, so that the defaults count.</summary>
    public async Task<RetentionSettings> SaveAsync(OpsDbContext db, RetentionInput? input, Actor actor, CancellationToken cancel)
    {
        var row = await db.Retention.SingleOrDefaultAsync(cancel);
        var before = row?.Input();
        if (input is null)
        {
            if (row is not null) db.Retention.Remove(row);
        }
        else
        {
            row ??= db.Retention.Add(new()).Entity;
            (row.Definition, row.FromFile) = (Json.Text(input), actor.Kind == ActorKind.File);
        }
        db.Audit.Add(AuditEntry.Of(actor, "retention.update", "retention", before, input, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        return row ?? new();
    }
}
