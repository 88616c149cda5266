using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>
/// Keeps channels proven: one that carried nothing for a week gets a test message, and one that carried nothing for two raises an alert.
/// A channel that was never used is not judged: its page says so.
/// </summary>
public sealed class ProofRunner(IDbContextFactory<OpsDbContext> contexts, ChannelActions actions, TimeProvider time, ILogger<ProofRunner> log)
    : RoundRunner(time, TimeSpan.FromMinutes(30))
{
    /// <summary>Name of the alert of a channel that is not proven any more.</summary>
    public const string AlertName = "channel_unproven";

    public static readonly TimeSpan CanaryAfter = TimeSpan.FromDays(7);
    public static readonly TimeSpan UnprovenAfter = TimeSpan.FromDays(14);

    private const string Source = "channels";

    /// <summary>A canary that did not arrive is followed by another after so long.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromDays(1);

    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => NotificationsLog.RoundFailed(log, exception);

    public async Task RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('picasoft-ops proofs'))", cancel); // one canary, however many nodes
        var now = Time.GetUtcNow();
        var channels = await db.Channels.AsNoTracking().Where(c => c.Enabled).ToListAsync(cancel);
        var proven = await db.Deliveries.Where(d => d.SentAt != null).GroupBy(d => d.ChannelId).Select(g => new { g.Key, At = g.Max(d => d.SentAt) }).ToDictionaryAsync(g => g.Key, g => g.At!.Value, cancel);
        var tested = await db.Deliveries.Where(d => d.Reason == DeliveryReason.Test && d.CreatedAt > now - _again).Select(d => d.ChannelId).Distinct().ToListAsync(cancel);
        var wanted = new List<AlertSignal>();
        foreach (var channel in channels.Where(c => proven.ContainsKey(c.Id)))
        {
            var age = now - proven[channel.Id];
            if (age > CanaryAfter && !tested.Contains(channel.Id)) await actions.SendTestAsync(channel.Name, Actor.System, cancel);
            if (age <= UnprovenAfter) continue;
            var labels = LabelSet.Of(("alertname", AlertName), ("severity", Words.Of(Severity.Medium)), ("channel", channel.Name));
            var words = Phrase.Of("channel.unproven", channel.Name, age);
            wanted.Add(new(labels, LabelSet.Of(("summary", words.In(System.Globalization.CultureInfo.InvariantCulture))), now, null, Source, words));
        }
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await OwnAlerts.SettleAsync(connection, await OwnAlerts.OpenAsync(connection, Source, cancel), wanted, now, cancel);
        await transaction.CommitAsync(cancel);
    }
}
