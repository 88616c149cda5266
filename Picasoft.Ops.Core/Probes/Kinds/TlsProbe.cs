using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Whose certificate to look at, and when to worry.</summary>
public sealed record TlsSettings : IChecked
{
    [Setting(Required = true, MaxLength = 253, Example = "mail.example.org")]
    public string Host { get; init; } = "";

    [Setting(Min = "1", Max = "65535", Example = "443")]
    public int? Port { get; init; }

    /// <summary>What is said in the clear before TLS begins.</summary>
    public StartTls StartTls { get; init; }

    /// <summary>The name the certificate must be made out to, if it is not that of the host.</summary>
    [Setting(MaxLength = 253, Example = "team.example.org")]
    public string? ServerName { get; init; }

    /// <summary>This long before it expires the probe warns.</summary>
    [Setting(Min = "0s", Max = "365d")]
    public TimeSpan Warn { get; init; } = TimeSpan.FromDays(14);

    /// <summary>This long before it expires the probe fails; an expired certificate always does.</summary>
    [Setting(Min = "0s", Max = "365d")]
    public TimeSpan Fail { get; init; } = TimeSpan.FromDays(2);

    /// <summary>False: whoever signed it and for whatever name.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>SHA-256 of a self-signed certificate: exactly that one is accepted.</summary>
    [Setting(MaxLength = 100)]
    public string? Thumbprint { get; init; }

    /// <summary>Certificates (PEM) of an authority of one's own, trusted instead of the system's.</summary>
    [Setting(MaxLength = 65536, Multiline = true)]
    public string? Authority { get; init; }

    public IpVersion IpVersion { get; init; }

    public IEnumerable<FieldError> Check()
    {
        foreach (var error in CertificateJudge.Check(Thumbprint)) yield return error;
        if (!string.IsNullOrWhiteSpace(Authority) && !IsPem(Authority)) yield return new("authority", Phrase.Of("probe.input.not_pem"));
    }

    private static bool IsPem(string text)
    {
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(text);
            return found.Count > 0;
        }
        catch (CryptographicException) { return false; }
    }
}

/// <summary>A server presents a certificate that is trusted, made out to it, and good for some time yet.</summary>
public sealed class TlsProbe(TimeProvider time) : Probe<TlsSettings>
{
    public override string Kind => "tls";

    public override ProbeGroup Group => ProbeGroup.Web;

    protected override string Target(TlsSettings settings) =>
        TcpProbe.Endpoint(settings.Host, PortOf(settings)) + (settings.StartTls == StartTls.None ? "" : $" (STARTTLS, {Words.Of(settings.StartTls)})");

    protected override async ValueTask<Observation> CheckAsync(TlsSettings settings, ProbeContext context, CancellationToken cancel)
    {
        var port = PortOf(settings);
        try
        {
            using var socket = await TcpProbe.ConnectAsync(settings.Host, port, settings.IpVersion, cancel);
            await using var stream = new NetworkStream(socket);
            await StartTlsRunner.BeginAsync(stream, settings.StartTls, TcpProbe.Endpoint(settings.Host, port), cancel);
            var name = string.IsNullOrEmpty(settings.ServerName) ? settings.Host : settings.ServerName;
            var judge = new CertificateJudge(name, settings.Verify, settings.Thumbprint, context.Now);
            await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
            var begun = time.GetTimestamp();
            await tls.AuthenticateAsClientAsync(CertificateJudge.Options(name, judge.See, settings.Authority), cancel);
            return Judge(judge, settings, context.Now).With(new Measurement("handshake", time.GetElapsedTime(begun).TotalMilliseconds, "ms"));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, settings.Host, port));
        }
    }

    private static Observation Judge(CertificateJudge judge, TlsSettings settings, DateTimeOffset now)
    {
        if (judge.ExpiresAt is not { } expires) return new(false, judge.Refused);
        var left = expires - now;
        var seen = judge.Refused is not null ? new(false, judge.Refused)
            : left <= settings.Fail ? Observation.Down("probe.tls_soon", left)
            : left <= settings.Warn ? Observation.Warn("probe.tls_soon", left)
            : Observation.Up;
        return seen.With(new Measurement("days_left", left.TotalDays, "d", settings.Warn.TotalDays, settings.Fail.TotalDays));
    }

    private static int PortOf(TlsSettings settings) => settings.Port ?? settings.StartTls switch { StartTls.Smtp => 25, StartTls.Imap => 143, StartTls.Ldap => 389, StartTls.Postgres => 5432, _ => 443 };
}
