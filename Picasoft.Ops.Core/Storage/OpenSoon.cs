using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// Gives up on a connection that is not lent soon. Of several servers Npgsql asks an idle session what its server is before it lends it, and allows for the answer what is left
/// of <c>Timeout</c> in whole seconds: of one second that is 0, which means for ever. When the primary's machine fell silent, the runner that tells people hung so, and told nobody.
/// </summary>
public sealed class OpenSoon : DbConnectionInterceptor
{
    /// <summary>Long enough to try three servers of which one is dead.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(4);

    public static OpenSoon Instance { get; } = new();

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (result.IsSuppressed || connection is not NpgsqlConnection ours || !IsSeveral(ours.ConnectionString)) return result;
        await WithinAsync(async token => { await ours.OpenAsync(token); return true; }, cancellationToken);
        return InterceptionResult.Suppress();
    }

    internal static async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> open, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_limit);
        try { return await open(limit.Token); }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested) { throw new NpgsqlException("No server lent a session in time.", new TimeoutException(e.Message, e)); }
    }

    private static bool IsSeveral(string connectionString) => StorageModule.IsSeveral(new NpgsqlConnectionStringBuilder(connectionString));
}

public static class OpeningSoon
{
    extension(NpgsqlDataSource source)
    {
        /// <summary>A session, within <see cref="OpenSoon">a limit</see>.</summary>
        public Task<NpgsqlConnection> OpenSoonAsync(CancellationToken cancel) => OpenSoon.WithinAsync(async token => await source.OpenConnectionAsync(token), cancel);
    }
}
