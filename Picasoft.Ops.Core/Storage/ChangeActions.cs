using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>How a change is made: within one transaction, of what is still as its actor saw it, or not at all.</summary>
public static class ChangeActions
{
    extension(IDbContextFactory<OpsDbContext> contexts)
    {
        /// <summary>Commits what was done; takes back what was refused, and what somebody else was faster with.</summary>
        public async Task<Outcome<T>> InTransactionAsync<T>(Func<OpsDbContext, Task<Outcome<T>>> change, CancellationToken cancel)
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            try
            {
                var outcome = await change(db);
                if (outcome.IsDone) await transaction.CommitAsync(cancel);
                return outcome;
            }
            // The row was changed, or the name taken, since it was read.
            catch (DbUpdateException e) when (e is DbUpdateConcurrencyException || e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
            }
        }

        /// <summary>Changes one row in a transaction of its own.</summary>
        /// <param name="kind">The word for it, as in <c>refused.not_found.probe</c>.</param>
        /// <param name="name">Which one.</param>
        /// <param name="version">The one the actor saw; null: whichever.</param>
        public Task<Outcome<T>> ChangeAsync<T>(string kind, string name, Actor actor, uint? version, Func<OpsDbContext, T, Task<Outcome<T>>> change, CancellationToken cancel) where T : class, IManaged =>
            contexts.InTransactionAsync<T>(async db =>
            {
                if (await db.Set<T>().SingleOrDefaultAsync(row => row.Name == name, cancel) is not { } row) return Refusal.NotFound(kind, name);
                if (row.FromFile && actor.Kind != ActorKind.File) return Refusal.Conflict(Phrase.Of("refused.from_file", name));
                if (version is not null && row.Version != version) return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
                return await change(db, row);
            }, cancel);
    }
}
