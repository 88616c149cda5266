using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>
/// Keeps channels proven: one that carried nothing for <see cref="Channel.UnprovenAfter"/> raises an alert, and after half of that time gets a test message. One that was never
/// used is proven least of all: it counts from when it was made. A server's "yes" is proof where the way ends there; a channel with a mailbox that we read (<see cref="IChannel.MailboxOf"/>)
/// is tried as soon as it has one, and proven by what came back to it.
/// </summary>
public sealed class ProofRunner(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, ChannelActions actions, TimeProvider time, ILogger<ProofRunner> log)
    : RoundRunner(time, TimeSpan.FromMinutes(30))
{
    /// <summary>Name of the alert of a channel that is not proven any more.</summary>
    public const string AlertName = "channel_unproven";

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
        var tests = await db.Deliveries.Where(d => d.Reason == DeliveryReason.Test).GroupBy(d => new { d.ChannelId, d.Recipient }).Select(g => new { g.Key.ChannelId, g.Key.Recipient, SentAt = g.Max(d => d.CreatedAt), ReadAt = g.Max(d => d.ConfirmedAt) }).ToListAsync(cancel);
        var wanted = new List<AlertSignal>();
        foreach (var channel in channels)
        {
            var sent = proven.TryGetValue(channel.Id, out var at) ? at : (DateTimeOffset?)null;
            if (sent is null && kinds.SettingsOf(channel) is not null && kinds.RecipientsOf(channel).Count == 0) continue; // it speaks to people alone, and nobody can try it
            var mailbox = kinds.MailboxOf(channel);
            var tried = tests.FindAll(t => t.ChannelId == channel.Id && (mailbox is null || mailbox.Equals(t.Recipient, StringComparison.OrdinalIgnoreCase)));
            var last = mailbox is null ? sent : tried.Max(t => t.ReadAt);
            var age = now - (last ?? channel.CreatedAt);
            var isNew = mailbox is not null && tried.Count == 0;
            if (isNew || (age > channel.UnprovenAfter / 2 && !tried.Exists(t => t.SentAt > now - _again))) await actions.SendTestAsync(channel.Name, Actor.System, cancel, onlyToMailbox: mailbox is not null);
            if (isNew || age <= channel.UnprovenAfter) continue;
            var labels = LabelSet.Of(("alertname", AlertName), ("severity", Words.Of(Severity.Medium)), ("channel", channel.Name));
            var unproven = mailbox is not null && now - sent <= channel.UnprovenAfter ? "channel.not_back" : last is null ? "channel.never_proven" : "channel.unproven";
            var words = Phrase.Of(unproven, channel.Name, age.TotalDays < 1 ? TimeSpan.FromHours(age.Hours) : TimeSpan.FromDays(age.Days), mailbox); // not to the second: it would be another one every round
            wanted.Add(new(labels, LabelSet.Of(("summary", words.In(System.Globalization.CultureInfo.InvariantCulture))), now, null, Source, words));
        }
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await OwnAlerts.SettleAsync(connection, await OwnAlerts.OpenAsync(connection, Source, cancel), wanted, now, cancel);
        await transaction.CommitAsync(cancel);
    }
}
