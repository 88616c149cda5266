using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class TlsProbeTests(MailNeighbour mail) : IClassFixture<MailNeighbour>
{
    private readonly IProbe _probe = new TlsProbe(TimeProvider.System);

    [Fact]
    public async Task A_certificate_of_ones_own_authority_is_good_and_its_days_are_counted()
    {
        using var authority = Certificates.For("Our own authority");
        using var signed = Certificates.For("127.0.0.1", signedBy: authority);
        await using var web = await WebTarget.StartAsync(certificate: signed);
        var settings = new TlsSettings { Host = "127.0.0.1", Port = web.Port, Authority = authority.ExportCertificatePem() };
        var seen = await _probe.CheckAsync(settings);
        Assert.Equal("", seen.Words());
        Assert.InRange(seen.Value("days_left"), 29.9, 30);
        Assert.True(seen.Value("handshake") > 0);

        Assert.Equal("TLS certificate is not signed by a known authority", await _probe.ReasonOf(settings with { Authority = null }));
        Assert.Equal("", await _probe.ReasonOf(settings with { Authority = null, Verify = false }));
        Assert.Equal("TLS certificate is for 127.0.0.1, not team.example.org", await _probe.ReasonOf(settings with { ServerName = "team.example.org" }));
        Assert.Equal("warning: TLS certificate expires in 30 d", (await _probe.ReasonOf(settings with { Warn = TimeSpan.FromDays(40) })).Replace("29 d", "30 d", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Days_before_the_end_it_warns_then_fails_and_never_accepts_what_expired()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (days, said) in new[] { (10.02, "warning: TLS certificate expires in 10 d"), (1.02, "TLS certificate expires in 1 d"), (-3.02, "TLS certificate expired 3 d ago") })
        {
            using var certificate = Certificates.For("127.0.0.1", now.AddDays(-60), now.AddDays(days));
            await using var web = await WebTarget.StartAsync(certificate: certificate);
            var seen = await _probe.CheckAsync(new TlsSettings { Host = "127.0.0.1", Port = web.Port, Thumbprint = Print(certificate) });
            Assert.Equal(said, seen.Words());
            Assert.Equal(days, seen.Value("days_left"), 0.05);
        }
    }

    [Fact]
    public async Task A_pinned_certificate_is_that_one_and_no_other()
    {
        using var one = Certificates.For("127.0.0.1");
        using var other = Certificates.For("127.0.0.1");
        await using var web = await WebTarget.StartAsync(certificate: one);
        Assert.Equal("", await _probe.ReasonOf(new TlsSettings { Host = "127.0.0.1", Port = web.Port, Thumbprint = string.Join(':', Print(one).Chunk(2).Select(c => new string(c))).ToUpperInvariant() }));
        Assert.Equal($"TLS certificate is another one than the accepted one; its SHA-256 is {Print(one)}", await _probe.ReasonOf(new TlsSettings { Host = "127.0.0.1", Port = web.Port, Thumbprint = Print(other) }));
        Assert.Equal("TLS certificate is self-signed, not signed by a known authority", await _probe.ReasonOf(new TlsSettings { Host = "127.0.0.1", Port = web.Port }));
    }

    [Fact]
    public async Task Behind_STARTTLS_of_a_mail_server_it_looks_at_the_same_certificate()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        var server = mail.Server;
        Assert.Equal("", await _probe.ReasonOf(At(server.Port, StartTls.Smtp, server.Thumbprint)));
        Assert.Equal("", await _probe.ReasonOf(At(server.ImapPort, StartTls.Imap, server.Thumbprint)));
        Assert.Equal("", await _probe.ReasonOf(At(server.TlsPort, StartTls.None, server.Thumbprint)));
        Assert.Equal("warning: TLS certificate expires in 1 d 23 h", (await _probe.ReasonOf(At(server.Port, StartTls.Smtp, server.Thumbprint) with { Fail = TimeSpan.Zero, Warn = TimeSpan.FromDays(14) })).Replace("in 2 d", "in 1 d 23 h", StringComparison.Ordinal));
        foreach (var at in new[] { At(server.Port, StartTls.Smtp, null), At(server.ImapPort, StartTls.Imap, null) })
        {
            Assert.Equal("TLS certificate is self-signed, not signed by a known authority", await _probe.ReasonOf(at));
            Assert.Equal("TLS certificate is for localhost, 127.0.0.1, not mail.example.org", await _probe.ReasonOf(at with { ServerName = "mail.example.org" }));
            Assert.StartsWith("TLS certificate expires in ", await _probe.ReasonOf(at with { Thumbprint = server.Thumbprint, Warn = TimeSpan.FromDays(9), Fail = TimeSpan.FromDays(8) }));
            Assert.Equal("TLS certificate expired 3 d ago", await _probe.ReasonInDays(at with { Thumbprint = server.Thumbprint }, 5.001));
        }
        Assert.Equal($"127.0.0.1:{server.PlainPort} does not offer STARTTLS", await _probe.ReasonOf(At(server.PlainPort, StartTls.Smtp, null)));
        Assert.Equal($"{MailServer.PlainImapHost}:{server.ImapPort} does not offer STARTTLS", await _probe.ReasonOf(At(server.ImapPort, StartTls.Imap, null) with { Host = MailServer.PlainImapHost }));
        Assert.StartsWith($"127.0.0.1:{server.RefusingPort} answers: 554 5.7.1 ", await _probe.ReasonOf(At(server.RefusingPort, StartTls.Smtp, null)));
        Assert.Equal($"127.0.0.1:{server.ImapPort} does not speak SMTP", await _probe.ReasonOf(At(server.ImapPort, StartTls.Smtp, null)));
        Assert.Equal($"127.0.0.1:{server.Port} does not speak IMAP", await _probe.ReasonOf(At(server.Port, StartTls.Imap, null)));
    }

    [Fact]
    public async Task A_server_without_STARTTLS_or_TLS_is_told_so()
    {
        using var smtp = new RawTarget(said => said.Length == 0 ? "220 mail\r\n"u8.ToArray() : []);
        Assert.Equal("connection closed before an answer", await _probe.ReasonOf(At(smtp.Port, StartTls.Smtp, null)));
        Assert.Equal($"TLS handshake with 127.0.0.1:{smtp.Port} failed", await _probe.ReasonOf(At(smtp.Port, StartTls.None, null)));
        using var busy = new RawTarget(_ => "* BYE too many connections\r\n"u8.ToArray());
        Assert.Equal($"127.0.0.1:{busy.Port} answers: * BYE too many connections", await _probe.ReasonOf(At(busy.Port, StartTls.Imap, null)));
        Assert.Equal($"127.0.0.1:{busy.Port} does not speak PostgreSQL", await _probe.ReasonOf(At(busy.Port, StartTls.Postgres, null)));
        using var other = new RawTarget(_ => [0x30, 3, 2, 1, 1]); // a message, and none of LDAP's
        Assert.Equal($"127.0.0.1:{other.Port} does not speak LDAP", await _probe.ReasonOf(At(other.Port, StartTls.Ldap, null)));
        var closed = RealProgram.FreePort();
        foreach (var how in Enum.GetValues<StartTls>()) Assert.Equal($"connection refused by 127.0.0.1:{closed}", await _probe.ReasonOf(At(closed, how, null)));
    }

    [Fact]
    public async Task A_server_that_promises_STARTTLS_and_cannot_keep_it_is_quoted()
    {
        // As Postfix says it when its key is gone.
        await using var smtp = new ScriptedSmtp { Answer = (verb, _) => verb switch { "EHLO" => "250-scripted\r\n250 STARTTLS", "STARTTLS" => "454 4.7.0 TLS not available due to local problem", _ => null } };
        Assert.Equal($"127.0.0.1:{smtp.Port} answers: 454 4.7.0 TLS not available due to local problem", await _probe.ReasonOf(At(smtp.Port, StartTls.Smtp, null)));
    }

    [Fact]
    public async Task One_that_is_not_valid_yet_or_not_for_servers_is_told_so()
    {
        var now = TimeProvider.System.GetUtcNow();
        using (var early = Certificates.For("127.0.0.1", now.AddDays(2), now.AddDays(30)))
        {
            await using var web = await WebTarget.StartAsync(certificate: early);
            Assert.StartsWith("TLS certificate is valid only from ", await _probe.ReasonOf(new TlsSettings { Host = "127.0.0.1", Port = web.Port }));
        }
        using var authority = Certificates.For("Our own authority");
        using var certificate = Certificates.For("127.0.0.1", signedBy: authority, usage: "1.3.6.1.5.5.7.3.2"); // of a client
        using var listener = new TcpListener(IPAddress.Loopback, 0); // a web server would not start with it
        listener.Start();
        var serving = ServeAsync(listener, certificate);
        Assert.StartsWith("TLS certificate is not valid: ", await _probe.ReasonOf(new TlsSettings { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, Authority = authority.ExportCertificatePem() }));
        await serving;
    }

    private static async Task ServeAsync(TcpListener listener, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(certificate);
    }

    [Fact]
    public void What_cannot_work_is_refused_when_it_is_written()
    {
        var input = new InputMap([new("host", new InputScalar("x", false, null), null), new("thumbprint", new InputScalar("12", false, null), null), new("authority", new InputScalar("x", false, null), null)], null);
        Assert.Equal(["thumbprint", "authority"], InputReader.Read<TlsSettings>(input).Refusal!.Errors.Select(e => e.Field));
    }

    private static TlsSettings At(int port, StartTls how, string? thumbprint) => new() { Host = "127.0.0.1", Port = port, StartTls = how, Thumbprint = thumbprint, Warn = TimeSpan.FromDays(1), Fail = TimeSpan.Zero };

    private static string Print(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(certificate.RawData));
}

/// <summary>One mail server for the tests of a class; none where it cannot run.</summary>
public sealed class MailNeighbour : IAsyncLifetime
{
    public MailServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (MailServer.CanRun) Server = await MailServer.CreateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
    }
}
