using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Search;
using MimeKit;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>How a mail goes out, and where it should arrive.</summary>
public sealed record MailRoundtripSettings : IChecked
{
    /// <summary>The server that takes the mail.</summary>
    public MailAccess Smtp { get; init; } = new();

    /// <summary>The mailbox it should arrive in.</summary>
    public MailAccess Imap { get; init; } = new();

    [Setting(Required = true, MaxLength = 200, Example = "probe@example.org")]
    public string From { get; init; } = "";

    [Setting(Required = true, MaxLength = 200, Example = "probe@example.net")]
    public string To { get; init; } = "";

    [Setting(MaxLength = 200, Example = "INBOX")]
    public string Folder { get; init; } = "INBOX";

    /// <summary>Longest the mail may be on its way; the timeout of the probe must be longer.</summary>
    [Setting(Min = "1s", Max = "5m")]
    public TimeSpan Within { get; init; } = TimeSpan.FromMinutes(1);

    public IEnumerable<FieldError> Check()
    {
        if (string.IsNullOrWhiteSpace(Imap.User)) yield return new("imap.user", Phrase.Of("input.required")); // no server shows a mailbox to nobody
        if (!MailboxAddress.TryParse(From, out _)) yield return new("from", Phrase.Of("probe.input.address", From));
        if (!MailboxAddress.TryParse(To, out _)) yield return new("to", Phrase.Of("probe.input.address", To));
    }
}

/// <summary>A mail sent through one server arrives in a mailbox within a limit; it is deleted there. How long it took is measured.</summary>
public sealed class MailRoundtripProbe(TimeProvider time) : Probe<MailRoundtripSettings>
{
    private const string Mark = "X-Picasoft-Ops-Probe";
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    public override string Kind => "mail_roundtrip";

    public override ProbeGroup Group => ProbeGroup.Mail;

    // Longer than the mail may be on its way.
    public override ProbeInput Usual { get; } = new() { Interval = TimeSpan.FromMinutes(10), Timeout = TimeSpan.FromMinutes(2) };

    // Else a mail that is still in time would be called missing.
    protected override IEnumerable<FieldError> Check(MailRoundtripSettings settings, ProbeInput input) =>
        input.TimeoutOf(this) > settings.Within ? [] : [new("timeout", Phrase.Of("probe.input.timeout_within", input.TimeoutOf(this), settings.Within))];

    protected override string Target(MailRoundtripSettings settings) => $"{settings.From} → {settings.To}";

    protected override async ValueTask<Observation> CheckAsync(MailRoundtripSettings settings, ProbeContext context, CancellationToken cancel)
    {
        var token = Guid.NewGuid().ToString("n");
        var at = (settings.Smtp.Host, Port: settings.Smtp.SmtpPort);
        try
        {
            await SendAsync(settings, token, context.Now, cancel);
            var sent = time.GetTimestamp();
            at = (settings.Imap.Host, settings.Imap.ImapPort);
            using var mailbox = new ImapClient();
            await MailRunner.OpenAsync(mailbox, settings.Imap, settings.Imap.ImapPort, context.Now, cancel);
            var folder = await mailbox.GetFolderAsync(settings.Folder, cancel);
            await folder.OpenAsync(FolderAccess.ReadWrite, cancel);
            // Said by us rather than by the runner's timeout, as far as it lets us.
            var limit = settings.Within < context.Timeout * 0.9 ? settings.Within : context.Timeout * 0.9;
            while (true)
            {
                var found = await folder.SearchAsync(SearchQuery.HeaderContains(Mark, token), cancel);
                var took = time.GetElapsedTime(sent);
                if (found.Count > 0)
                {
                    await DeleteAsync(folder, found, context.Now, cancel);
                    await mailbox.DisconnectAsync(quit: true, cancel);
                    return Observation.Up.With(new Measurement("on_its_way", took.TotalSeconds, "s", Crit: settings.Within.TotalSeconds));
                }
                if (took > limit) return Observation.Down("probe.mail_missing", limit);
                await Task.Delay(_pause, time, cancel);
                await mailbox.NoOpAsync(cancel); // else the server need not tell what is new
            }
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, MailRunner.Reason(e, at.Host, at.Port));
        }
    }

    private static async Task SendAsync(MailRoundtripSettings settings, string token, DateTimeOffset now, CancellationToken cancel)
    {
        using var message = new MimeMessage { Subject = "Picasoft.Ops probe", Date = now, Body = new TextPart("plain") { Text = "Sent by a probe, which deletes it when it has arrived.\n" } };
        message.From.Add(MailboxAddress.Parse(settings.From));
        message.To.Add(MailboxAddress.Parse(settings.To));
        message.Headers.Add(Mark, token);
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated"); // RFC 3834: nobody's holiday notice answers it
        using var client = new SmtpClient { LocalDomain = "picasoft-ops.invalid" };
        await MailRunner.OpenAsync(client, settings.Smtp, settings.Smtp.SmtpPort, now, cancel);
        await client.SendAsync(message, cancel);
        await client.DisconnectAsync(quit: true, cancel);
    }

    /// <summary>The mail that arrived, and those of earlier checks that came too late for them.</summary>
    private static async Task DeleteAsync(IMailFolder folder, IList<UniqueId> found, DateTimeOffset now, CancellationToken cancel)
    {
        var late = await folder.SearchAsync(SearchQuery.And(SearchQuery.HeaderContains(Mark, ""), SearchQuery.DeliveredBefore(now.UtcDateTime.AddDays(-1))), cancel);
        var all = found.Concat(late).Distinct().ToList();
        await folder.AddFlagsAsync(all, MessageFlags.Deleted, silent: true, cancel);
        if (folder is ImapFolder) await folder.ExpungeAsync(all, cancel);
    }
}
