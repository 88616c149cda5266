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
        Assert.Equal($"127.0.0.1:{server.ImapPort} does not speak SMTP", await _probe.ReasonOf(At(server.ImapPort, StartTls.Smtp, null)));
        Assert.Equal($"127.0.0.1:{server.Port} does not speak IMAP", await _probe.ReasonOf(At(server.Port, StartTls.Imap, null)));
    }

    [Fact]
    public async Task A_server_without_STARTTLS_or_TLS_is_told_so()
    {
        using var smtp = new RawTarget(said => said.Length == 0 ? "220 mail\r\n"u8.ToArray() : []);
        Assert.Equal("connection closed before an answer", await _probe.ReasonOf(At(smtp.Port, StartTls.Smtp, null)));
        Assert.Equal($"TLS handshake with 127.0.0.1:{smtp.Port} failed", await _probe.ReasonOf(At(smtp.Port, StartTls.None, null)));
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
