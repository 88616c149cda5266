using System.Globalization;
using MimeKit;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>How the connection to a mail server is protected.</summary>
public enum SmtpTls
{
    /// <summary>Not at all: for a server on the same machine.</summary>
    None,
    /// <summary>Begins in the clear, then STARTTLS; usually port 587. A server that does not offer it gets no mail.</summary>
    Starttls,
    /// <summary>From the first byte; usually port 465.</summary>
    Tls,
}

/// <summary>The languages messages are written in.</summary>
public enum MessageLanguage
{
    Fr,
    En,
}

/// <summary>How often what the logs were about is told by mail.</summary>
public enum DigestTimes
{
    Weekly,
    Daily,
    Both,
    None,
}

/// <summary>Who writes to whom, and through which mail server.</summary>
public sealed record EmailSettings : IChecked
{
    /// <summary>Sender, as <c>ops@example.org</c> or <c>Ops &lt;ops@example.org&gt;</c>.</summary>
    [Setting(Required = true, MaxLength = 200, Example = "ops@example.org")]
    public string From { get; init; } = "";

    /// <summary>Each recipient gets a message of their own.</summary>
    [Setting(Required = true, MaxLength = 200, Example = "tech@example.org")]
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>Language of the messages.</summary>
    public MessageLanguage Language { get; init; } = MessageLanguage.Fr;

    /// <summary>A digest of the logs, in the morning: daily, or on Mondays.</summary>
    public DigestTimes Digest { get; init; } = DigestTimes.Weekly;

    /// <summary>The whole recovery plan once a month, so that it can be read when everything is down; nothing while there is no plan.</summary>
    public bool RecoveryPlan { get; init; } = true;

    [Setting(Required = true)]
    public SmtpSettings Smtp { get; init; } = new();

    /// <summary>A mailbox that is read for replies: a reply to a message acknowledges its incident. Null: replies are not read.</summary>
    public ReplySettings? Replies { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Address(From) is null) yield return new("from", Phrase.Of("email.not_an_address", From));
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, to) in To.Index())
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"to[{index}]");
            if (Address(to) is not { } address) yield return new(field, Phrase.Of("email.not_an_address", to));
            else if (!seen.Add(address.Address)) yield return new(field, Phrase.Of("input.twice"));
        }
    }

    /// <summary>Reads an address; null when it is not one that mail can be sent to.</summary>
    internal static MailboxAddress? Address(string text) =>
        !text.Any(char.IsControl) && MailboxAddress.TryParse(text, out var address) && address.Address.Length <= 200 && address.Address.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < address.Address.Length - 1 ? address : null;
}

/// <summary>The mailbox that replies come to (IMAP).</summary>
public sealed record ReplySettings : Probes.Kinds.MailAccess
{
    /// <summary>Where replies are to go; null: to the sender's address.</summary>
    [Setting(MaxLength = 200, Example = "ops-replies@example.org")]
    public string? Address { get; init; }

    [Setting(MaxLength = 200, Example = "INBOX")]
    public string Folder { get; init; } = "INBOX";

    /// <summary>
    /// The name by which the mail server of this mailbox signs what it found out about senders (authserv-id of <c>Authentication-Results</c>, RFC 8601): only replies that it vouches for
    /// count. Null: replies to a mail that went to one person count, those to a list do not.
    /// </summary>
    [Setting(MaxLength = 253, Example = "mail.example.org")]
    public string? AuthservId { get; init; }

    public override IEnumerable<FieldError> Check()
    {
        foreach (var error in base.Check()) yield return error;
        if (!string.IsNullOrEmpty(Address) && EmailSettings.Address(Address) is null) yield return new("address", Phrase.Of("email.not_an_address", Address));
        if (string.IsNullOrEmpty(User)) yield return new("user", Phrase.Of("input.required"));
    }
}

/// <summary>A mail server and how to speak to it.</summary>
public sealed record SmtpSettings : IChecked
{
    [Setting(Required = true, MaxLength = 255, Example = "mail.example.org")]
    public string Host { get; init; } = "";

    /// <summary>Null: 25, 587 or 465, as <see cref="Tls"/> has it.</summary>
    [Setting(Min = "1", Max = "65535", Example = "587")]
    public int? Port { get; init; }

    public SmtpTls Tls { get; init; } = SmtpTls.Starttls;

    /// <summary>Null: no sign-in.</summary>
    [Setting(MaxLength = 320)]
    public string? User { get; init; }

    public Secret? Password { get; init; }

    /// <summary>
    /// SHA-256 of the server's certificate, hexadecimal: exactly this one is accepted, whoever signed it. For self-signed certificates.
    /// There is deliberately no way to accept any certificate.
    /// </summary>
    [Setting(MaxLength = 95)]
    public string? Thumbprint { get; init; }

    /// <summary>Longest that handing over one message may take, from connecting to the server's answer.</summary>
    [Setting(Min = "1s", Max = "40s")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    internal int ActualPort => Port ?? Tls switch { SmtpTls.None => 25, SmtpTls.Starttls => 587, _ => 465 };

    /// <summary>The thumbprint as bare hexadecimal digits; null when none is set.</summary>
    internal string? PlainThumbprint => string.IsNullOrWhiteSpace(Thumbprint) ? null : Thumbprint.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);

    public IEnumerable<FieldError> Check()
    {
        if (Uri.CheckHostName(Host) == UriHostNameType.Unknown) yield return new("host", Phrase.Of("email.not_a_host", Host));
        if (string.IsNullOrEmpty(User) != (Password is null || Password.IsEmpty)) yield return new(string.IsNullOrEmpty(User) ? "user" : "password", Phrase.Of("email.user_and_password"));
        if (PlainThumbprint is { } print && (print.Length != 64 || !print.All(char.IsAsciiHexDigit))) yield return new("thumbprint", Phrase.Of("email.bad_thumbprint"));
    }
}
