using System.Globalization;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MimeKit;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>
/// Reads the replies to our mails, for who has mail and no browser: a reply acknowledges the incident in the name of whoever wrote it, and what they wrote is the comment;
/// once it is acknowledged, a reply is a note. It counts when it answers a mail of ours (the signature in its identity, which is bound to whom that mail went to) and comes from
/// that person's address. What went to a list is read by many, and an address is easily written: it is answered only by a responder for whom our own mail server vouches
/// (<see cref="SenderProof"/>). Whoever replies believes that they were heard: a reply that is not taken for want of that is told on the incident, and a mailbox that cannot be read is an alert.
/// </summary>
public sealed class ReplyRunner(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, LinkSigner signer, TimeProvider time, ILogger<ReplyRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(20))
{
    /// <summary>Name of the alert of a mailbox that cannot be read.</summary>
    public const string AlertName = "replies_unread";

    /// <summary>A mail server that restarts is no news; after so long it is.</summary>
    public static readonly TimeSpan UnreadFor = TimeSpan.FromMinutes(5);

    private const string Source = "replies";
    private const int AtOnce = 50;
    private const int LargestBytes = 1024 * 1024;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly ReceiptActions _receipts = new(contexts, time);
    private readonly IncidentActions _incidents = new(contexts, time);
    private readonly Dictionary<string, (DateTimeOffset Since, Phrase Why)> _failing = new(StringComparer.Ordinal);

    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => NotificationsLog.RoundFailed(log, exception);

    /// <summary>Reads every mailbox once.</summary>
    public async Task RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var mailboxes = (await db.Channels.AsNoTracking().Where(c => c.Enabled && c.Type == "email").OrderBy(c => c.Id).ToListAsync(cancel))
            .Select(c => (c.Name, Settings: (kinds.SettingsOf(c) as EmailSettings)?.Replies)).Where(m => m.Settings is not null).DistinctBy(m => (m.Settings!.Host, m.Settings.Port, m.Settings.User, m.Settings.Folder)).ToList();
        if (mailboxes.Count == 0 && !await db.Alerts.AnyAsync(a => a.Source == Source && a.ResolvedAt == null, cancel)) return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (!await db.Database.SqlQuery<bool>($"select pg_try_advisory_xact_lock(hashtext('picasoft-ops replies')) as \"Value\"").SingleAsync(cancel)) return; // another node reads
        await db.Database.ExecuteSqlAsync($"set local idle_in_transaction_session_timeout = '10min'", cancel); // mail servers may take their time
        foreach (var (channel, settings) in mailboxes)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(_limit);
            try
            {
                await ReadAsync(db, settings!, limit.Token);
                _failing.Remove(channel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { throw; }
            catch (Exception e) when (e is not (NpgsqlException or DbUpdateException))
            {
                var why = MailRunner.Reason(e, settings!.Host, settings.ImapPort);
                if (_failing.TryAdd(channel, (Time.GetUtcNow(), why))) NotificationsLog.RepliesUnread(log, channel, why.In(CultureInfo.InvariantCulture));
            }
        }
        await WarnAsync(db, [.. mailboxes.Select(m => m.Name)], cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>An alert for each mailbox that could not be read for a while; its end once it can, or is read no more.</summary>
    private async Task WarnAsync(OpsDbContext db, IReadOnlyList<string> mailboxes, CancellationToken cancel)
    {
        var now = Time.GetUtcNow();
        foreach (var gone in _failing.Keys.Except(mailboxes, StringComparer.Ordinal).ToList()) _failing.Remove(gone);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var open = await OwnAlerts.OpenAsync(connection, Source, cancel);
        var wanted = new List<AlertSignal>();
        foreach (var (channel, (since, why)) in _failing)
        {
            var labels = LabelSet.Of(("alertname", AlertName), ("severity", Words.Of(Severity.High)), ("channel", channel));
            // Another node may have raised it, which still waits for its own patience here.
            if (now - since < UnreadFor && !open.Any(a => a.Labels.Equals(labels))) continue;
            var words = Phrase.Of("channel.replies_unread", channel, why);
            wanted.Add(new(labels, LabelSet.Of(("summary", words.In(CultureInfo.InvariantCulture))), since, null, Source, words));
        }
        await OwnAlerts.SettleAsync(connection, open, wanted, now, cancel);
    }

    private async Task ReadAsync(OpsDbContext db, ReplySettings settings, CancellationToken cancel)
    {
        using var client = new ImapClient();
        await MailRunner.OpenAsync(client, settings, settings.ImapPort, Time.GetUtcNow(), cancel);
        var folder = await client.GetFolderAsync(settings.Folder, cancel);
        await folder.OpenAsync(FolderAccess.ReadWrite, cancel);
        var unseen = await folder.SearchAsync(SearchQuery.NotSeen.And(SearchQuery.SmallerThan(LargestBytes)), cancel);
        foreach (var id in unseen.Take(AtOnce))
        {
            using (var mail = await folder.GetMessageAsync(id, cancel)) await TakeAsync(db, mail, settings.AuthservId, cancel);
            await folder.AddFlagsAsync(id, MessageFlags.Seen, silent: true, cancel); // after it was done: a reply that is taken twice is a note too many, one that is lost is a page too many
        }
        await client.DisconnectAsync(quit: true, cancel);
    }

    private async Task TakeAsync(OpsDbContext db, MimeMessage mail, string? server, CancellationToken cancel)
    {
        if (mail.Headers[ReceiptLink.Header] is { } receipt && ReceiptLink.Read(receipt.Trim(), signer) is { } ours)
        {
            await _receipts.ConfirmAsync(ours, cancel); // our own test message came back
            return;
        }
        if (ReplyKey.IsAutomatic(mail) || ReplyKey.Of(mail, signer) is not { } key) return;
        // One sender, written once: a second From, or a Sender that is somebody else, is what forgeries are made of.
        var address = mail.From.Mailboxes.ToList() is [{ Address: { } from }] && (mail.Sender is null || mail.Sender.Address.Equals(from, StringComparison.OrdinalIgnoreCase)) ? from.ToUpperInvariant() : null;
        var person = address is null ? null : await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.NormalizedEmail == address && p.IsActive && p.Role != Role.Viewer, cancel);
        if (person is null || await AddresseeAsync(db, key, cancel) is not { } addressee || !addressee.IsFor(person))
        {
            NotificationsLog.ReplyRefused(log, key.Incident);
            return;
        }
        bool? isVouchedFor = string.IsNullOrEmpty(server) ? null : SenderProof.IsVouchedFor(mail, server);
        if (isVouchedFor == false || (isVouchedFor is null && addressee.Person is null))
        {
            NotificationsLog.ReplyRefused(log, key.Incident);
            await SayAsync(key.Incident, person.Name, Phrase.Of(isVouchedFor is null ? "reply.list" : "reply.not_vouched", person.Name, server), cancel);
            return;
        }
        var actor = new Actor(ActorKind.Person, person.Id, person.Name);
        var comment = ReplyKey.CommentOf(mail);
        var taken = await _incidents.AcknowledgeAsync(key.Incident, actor, comment.Length == 0 ? null : comment, null, null, cancel);
        if (!taken.IsDone && comment.Length > 0) await _incidents.NoteAsync(key.Incident, actor, comment, cancel);
    }

    // In a transaction of its own: that of the round lasts, and the row of the incident must be free for a reply that comes after it.
    private async Task SayAsync(long incident, string person, Phrase words, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var data = Json.Text(new { decision = "reply_not_taken", person });
        if (await db.Timeline.AnyAsync(t => t.IncidentNumber == incident && t.Kind == TimelineKind.Decision && t.Data == data, cancel)) return; // said once, however many come and whichever node reads
        db.Timeline.Add(new() { IncidentNumber = incident, At = Time.GetUtcNow(), Kind = TimelineKind.Decision, By = Actor.System.Name, Phrase = words, Data = data });
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, IncidentActions.Topic, incident, cancel);
    }

    /// <summary>To whom the mail went that is answered; null: no such mail went out.</summary>
    private static async Task<Addressee?> AddresseeAsync(OpsDbContext db, ReplyKey key, CancellationToken cancel)
    {
        if (await db.Incidents.AsNoTracking().Where(i => i.Number == key.Incident).Select(i => (DateTimeOffset?)i.OpenedAt).SingleOrDefaultAsync(cancel) is not { } opened) return null;
        var sent = await db.Deliveries.AsNoTracking().Where(d => d.IncidentNumber == key.Incident && d.Attempts > 0).Select(d => new { d.ChannelId, d.Recipient, d.Person }).Distinct().ToListAsync(cancel);
        var ours = sent.Where(d => ReplyKey.ConversationOf(ReplyKey.ThreadOf(key.Incident, opened, d.ChannelId, d.Recipient)) == key.Conversation).ToList();
        if (ours.Count == 0) return null;
        if (ours.Select(d => d.Person).FirstOrDefault(p => p is not null) is { } person) return new(person);
        // A channel may name somebody's own address as a list of one.
        var address = ours[0].Recipient.ToUpperInvariant();
        return new(await db.People.Where(p => p.NormalizedEmail == address).Select(p => p.Name).FirstOrDefaultAsync(cancel));
    }

    /// <param name="Person">To whom it went; null: to a list.</param>
    private sealed record Addressee(string? Person)
    {
        /// <summary>A mail to one person is answered by nobody else, whatever stands in From; one to a list by any responder who is proven to be one.</summary>
        public bool IsFor(Person person) => Person is null || Person == person.Name;
    }
}
