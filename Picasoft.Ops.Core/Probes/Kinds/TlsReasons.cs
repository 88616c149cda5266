using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Says in words why a certificate was not accepted. Pure.</summary>
internal static class TlsReasons
{
    private const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <param name="host">The name we asked for.</param>
    public static Phrase Of(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors, string host, DateTimeOffset now)
    {
        // The date first: it is the common one, and an expired certificate is often wrong in other ways as well.
        var all = chain?.ChainElements.Select(e => e.Certificate).ToList() ?? [certificate];
        if (all.Find(c => c.NotAfter.ToUniversalTime() < now.UtcDateTime) is { } expired) return Phrase.Of("probe.tls_expired", now - new DateTimeOffset(expired.NotAfter.ToUniversalTime()));
        if (all.Find(c => c.NotBefore.ToUniversalTime() > now.UtcDateTime) is { } early) return Phrase.Of("probe.tls_not_yet", new DateTimeOffset(early.NotBefore.ToUniversalTime()));
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return Phrase.Of("probe.tls_name", ProbeReasons.Shown(Names(certificate)), ProbeReasons.Shown(host));
        var status = chain?.ChainStatus ?? [];
        if (certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)) return Phrase.Of("probe.tls_self_signed");
        return Array.Exists(status, s => (s.Status & Untrusted) != X509ChainStatusFlags.NoError) || status.Length == 0
            ? Phrase.Of("probe.tls_untrusted")
            : Phrase.Of("probe.tls_invalid", ProbeReasons.Shown(status[0].StatusInformation.Trim().TrimEnd('.')));
    }

    private static string Names(X509Certificate2 certificate)
    {
        var san = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var names = san is null ? [] : san.EnumerateDnsNames().Concat(san.EnumerateIPAddresses().Select(a => a.ToString())).ToList();
        if (names.Count == 0) return certificate.GetNameInfo(X509NameType.SimpleName, false);
        return string.Join(", ", names.Take(3)) + (names.Count > 3 ? ", …" : "");
    }
}
