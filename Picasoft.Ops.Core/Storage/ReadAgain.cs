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

    /// <summary>Rows are handed on as they come: what broke in their midst is not read again.</summary>
    public bool RetriesOnFailure => false;

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
        var database = dependencies.CurrentContext.Context.Database;
        if (database.GetDbConnection() is NpgsqlConnection connection) NpgsqlConnection.ClearPool(connection);
        return tries < _pauses.Length && database.CurrentTransaction is null && Harmless.Is(exception);
    }

    /// <summary>Remembers with an error that nothing can have been changed by what failed.</summary>
    public sealed class Harmless : DbCommandInterceptor, IDbConnectionInterceptor
    {
        private const string Mark = "picasoft.ops.harmless";

        public static Harmless Instance { get; } = new();

        public static bool Is(Exception exception) => exception.Data.Contains(Mark);

        public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Note(eventData.Exception, eventData.CommandSource == CommandSource.LinqQuery);

        public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
        {
            CommandFailed(command, eventData);
            return Task.CompletedTask;
        }

        public void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) => Note(eventData.Exception, true);

        public Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
        {
            ConnectionFailed(connection, eventData);
            return Task.CompletedTask;
        }

        private static void Note(Exception exception, bool harmless)
        {
            if (harmless) exception.Data[Mark] = true;
        }
    }
}
