using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// Signs what we hand out and get back: links in messages, buttons in a chat, addresses of feeds. Its key comes from the one that seals secrets:
/// every node accepts what another signed, and a stolen dump cannot make one.
/// </summary>
public sealed class LinkSigner
{
    private readonly byte[] _key;

    /// <param name="key">That of <see cref="SecretBox"/>.</param>
    public LinkSigner(string key) => _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key), 32, info: "picasoft-ops links"u8.ToArray());

    /// <summary>128 bits as 22 characters that may stand in a URL.</summary>
    public string Sign(string text) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    /// <summary>32 bytes for another purpose, the same on every node.</summary>
    public byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, 32, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>In constant time.</summary>
    public bool IsSigned(string text, string? signature) =>
        signature is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(text)), Encoding.ASCII.GetBytes(signature));
}
