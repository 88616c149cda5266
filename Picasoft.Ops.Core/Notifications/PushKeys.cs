using System.Buffers.Text;
using System.Security.Cryptography;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Who we are to push services (VAPID, RFC 8292): a pair of keys that comes from the product's own, so that every node has the same and nobody has to make one.</summary>
public sealed class PushKeys
{
    // The order of P-256: a private key is a number below it. About one in 2^32 is not.
    private static readonly byte[] _order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    public PushKeys(LinkSigner signer)
    {
        var secret = signer.Derive("web push");
        for (var n = 1; secret.AsSpan().SequenceCompareTo(_order) >= 0; n++) secret = signer.Derive($"web push {n}");
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret });
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        (Public, Private) = (Base64Url.EncodeToString([4, .. point.X!, .. point.Y!]), Base64Url.EncodeToString(secret));
    }

    /// <summary>What a browser is told when it subscribes: base64url of the uncompressed point.</summary>
    public string Public { get; }

    internal string Private { get; }
}
