using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Text;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>Mail by SMTP. One connection per message: an alert must not wait for, or die with, another one.</summary>
public sealed class EmailChannel(TimeProvider time) : IChannel
{
    // Mail servers ban addresses that keep coming with a wrong password.
    private static readonly TimeSpan _afterWrongPassword = TimeSpan.FromMinutes(5);
    // A word is not folded, and a line of a mail may not be longer than 998 bytes (RFC 5322).
    private const int LongestSubject = 240;
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(2);

    public string Kind => "email";

    public Type SettingsType => typeof(EmailSettings);

    public IReadOnlyList<Recipient> Recipients(object settings)
    {
        var email = (EmailSettings)settings;
        return [.. email.To.Select(EmailSettings.Address).OfType<MailboxAddress>().Select(a => new Recipient(a.Address, Words.Of(email.Language)))];
    }

    public string? AddressOf(object settings, Person person) => person.Email;

    public string? MailboxOf(object settings) => ((EmailSettings)settings) is { Replies: { } replies } email ? EmailSettings.Address(string.IsNullOrEmpty(replies.Address) ? email.From : replies.Address)?.Address : null;

    public MessagePreview Show(object settings, Message message) => new(OneLine(message.Subject, LongestSubject), message.Text) { Html = message.Html };

    public async Task<SendOutcome> SendAsync(object settings, string recipient, Message message, CancellationToken cancel)
    {
        var email = (EmailSettings)settings;
        if (Mail(email, recipient, message, time.GetUtcNow()) is not { } mail) return new(false, Phrase.Of("email.not_an_address", recipient), Permanent: true);
        using var whole = mail;
        using var limit = new CancellationTokenSource(email.Smtp.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        var seen = new SeenCertificate(email.Smtp);
        var client = new SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = seen.Judge }; // revocation lists are often out of reach when things burn
        try
        {
            await client.ConnectAsync(email.Smtp.Host, email.Smtp.ActualPort, Options(email.Smtp.Tls), either.Token);
            if (email.Smtp is { User: { Length: > 0 } user, Password: { } password }) await client.AuthenticateAsync(user, password.Reveal(), either.Token);
            var answer = await client.SendAsync(mail, either.Token);
            return new(true, Phrase.Of("email.accepted", OneLine(answer)));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { throw; }
        catch (Exception e) when (Judge(e, email.Smtp, seen) is { } outcome) { return outcome; }
        finally { _ = LeaveAsync(client); } // the answer is in: what follows must not delay its record
    }

    /// <summary>What an exception means to the reader, and whether trying again can help; null: a mistake of ours.</summary>
    private static SendOutcome? Judge(Exception exception, SmtpSettings smtp, SeenCertificate seen)
    {
        var server = $"{smtp.Host}:{smtp.ActualPort}";
        return exception switch
        {
            OperationCanceledException => new(false, Phrase.Of("email.timeout", server, smtp.Timeout)),
            AuthenticationException e => new(false, Phrase.Of("email.wrong_password", server, smtp.User, OneLine(e.Message)), NotBefore: _afterWrongPassword),
            SslHandshakeException when seen.Refused is { } why => new(false, why),
            SslHandshakeException e => new(false, Phrase.Of("email.tls_failed", server, OneLine(e.InnerException?.Message ?? e.Message))),
            ServiceNotAuthenticatedException e => new(false, Phrase.Of("email.sign_in_needed", server, OneLine(e.Message)), NotBefore: _afterWrongPassword),
            SmtpCommandException e when (int)e.StatusCode is 530 or 535 or 538 => new(false, Phrase.Of("email.sign_in_needed", server, Answer(e)), NotBefore: _afterWrongPassword),
            SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.SenderNotAccepted or SmtpErrorCode.MessageNotAccepted } e =>
                new(false, Phrase.Of((int)e.StatusCode >= 500 ? "email.refused" : "email.deferred", Answer(e)), Permanent: (int)e.StatusCode >= 500),
            SmtpCommandException e => new(false, Phrase.Of("email.deferred", Answer(e))),
            NotSupportedException when smtp.Tls == SmtpTls.Starttls => new(false, Phrase.Of("email.no_starttls", server)),
            NotSupportedException e => new(false, Phrase.Of("email.unsupported", server, OneLine(e.Message))),
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new(false, Phrase.Of("email.connection_refused", server)),
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => new(false, Phrase.Of("email.unknown_host", smtp.Host)),
            SocketException e => new(false, Phrase.Of("email.unreachable", server, OneLine(e.Message))),
            ProtocolException or IOException or ServiceNotConnectedException => new(false, Phrase.Of("email.connection_lost", server, OneLine(exception.Message))),
            _ => null,
        };
    }

    private static string Answer(SmtpCommandException e) => OneLine($"{(int)e.StatusCode} {e.Message}");

    private static SecureSocketOptions Options(SmtpTls tls) => tls switch { SmtpTls.None => SecureSocketOptions.None, SmtpTls.Starttls => SecureSocketOptions.StartTls, _ => SecureSocketOptions.SslOnConnect };

    /// <summary>The mail itself; null when the recipient is no address.</summary>
    public static MimeMessage? Mail(EmailSettings settings, string recipient, Message message, DateTimeOffset now)
    {
        if (EmailSettings.Address(settings.From) is not { } from || EmailSettings.Address(recipient) is not { } to) return null;
        var domain = from.Domain;
        var key = settings.Replies is not null && message.ReplyKey is { } replied ? "." + replied : "";
        var mail = new MimeMessage { Subject = OneLine(message.Subject, LongestSubject), Date = now, MessageId = $"{(message.StartsThread ? message.Thread : message.Id)}{key}@{domain}" };
        mail.From.Add(new MailboxAddress(from.Name is { Length: > 0 } name ? name : "Picasoft.Ops", from.Address));
        mail.To.Add(to);
        if (settings.Replies?.Address is { Length: > 0 } answers && EmailSettings.Address(answers) is { } replyTo) mail.ReplyTo.Add(replyTo);
        // The first message carries the conversation's own identity; the later ones answer it, so that every mail reader keeps one incident together.
        if (!message.StartsThread)
        {
            mail.InReplyTo = $"{message.Thread}{key}@{domain}";
            mail.References.Add($"{message.Thread}{key}@{domain}");
        }
        mail.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: no out-of-office answers
        mail.Headers.Add("X-Auto-Response-Suppress", "All"); // the same for Exchange
        if (message.Incident is { } number) mail.Headers.Add("X-Picasoft-Incident", number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (message.Receipt is { } receipt) mail.Headers.Add(ReceiptLink.Header, receipt);
        mail.Body = message.Html is null ? Part(TextFormat.Plain, message.Text) : new MultipartAlternative(Part(TextFormat.Plain, message.Text), Part(TextFormat.Html, message.Html));
        return mail;
    }

    private static TextPart Part(TextFormat format, string text)
    {
        var part = new TextPart(format) { ContentTransferEncoding = ContentEncoding.QuotedPrintable };
        part.SetText(System.Text.Encoding.UTF8, text);
        return part;
    }

    /// <summary>A header or an answer is one line, whatever somebody wrote into it, and not endless.</summary>
    internal static string OneLine(string text, int longest = 500)
    {
        var line = string.Join(' ', new string([.. text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return line.Length > longest ? line[..(longest - 1)] + "…" : line;
    }

    private static async Task LeaveAsync(SmtpClient client)
    {
        using (client)
        {
            if (!client.IsConnected) return;
            using var limit = new CancellationTokenSource(_goodbye);
            try { await client.DisconnectAsync(quit: true, limit.Token); }
            catch (Exception e) when (e is OperationCanceledException or ProtocolException or IOException or SocketException or ObjectDisposedException) { } // it said all that matters
        }
    }

    /// <summary>Accepts what the system trusts, or exactly the pinned certificate; remembers in words why not.</summary>
    private sealed class SeenCertificate(SmtpSettings smtp)
    {
        public Phrase? Refused { get; private set; }

        public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            var print = certificate is null ? "" : Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));
            var accepted = smtp.PlainThumbprint is { } pinned ? print.Equals(pinned, StringComparison.OrdinalIgnoreCase) : errors == SslPolicyErrors.None;
            if (!accepted)
                Refused = smtp.PlainThumbprint is not null ? Phrase.Of("email.other_certificate", smtp.Host, print)
                    : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? Phrase.Of("email.certificate_name", smtp.Host, certificate?.Subject)
                    : Phrase.Of("email.untrusted_certificate", smtp.Host, certificate?.Subject, print);
            return accepted;
        }
    }
}
