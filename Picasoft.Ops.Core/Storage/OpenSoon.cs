using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// Gives up on a connection that is not lent soon, where several servers are tried one after the other: whoever waits tries again instead, and finds what has changed meanwhile.
/// What Npgsql itself waits for without end is kept away by <see cref="StorageModule.Careful"/>.
/// </summary>
public sealed class OpenSoon : DbConnectionInterceptor
{
    private static readonly ConcurrentDictionary<string, TimeSpan?> _limits = new(StringComparer.Ordinal);

    public static OpenSoon Instance { get; } = new();

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (result.IsSuppressed || connection is not NpgsqlConnection ours || LimitOf(ours.ConnectionString) is not { } limit) return result;
        await WithinAsync(async token => { await ours.OpenAsync(token); return true; }, limit, cancellationToken);
        return InterceptionResult.Suppress();
    }

    /// <summary>As long as every server may take, and a second; null: there is only one, and nothing is asked of it.</summary>
    internal static TimeSpan? LimitOf(string connectionString) => _limits.GetOrAdd(connectionString, text =>
    {
        var settings = new NpgsqlConnectionStringBuilder(text);
        return StorageModule.IsSeveral(settings) && settings.Timeout > 0 ? TimeSpan.FromSeconds((settings.Host!.Split(',').Length * settings.Timeout) + 1) : null;
    });

    internal static async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> open, TimeSpan most, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(most);
        try { return await open(limit.Token); }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested) { throw new NpgsqlException("No server lent a session in time.", new TimeoutException(e.Message, e)); }
    }
}

public static class OpeningSoon
{
    extension(NpgsqlDataSource source)
    {
        /// <summary>A session, within <see cref="OpenSoon">a limit</see> where there are several servers.</summary>
        public async Task<NpgsqlConnection> OpenSoonAsync(CancellationToken cancel) =>
            OpenSoon.LimitOf(source.ConnectionString) is { } limit ? await OpenSoon.WithinAsync(async token => await source.OpenConnectionAsync(token), limit, cancel) : await source.OpenConnectionAsync(cancel);
    }
}
