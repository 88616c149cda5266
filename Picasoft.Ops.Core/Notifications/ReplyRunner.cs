using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MimeKit;
using Npgsql;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>
/// Reads the replies to our mails, for who has mail and no browser: a reply acknowledges the incident in the name of whoever wrote it, and what they wrote is the comment;
/// once it is acknowledged, a reply is a note. It counts when it answers a mail of ours (the signature in its identity) and comes from the address of somebody who may respond.
/// </summary>
public sealed class ReplyRunner(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, LinkSigner signer, TimeProvider time, ILogger<ReplyRunner> log) : BackgroundService
{
    private const int AtOnce = 50;
    private const int LargestBytes = 1024 * 1024;

    private static readonly TimeSpan _every = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly IncidentActions _incidents = new(contexts, time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_every, time);
        do
        {
            try { await RunOnceAsync(stoppingToken); }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { return; }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or InvalidOperationException or TimeoutException) { NotificationsLog.RoundFailed(log, e); }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Reads every mailbox once.</summary>
    public async Task RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var mailboxes = (await db.Channels.AsNoTracking().Where(c => c.Enabled && c.Type == "email").OrderBy(c => c.Id).ToListAsync(cancel))
            .Select(c => (c.Name, Settings: (kinds.SettingsOf(c) as EmailSettings)?.Replies)).Where(m => m.Settings is not null).DistinctBy(m => (m.Settings!.Host, m.Settings.Port, m.Settings.User, m.Settings.Folder)).ToList();
        if (mailboxes.Count == 0) return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (!await db.Database.SqlQuery<bool>($"select pg_try_advisory_xact_lock(hashtext('picasoft-ops replies')) as \"Value\"").SingleAsync(cancel)) return; // another node reads
        foreach (var (channel, settings) in mailboxes)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(_limit);
            try { await ReadAsync(db, settings!, limit.Token); }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { throw; }
            catch (Exception e) when (e is not (NpgsqlException or DbUpdateException)) { NotificationsLog.RepliesUnread(log, channel, MailRunner.Reason(e, settings!.Host, settings.ImapPort).In(System.Globalization.CultureInfo.InvariantCulture)); }
        }
    }

    private async Task ReadAsync(OpsDbContext db, ReplySettings settings, CancellationToken cancel)
    {
        using var client = new ImapClient();
        await MailRunner.OpenAsync(client, settings, settings.ImapPort, time.GetUtcNow(), cancel);
        var folder = await client.GetFolderAsync(settings.Folder, cancel);
        await folder.OpenAsync(FolderAccess.ReadWrite, cancel);
        var unseen = await folder.SearchAsync(SearchQuery.NotSeen.And(SearchQuery.SmallerThan(LargestBytes)), cancel);
        foreach (var id in unseen.Take(AtOnce))
        {
            using (var mail = await folder.GetMessageAsync(id, cancel)) await TakeAsync(db, mail, cancel);
            await folder.AddFlagsAsync(id, MessageFlags.Seen, silent: true, cancel); // after it was done: a reply that is taken twice is a note too many, one that is lost is a page too many
        }
        await client.DisconnectAsync(quit: true, cancel);
    }

    private async Task TakeAsync(OpsDbContext db, MimeMessage mail, CancellationToken cancel)
    {
        if (ReplyKey.IsAutomatic(mail) || ReplyKey.Of(mail, signer) is not { } key) return;
        var address = mail.From.Mailboxes.SingleOrDefault()?.Address.ToUpperInvariant();
        var person = address is null ? null : await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.NormalizedEmail == address && p.IsActive && p.Role != Role.Viewer, cancel);
        if (person is null)
        {
            NotificationsLog.ReplyRefused(log, key.Incident);
            return;
        }
        var actor = new Actor(ActorKind.Person, person.Id, person.Name);
        var comment = ReplyKey.CommentOf(mail);
        var taken = await _incidents.AcknowledgeAsync(key.Incident, actor, comment.Length == 0 ? null : comment, null, null, cancel);
        if (!taken.IsDone && comment.Length > 0) await _incidents.NoteAsync(key.Incident, actor, comment, cancel);
    }
}
