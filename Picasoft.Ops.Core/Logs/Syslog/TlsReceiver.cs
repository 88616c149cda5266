using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>Our side of syslog over TLS (RFC 5425): a certificate to show, and the authorities whose certificates senders must show.</summary>
internal sealed class TlsReceiver
{
    private readonly SslServerAuthenticationOptions _options;

    private TlsReceiver(X509Certificate2 certificate, X509Certificate2Collection above, X509Certificate2Collection? clients)
    {
        _options = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, above, offline: true),
            ClientCertificateRequired = clients is not null,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (clients is null) return;
        _options.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        _options.CertificateChainPolicy.CustomTrustStore.AddRange(clients);
        _options.RemoteCertificateValidationCallback = (_, shown, _, errors) => shown is not null && (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
    }

    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It is no certificate, or not the key of it.</exception>
    public static TlsReceiver Load(SyslogEndpoint endpoint)
    {
        using var pem = X509Certificate2.CreateFromPemFile(endpoint.Certificate!, endpoint.Key ?? endpoint.Certificate);
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null); // a key out of a file alone is not taken by every platform
        var above = new X509Certificate2Collection();
        above.ImportFromPemFile(endpoint.Certificate!);
        X509Certificate2Collection? clients = null;
        if (endpoint.Clients is not null)
        {
            clients = [];
            clients.ImportFromPemFile(endpoint.Clients);
        }
        return new(certificate, above, clients);
    }

    public async Task<Stream> WelcomeAsync(Stream stream, CancellationToken cancel)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsServerAsync(_options, cancel);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
