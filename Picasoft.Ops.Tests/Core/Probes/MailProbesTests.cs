using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>SMTP, IMAP and the way between them, with real Postfix and Dovecot.</summary>
public sealed class MailProbesTests(MailNeighbour mail) : IClassFixture<MailNeighbour>
{
    private readonly IProbe _smtp = new SmtpProbe();
    private readonly IProbe _imap = new ImapProbe();
    private readonly IProbe _roundtrip = new MailRoundtripProbe(TimeProvider.System);

    [Fact]
    public async Task A_mail_server_greets_offers_STARTTLS_and_lets_somebody_sign_in()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        var server = mail.Server;
        var settings = new SmtpProbeSettings { Host = "127.0.0.1", Port = server.Port, Thumbprint = server.Thumbprint };
        Assert.Equal("", await _smtp.ReasonOf(settings));
        Assert.Equal("", await _smtp.ReasonOf(settings with { User = MailServer.User, Password = new(MailServer.Password) }));
        Assert.Equal("", await _smtp.ReasonOf(settings with { Port = server.TlsPort, Tls = MailTls.Tls, User = MailServer.User, Password = new(MailServer.Password) }));
        Assert.Equal("", await _smtp.ReasonOf(settings with { Tls = MailTls.None }));

        Assert.StartsWith($"127.0.0.1:{server.Port} refuses the sign-in", await _smtp.ReasonOf(settings with { User = MailServer.User, Password = new("wrong") }));
        Assert.Equal("TLS certificate is self-signed, not signed by a known authority", await _smtp.ReasonOf(settings with { Thumbprint = null }));
        Assert.StartsWith("TLS certificate is another one", await _smtp.ReasonOf(settings with { Thumbprint = new string('a', 64) }));
        Assert.Equal($"127.0.0.1:{server.ImapPort} does not speak SMTP", await _smtp.ReasonOf(settings with { Port = server.ImapPort }));
        Assert.Equal($"TLS handshake with 127.0.0.1:{server.Port} failed", await _smtp.ReasonOf(settings with { Tls = MailTls.Tls }));
        var closed = RealProgram.FreePort();
        Assert.Equal($"connection refused by 127.0.0.1:{closed}", await _smtp.ReasonOf(settings with { Port = closed }));
        Assert.Equal($"127.0.0.1:{server.PlainPort} does not offer STARTTLS", await _smtp.ReasonOf(settings with { Port = server.PlainPort }));
        Assert.Equal($"127.0.0.1:{server.PlainPort} does not offer to sign in", await _smtp.ReasonOf(settings with { Port = server.PlainPort, Tls = MailTls.None, User = MailServer.User, Password = new(MailServer.Password) }));
        Assert.StartsWith($"127.0.0.1:{server.RefusingPort} answers: 554 5.7.1 ", await _smtp.ReasonOf(settings with { Port = server.RefusingPort }));
        Assert.StartsWith("TLS certificate expired ", await _smtp.ReasonInDays(settings, 5));
    }

    [Fact]
    public async Task A_mailbox_opens_and_is_counted()
    {
        Assert.SkipUnless(MailServer.CanRun, "Dovecot needs root");
        var server = mail.Server;
        var settings = new ImapProbeSettings { Host = "127.0.0.1", Port = server.ImapPort, Thumbprint = server.Thumbprint, User = MailServer.User, Password = new(MailServer.Password) };
        var seen = await _imap.CheckAsync(settings);
        Assert.Equal("", seen.Words());
        Assert.True(seen.Value("messages") >= 0);
        var unsigned = await _imap.CheckAsync(settings with { User = null, Password = null });
        Assert.Equal(("", $"127.0.0.1:{server.ImapPort} answers; nobody signed in, as no user is given"), (unsigned.Words(), unsigned.Reason?.In(System.Globalization.CultureInfo.InvariantCulture)));

        Assert.StartsWith($"127.0.0.1:{server.ImapPort} refuses the sign-in", await _imap.ReasonOf(settings with { Password = new("wrong") }));
        Assert.Equal("there is no folder Nowhere", await _imap.ReasonOf(settings with { Folder = "Nowhere" }));
        Assert.Equal($"127.0.0.1:{server.Port} does not speak IMAP", await _imap.ReasonOf(settings with { Port = server.Port, Tls = MailTls.None, User = null }));
        var plain = settings with { Host = MailServer.PlainImapHost };
        Assert.Equal($"{MailServer.PlainImapHost}:{server.ImapPort} does not offer STARTTLS", await _imap.ReasonOf(plain));
        Assert.StartsWith($"{MailServer.PlainImapHost}:{server.ImapPort} refuses the sign-in", await _imap.ReasonOf(plain with { Tls = MailTls.None }));
        Assert.Equal("TLS certificate is self-signed, not signed by a known authority", await _imap.ReasonOf(settings with { Thumbprint = null }));
        Assert.StartsWith("TLS certificate is another one", await _imap.ReasonOf(settings with { Thumbprint = new string('a', 64) }));
        Assert.StartsWith("TLS certificate expired ", await _imap.ReasonInDays(settings, 5));
        Assert.Equal($"TLS handshake with 127.0.0.1:{server.ImapPort} failed", await _imap.ReasonOf(settings with { Tls = MailTls.Tls }));
        var closed = RealProgram.FreePort();
        Assert.Equal($"connection refused by 127.0.0.1:{closed}", await _imap.ReasonOf(settings with { Port = closed }));
    }

    [Fact]
    public async Task A_mail_arrives_is_measured_and_deleted()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        // A mailbox of its own: what the other tests sent may yet arrive in theirs.
        await using var server = await MailServer.CreateAsync();
        var seen = await _roundtrip.CheckAsync(Roundtrip(server));
        Assert.Equal("", seen.Words());
        Assert.True(seen.Value("on_its_way") >= 0);
        Assert.Equal(0, await LyingAsync(server));
    }

    [Fact]
    public async Task One_that_does_not_arrive_or_is_not_taken_is_told_so()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        Assert.StartsWith($"127.0.0.1:{mail.Server.Port} answers: 554 5.7.1", await _roundtrip.ReasonOf(Roundtrip() with { To = "somebody@elsewhere.example" }));
        // The folder is another one than that in which mail arrives.
        using (var client = new MailKit.Net.Imap.ImapClient())
        {
            await client.ConnectAsync("127.0.0.1", mail.Server.ImapPort, MailKit.Security.SecureSocketOptions.None);
            await client.AuthenticateAsync(MailServer.User, MailServer.Password);
            await client.GetFolder(client.PersonalNamespaces[0]).CreateAsync("Elsewhere", true);
        }
        Assert.Equal("the mail was taken but did not arrive within 2 s", await _roundtrip.ReasonOf(Roundtrip() with { Folder = "Elsewhere", Within = TimeSpan.FromSeconds(2) }));
    }

    [Fact]
    public async Task Which_of_the_two_servers_is_in_the_way_is_told()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        var closed = RealProgram.FreePort();
        var good = Roundtrip();
        Assert.Equal($"connection refused by 127.0.0.1:{closed}", await _roundtrip.ReasonOf(good with { Imap = good.Imap with { Port = closed } }));
        Assert.StartsWith($"127.0.0.1:{mail.Server.ImapPort} refuses the sign-in", await _roundtrip.ReasonOf(good with { Imap = good.Imap with { Password = new("wrong") } }));
        Assert.StartsWith($"127.0.0.1:{mail.Server.Port} refuses the sign-in", await _roundtrip.ReasonOf(good with { Smtp = good.Smtp with { User = MailServer.User, Password = new("wrong") } }));
        Assert.Equal($"127.0.0.1:{mail.Server.PlainPort} does not offer STARTTLS", await _roundtrip.ReasonOf(good with { Smtp = good.Smtp with { Port = mail.Server.PlainPort } }));
        Assert.Equal("there is no folder Nowhere", await _roundtrip.ReasonOf(good with { Folder = "Nowhere" }));
    }

    [Fact]
    public async Task What_came_too_late_for_its_check_goes_with_one_that_arrives()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync(); // and a mailbox of its own
        var mine = Roundtrip(server);
        Assert.Equal("there is no folder Nowhere", await _roundtrip.ReasonOf(mine with { Folder = "Nowhere" }));
        await Eventually.TrueAsync(async () => await LyingAsync(server) == 1, "it came");
        Assert.Equal("", await _roundtrip.ReasonInDays(mine, 0));
        Assert.Equal(1, await LyingAsync(server)); // of today: another check may yet look for it
        var clear = mine with { Smtp = mine.Smtp with { Tls = MailTls.None }, Imap = mine.Imap with { Tls = MailTls.None } }; // in three days the certificates have expired
        Assert.Equal("", await _roundtrip.ReasonInDays(clear, 3));
        Assert.Equal(0, await LyingAsync(server));
    }

    /// <summary>Mails of probes in the mailbox.</summary>
    private static async Task<int> LyingAsync(MailServer server)
    {
        using var client = new MailKit.Net.Imap.ImapClient();
        await client.ConnectAsync("127.0.0.1", server.ImapPort, MailKit.Security.SecureSocketOptions.None);
        await client.AuthenticateAsync(MailServer.User, MailServer.Password);
        await client.Inbox.OpenAsync(MailKit.FolderAccess.ReadOnly);
        return (await client.Inbox.SearchAsync(MailKit.Search.SearchQuery.SubjectContains("Picasoft.Ops probe"))).Count;
    }

    private MailRoundtripSettings Roundtrip() => Roundtrip(mail.Server);

    private static MailRoundtripSettings Roundtrip(MailServer server) => new()
    {
        Smtp = new() { Host = "127.0.0.1", Port = server.Port, Thumbprint = server.Thumbprint },
        Imap = new() { Host = "127.0.0.1", Port = server.ImapPort, Thumbprint = server.Thumbprint, User = MailServer.User, Password = new(MailServer.Password) },
        From = "ops@example.org",
        To = "probe@example.org",
        Within = TimeSpan.FromSeconds(50),
    };
}
