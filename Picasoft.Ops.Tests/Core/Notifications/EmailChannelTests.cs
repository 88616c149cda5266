using CsCheck;
using MimeKit;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Notifications;

public sealed class EmailChannelTests
{
    private static readonly EmailChannel _channel = new(TimeProvider.System);
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 17, 0, 0, TimeSpan.Zero);

    private static Message Words(string subject = "Mattermost ne répond plus", bool starts = true, string id = "id1") => new(subject, "texte é", "<p>texte é</p>", id, "thread1", starts, 12);

    private static EmailSettings To(int port, SmtpTls tls = SmtpTls.None, string? user = null, string? password = null, string? thumbprint = null, double timeout = 20) => new()
    {
        From = "ops@example.org",
        To = ["tech@example.org"],
        Smtp = new() { Host = "localhost", Port = port, Tls = tls, User = user, Password = password is null ? null : new Secret(password), Thumbprint = thumbprint, Timeout = TimeSpan.FromSeconds(timeout) },
    };

    private static Task<SendOutcome> SendAsync(EmailSettings settings, Message? message = null) => _channel.SendAsync(settings, "tech@example.org", message ?? Words(), CancellationToken.None);

    [Fact]
    public async Task A_real_mail_server_takes_mail_in_the_clear_by_STARTTLS_and_by_TLS_with_sign_in()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();

        var clear = await SendAsync(To(server.Port), Words(id: "clear", starts: false));
        var starttls = await SendAsync(To(server.Port, SmtpTls.Starttls, MailServer.User, MailServer.Password, server.Thumbprint), Words(id: "starttls", starts: false));
        var tls = await SendAsync(To(server.TlsPort, SmtpTls.Tls, MailServer.User, MailServer.Password, server.Thumbprint), Words(id: "tls", starts: false));

        Assert.All([clear, starttls, tls], outcome => Assert.True(outcome.Sent, outcome.Words.ToString()));
        Assert.Contains("queued as", clear.Words.In(), StringComparison.Ordinal);
        foreach (var id in new[] { "clear", "starttls", "tls" }) await server.WaitForMessageAsync(m => m.MessageId == $"{id}@example.org");
        var received = await server.WaitForMessageAsync(m => m.MessageId == "tls@example.org");
        Assert.Equal("Mattermost ne répond plus", received.Subject);
        Assert.Equal("texte é", received.TextBody!.Trim());
        Assert.Equal("<p>texte é</p>", received.HtmlBody!.Trim());
        Assert.Equal("auto-generated", received.Headers["Auto-Submitted"]);
        Assert.Equal("12", received.Headers["X-Picasoft-Incident"]);
    }

    [Fact]
    public async Task Wrong_certificate_wrong_password_and_missing_sign_in_are_said_in_words_and_tried_again_later()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();

        var untrusted = await SendAsync(To(server.Port, SmtpTls.Starttls));
        var other = await SendAsync(To(server.Port, SmtpTls.Starttls, thumbprint: new string('a', 64)));
        var wrong = await SendAsync(To(server.TlsPort, SmtpTls.Tls, MailServer.User, "wrong", server.Thumbprint));
        var stranger = await SendAsync(To(server.TlsPort, SmtpTls.Tls, thumbprint: server.Thumbprint));
        var relay = await _channel.SendAsync(To(server.Port), "somebody@elsewhere.example", Words(), CancellationToken.None);

        Assert.All([untrusted, other, wrong], outcome => Assert.False(outcome.Sent || outcome.Permanent, outcome.Words.ToString()));
        Assert.Equal("email.untrusted_certificate", untrusted.Words.Key);
        Assert.Contains(server.Thumbprint, untrusted.Words.In(), StringComparison.Ordinal);
        Assert.Equal("email.other_certificate", other.Words.Key);
        Assert.Equal("email.wrong_password", wrong.Words.Key);
        Assert.True(wrong.NotBefore >= TimeSpan.FromMinutes(5));
        Assert.Contains("Access denied", stranger.Words.In(), StringComparison.Ordinal);
        Assert.True(relay is { Sent: false, Permanent: true }, relay.Words.ToString());
        Assert.Empty(await server.ReadMessagesAsync());
    }

    [Theory]
    [InlineData("RCPT", "550 5.1.1 no such user", true, "email.refused")]
    [InlineData("MAIL", "550 5.7.1 not from you", true, "email.refused")]
    [InlineData("RCPT", "450 4.2.0 greylisted", false, "email.deferred")]
    [InlineData(".", "452 4.3.1 disk full", false, "email.deferred")]
    [InlineData("MAIL", "530 5.7.0 sign in first", false, "email.sign_in_needed")]
    [InlineData("*", "421 4.3.2 going down", false, "email.deferred")]
    [InlineData("RCPT", "-", false, "email.connection_lost")]
    [InlineData("DATA", "", false, "email.timeout")]
    [InlineData("*", "", false, "email.timeout")]
    public async Task What_a_server_answers_decides_between_never_and_later(string verb, string answer, bool permanent, string words)
    {
        await using var server = new ScriptedSmtp { Answer = (v, _) => v == verb ? answer : null };

        var outcome = await SendAsync(To(server.Port, timeout: answer.Length == 0 ? 0.3 : 20));

        Assert.Equal((false, permanent, words), (outcome.Sent, outcome.Permanent, outcome.Words.Key));
    }

    [Fact]
    public async Task No_server_and_no_STARTTLS_are_said_in_words()
    {
        await using var plain = new ScriptedSmtp();
        var dead = new ScriptedSmtp();
        var port = dead.Port;
        await dead.DisposeAsync();

        Assert.Equal("email.connection_refused", (await SendAsync(To(port))).Words.Key);
        Assert.Equal("email.no_starttls", (await SendAsync(To(plain.Port, SmtpTls.Starttls))).Words.Key);
        Assert.Empty(plain.Messages);
    }

    [Fact]
    public void The_messages_of_one_incident_are_one_conversation()
    {
        var first = EmailChannel.Mail(To(25), "tech@example.org", Words(id: "a"), _now)!;
        var second = EmailChannel.Mail(To(25), "tech@example.org", Words(id: "b", starts: false), _now)!;
        var third = EmailChannel.Mail(To(25), "tech@example.org", Words(id: "c", starts: false), _now)!;

        Assert.Null(first.InReplyTo);
        Assert.All(new[] { second, third }, m => Assert.Equal((first.MessageId, first.MessageId), (m.InReplyTo, Assert.Single(m.References))));
        Assert.Equal(3, new[] { first.MessageId, second.MessageId, third.MessageId }.Distinct().Count());
    }

    [Fact]
    public void No_title_can_add_a_header_or_lose_its_letters() =>
        Gen.Select(Gen.String[0, 400], Gen.OneOf("\r\nBcc: evil@example.com\r\n", "\n\nbody", "\rX: y", " ", "é€😀"), (a, b) => a + b + a).Sample(title =>
        {
            using var mail = EmailChannel.Mail(To(25), "tech@example.org", Words(title), _now)!;
            using var wire = new MemoryStream();
            mail.WriteTo(wire);
            wire.Position = 0;
            var read = MimeMessage.Load(wire);
            Assert.Empty(read.Bcc);
            Assert.Equal(mail.Headers.Select(h => h.Field), read.Headers.Select(h => h.Field));
            Assert.Equal("texte é", read.TextBody!.Trim());
            var longest = System.Text.Encoding.UTF8.GetString(wire.ToArray()).Split('\n').Max(l => l.Length);
            Assert.True(longest < 998, $"a line of {longest} characters");
        });

    [Fact]
    public void A_long_subject_in_any_script_arrives_whole()
    {
        var subject = string.Join(' ', Enumerable.Repeat("Вики не отвечает — wéki ne répond plus 😀", 5));
        using var mail = EmailChannel.Mail(To(25), "tech@example.org", Words(subject), _now)!;
        using var wire = new MemoryStream();
        mail.WriteTo(wire);
        wire.Position = 0;

        Assert.Equal(subject, MimeMessage.Load(wire).Subject);
    }

    [Fact]
    public void Settings_name_every_mistake()
    {
        var read = InputReader.Read<EmailSettings>(JsonInput.Parse("""
            {"from": "nobody", "to": ["tech@example.org", "Tech@example.org", "a@b\r\nBcc: c@d"], "smtp": {"host": "not a host", "tls": "ssl", "port": 70000, "user": "x", "thumbprint": "abc"}}
            """u8.ToArray()).Value);

        Assert.Equal(["from", "smtp.port", "smtp.tls", "to[1]", "to[2]"], read.Refusal!.Errors.Select(e => e.Field).Order());
        var again = InputReader.Read<EmailSettings>(JsonInput.Parse("""
            {"from": "nobody", "to": ["tech@example.org", "Tech@example.org", "a@b\r\nBcc: c@d"], "smtp": {"host": "not a host", "user": "x", "thumbprint": "abc"}}
            """u8.ToArray()).Value);
        Assert.Equal(["from", "smtp.host", "smtp.password", "smtp.thumbprint", "to[1]", "to[2]"], again.Refusal!.Errors.Select(e => e.Field).Order());
        Assert.Equal(["from", "to[1]", "to[2]"], new EmailSettings { From = "nobody", To = ["tech@example.org", "Tech@example.org", "a@b\r\nBcc: c@d"] }.Check().Select(e => e.Field));
    }
}
