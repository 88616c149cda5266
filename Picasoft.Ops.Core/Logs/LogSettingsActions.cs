using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>What people and the configuration file decide about keeping logs.</summary>
public sealed class LogSettingsActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    public async Task<LogSettings> FindAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.LogSettings.AsNoTracking().SingleOrDefaultAsync(cancel) ?? new();
    }

    public async Task<Outcome<LogSettings>> UpdateAsync(LogSettingsInput input, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LogSettings.AnyAsync(s => s.FromFile, cancel)) return Refusal.Conflict(Phrase.Of("refused.from_file", "logs"));
        var saved = await SaveAsync(db, input, actor, cancel);
        await transaction.CommitAsync(cancel);
        return saved;
    }

    /// <summary>Within the caller's transaction. <paramref name="input"/>: null takes the file's away, so that the defaults count.</summary>
    public async Task<LogSettings> SaveAsync(OpsDbContext db, LogSettingsInput? input, Actor actor, CancellationToken cancel)
    {
        var row = await db.LogSettings.SingleOrDefaultAsync(cancel);
        var before = row?.Input();
        if (input is null)
        {
            if (row is not null) db.LogSettings.Remove(row);
        }
        else
        {
            row ??= db.LogSettings.Add(new()).Entity;
            row.Definition = Json.Text(input);
            row.FromFile = actor.Kind == ActorKind.File;
        }
        db.Audit.Add(AuditEntry.Of(actor, "log_settings.update", "logs", before, input, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, LogSettings.Topic, 0, cancel);
        return row ?? new();
    }
}
