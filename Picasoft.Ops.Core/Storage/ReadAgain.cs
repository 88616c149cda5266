using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// Reads once more on a new connection when the one from the pool turns out to be dead (its session was ended, the server restarted).
/// Only what can do no harm twice: a query outside a transaction, or a connection that could not even be opened. Whether a change was made
/// is not ours to guess: it fails, and whoever asked is told (503).
/// </summary>
internal sealed class ReadAgain(ExecutionStrategyDependencies dependencies) : IExecutionStrategy
{
    // The first at once: all others of the pool are dead too, and are closed. The later ones for a server that is coming up.
    private static readonly TimeSpan[] _pauses = [TimeSpan.Zero, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200)];

    /// <summary>Has EF take all rows before it hands on the first: what breaks in their midst is read again too.</summary>
    public bool RetriesOnFailure => true;

    public TResult Execute<TState, TResult>(TState state, Func<DbContext, TState, TResult> operation, Func<DbContext, TState, ExecutionResult<TResult>>? verifySucceeded)
    {
        for (var tries = 0; ; tries++)
        {
            try { return operation(dependencies.CurrentContext.Context, state); }
            catch (Exception e) when (MayRepeat(e, tries)) { } // at once: nobody may block a thread
        }
    }

    public async Task<TResult> ExecuteAsync<TState, TResult>(
        TState state, Func<DbContext, TState, CancellationToken, Task<TResult>> operation, Func<DbContext, TState, CancellationToken, Task<ExecutionResult<TResult>>>? verifySucceeded,
        CancellationToken cancellationToken = default)
    {
        for (var tries = 0; ; tries++)
        {
            try { return await operation(dependencies.CurrentContext.Context, state, cancellationToken); }
            catch (Exception e) when (MayRepeat(e, tries)) { await Task.Delay(_pauses[tries], cancellationToken); }
        }
    }

    private bool MayRepeat(Exception exception, int tries)
    {
        if (!StoreAway.Is(exception)) return false;
        var context = (OpsDbContext)dependencies.CurrentContext.Context;
        if (context.Database.GetDbConnection() is NpgsqlConnection connection) NpgsqlConnection.ClearPool(connection);
        return tries < _pauses.Length && context.Database.CurrentTransaction is null && context.IsAtRead;
    }

    /// <summary>Keeps <see cref="OpsDbContext.IsAtRead"/>. What is written as SQL by hand is taken for a change.</summary>
    public sealed class Watch : DbCommandInterceptor, IDbConnectionInterceptor
    {
        public static Watch Instance { get; } = new();

        public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
        {
            Note(eventData.Context, eventData.CommandSource == CommandSource.LinqQuery);
            return result;
        }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) => new(ReaderExecuting(command, eventData, result));

        public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
        {
            Note(eventData.Context, false);
            return result;
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => new(NonQueryExecuting(command, eventData, result));

        public override InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
        {
            Note(eventData.Context, false);
            return result;
        }

        public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default) => new(ScalarExecuting(command, eventData, result));

        public InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
        {
            Note(eventData.Context, true);
            return result;
        }

        public ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            new(ConnectionOpening(connection, eventData, result));

        private static void Note(DbContext? context, bool isRead)
        {
            if (context is OpsDbContext ours) ours.IsAtRead = isRead;
        }
    }
}
