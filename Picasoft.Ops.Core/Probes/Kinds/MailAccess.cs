using System.Security.Authentication;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>How the connection to a mail server is protected.</summary>
public enum MailTls
{
    /// <summary>Begins in the clear, then STARTTLS; a server that does not offer it fails.</summary>
    Starttls,
    /// <summary>From the first byte.</summary>
    Tls,
    None,
}

/// <summary>A mail server and how to come in.</summary>
public record MailAccess : IChecked
{
    [Setting(Required = true, MaxLength = 253, Example = "mail.example.org")]
    public string Host { get; init; } = "";

    [Setting(Min = "1", Max = "65535")]
    public int? Port { get; init; }

    public MailTls Tls { get; init; }

    /// <summary>Signs in as; nobody: it does not sign in.</summary>
    [Setting(MaxLength = 253, Example = "probe@example.org")]
    public string? User { get; init; }

    public Secret? Password { get; init; }

    public bool VerifyTls { get; init; } = true;

    /// <summary>SHA-256 of a self-signed certificate: exactly that one is accepted.</summary>
    [Setting(MaxLength = 100)]
    public string? Thumbprint { get; init; }

    public virtual IEnumerable<FieldError> Check()
    {
        foreach (var error in CertificateJudge.Check(Thumbprint)) yield return error;
        if (!string.IsNullOrEmpty(User) && Tls == MailTls.None && !HostIsHere) yield return new("tls", Phrase.Of("probe.input.password_in_clear"));
    }

    private bool HostIsHere => Host is "localhost" or "127.0.0.1" or "::1";

    internal int SmtpPort => Port ?? Tls switch { MailTls.Starttls => 587, MailTls.Tls => 465, _ => 25 };

    internal int ImapPort => Port ?? (Tls == MailTls.Tls ? 993 : 143);
}

/// <summary>Connects MailKit's clients as a <see cref="MailAccess"/> has it, and puts into words what went wrong.</summary>
internal static class MailRunner
{
    /// <exception cref="ProbeFailure">The certificate is not accepted.</exception>
    public static async Task OpenAsync(MailService client, MailAccess access, int port, DateTimeOffset now, CancellationToken cancel)
    {
        var judge = new CertificateJudge(access.Host, access.VerifyTls, access.Thumbprint, now);
        client.CheckCertificateRevocation = false;
        client.ServerCertificateValidationCallback = judge.See;
        var socket = await TcpProbe.ConnectAsync(access.Host, port, IpVersion.Any, cancel);
        try
        {
            await client.ConnectAsync(socket, access.Host, port, access.Tls switch { MailTls.Starttls => SecureSocketOptions.StartTls, MailTls.Tls => SecureSocketOptions.SslOnConnect, _ => SecureSocketOptions.None }, cancel);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        judge.ThrowIfRefused(); // before a password is said
        if (!string.IsNullOrEmpty(access.User)) await client.AuthenticateAsync(access.User, access.Password?.Reveal() ?? "", cancel);
    }

    public static Phrase Reason(Exception exception, string host, int port)
    {
        var at = TcpProbe.Endpoint(ProbeReasons.Shown(host), port);
        return exception switch
        {
            MailKit.Security.AuthenticationException e => Phrase.Of("probe.sign_in_refused", at, ProbeReasons.Shown(e.Message)),
            SmtpCommandException e => Phrase.Of("probe.answered_error", at, ProbeReasons.Shown($"{(int)e.StatusCode} {e.Message}")),
            ImapCommandException e => Phrase.Of("probe.answered_error", at, ProbeReasons.Shown(e.ResponseText)),
            SmtpProtocolException => Phrase.Of("probe.not_protocol", at, "SMTP"),
            ImapProtocolException => Phrase.Of("probe.not_protocol", at, "IMAP"),
            FolderNotFoundException e => Phrase.Of("probe.no_folder", ProbeReasons.Shown(e.FolderName)),
            SslHandshakeException => Phrase.Of("probe.tls_failed", at),
            NotSupportedException e when e.Message.Contains("STARTTLS", StringComparison.Ordinal) => Phrase.Of("probe.starttls_missing", at),
            NotSupportedException e when e.Message.Contains("authentication", StringComparison.Ordinal) => Phrase.Of("probe.auth_missing", at),
            _ => ProbeReasons.Of(exception, host, port),
        };
    }
}
