using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>Ends alerts that nobody sent again before their <see cref="Alert.EndsAt"/>. On every node: the row lock lets each be ended once.</summary>
public sealed class AlertExpiryRunner(NpgsqlDataSource source, ActiveAlerts active, TimeProvider time, ILogger<AlertExpiryRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(1))
{
    /// <summary>
    /// Ends what is due; says how many. Memory says what that is, so that the end of an alert, which moves all the time, needs no index. Another node may know better:
    /// the store decides.
    /// </summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        var now = Time.GetUtcNow();
        var due = active.DueAt(now);
        if (due.Length == 0) return 0;
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var end = new NpgsqlCommand("""
            update alerts set resolved_at = $1, updated_at = $1, pending = true where id in
                (select id from alerts where id = any($2) and resolved_at is null and ends_at <= $1 order by fingerprint limit 5000 for update skip locked)
            """, connection) { Parameters = { new() { Value = now }, new() { Value = due } } };
        var ended = await end.ExecuteNonQueryAsync(cancel);
        if (ended > 0) await ChangeSignal.PublishAsync(connection, AlertIntake.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        return ended;
    }

    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => AlertsLog.ExpiryFailed(log, exception);
}

/// <summary>What alerts say in the log. Event numbers 1200–1299.</summary>
internal static partial class AlertsLog
{
    [LoggerMessage(1200, LogLevel.Warning, "Could not end the alerts that nobody sent again; trying again in a second")]
    public static partial void ExpiryFailed(ILogger log, Exception exception);

    [LoggerMessage(1201, LogLevel.Warning, "Could not read the active alerts; trying again")]
    public static partial void ReloadFailed(ILogger log, Exception exception);

    [LoggerMessage(1202, LogLevel.Error, "Could not store the alerts of {Requests} requests; their senders were told so")]
    public static partial void GroupFailed(ILogger log, int requests, Exception exception);
}
