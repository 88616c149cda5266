using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Looks at the certificate of one handshake. Accepts it in any case, so that a bad one can be told apart from a broken connection; ask <see cref="Refused"/> afterwards.</summary>
/// <param name="host">The name it must be made out to.</param>
/// <param name="verify">False: any certificate will do, whoever signed it and for whom; its dates still count.</param>
/// <param name="thumbprint">Exactly this one (<see cref="Plain"/>), whoever signed it; null: one that a known authority signed.</param>
internal sealed class CertificateJudge(string host, bool verify, string? thumbprint, DateTimeOffset now)
{
    /// <summary>Why it is not accepted; null: it is.</summary>
    public Phrase? Refused { get; private set; }

    /// <summary>When the first certificate of the chain expires; null before the handshake.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>How we shake hands: always as a whole. A session that is taken up (RFC 8446, section 2.2) shows the certificate of its first handshake, and not what the server shows now.</summary>
    /// <param name="host">What it is asked for by; null: the HTTP client fills it in.</param>
    public static SslClientAuthenticationOptions Options(string? host, RemoteCertificateValidationCallback see, string? authorities = null) =>
        new() { TargetHost = host, AllowTlsResume = false, CertificateChainPolicy = Policy(authorities), RemoteCertificateValidationCallback = see };

    /// <summary>No look-ups of revocation or missing certificates: they would make our verdict depend on a third machine.</summary>
    /// <param name="authorities">Certificates in PEM that are trusted instead of the system's; null: the system's.</param>
    private static X509ChainPolicy Policy(string? authorities = null)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (string.IsNullOrWhiteSpace(authorities)) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.ImportFromPem(authorities);
        return policy;
    }

    public bool See(object sender, X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        if (presented is not X509Certificate2 certificate) return false; // we offer no way of doing without
        var all = chain?.ChainElements.Select(e => e.Certificate).ToList() is { Count: > 0 } elements ? elements : [certificate];
        ExpiresAt = all.Min(c => new DateTimeOffset(c.NotAfter.ToUniversalTime()));
        if (ExpiresAt < now) Refused = Phrase.Of("probe.tls_expired", now - ExpiresAt.Value);
        else if (thumbprint is { Length: > 0 } pinned)
        {
            var print = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
            if (print != Plain(pinned)) Refused = Phrase.Of("probe.tls_pinned", print);
        }
        else if (verify && errors != SslPolicyErrors.None) Refused = TlsReasons.Of(certificate, chain, errors, host, now);
        return true;
    }

    /// <summary>Ends the check in words when the certificate was not accepted.</summary>
    /// <exception cref="ProbeFailure">It was not.</exception>
    public void ThrowIfRefused()
    {
        if (Refused is not null) throw new ProbeFailure(Refused);
    }

    /// <summary>A SHA-256 as tools write it, with or without colons, in small letters; null if it is not one.</summary>
    public static string? Plain(string? written)
    {
        var plain = (written ?? "").Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        return plain.Length == 64 && plain.All(char.IsAsciiHexDigit) ? plain : null;
    }

    /// <summary>What is wrong with a thumbprint as written, for <see cref="IChecked.Check"/>.</summary>
    public static IEnumerable<FieldError> Check(string? written)
    {
        if (!string.IsNullOrEmpty(written) && Plain(written) is null) yield return new("thumbprint", Phrase.Of("probe.input.thumbprint"));
    }
}
