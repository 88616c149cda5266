using System.Security.Cryptography;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// Seals secrets with AES-256-GCM under a key that is not in the database (<c>OPS_SECRET_KEY</c>, or <c>secret.key</c> in the state directory),
/// so that a stolen dump holds none of them.
/// </summary>
public sealed class SecretBox : ISecretBox
{
    private const string Prefix = "v1:";
    private readonly byte[] _key;

    /// <param name="key">Any text of 32 characters or more; a 256-bit key is derived from it.</param>
    public SecretBox(string key)
    {
        if (key.Length < 32) throw new ArgumentException("OPS_SECRET_KEY must have 32 characters or more; make one with: openssl rand -hex 32", nameof(key));
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key), 32, info: "picasoft-ops secrets"u8.ToArray());
    }

    public string Seal(string secret)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var sealedBytes = new byte[12 + 16 + plain.Length];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, 12));
        using var aes = new AesGcm(_key, 16);
        aes.Encrypt(sealedBytes.AsSpan(0, 12), plain, sealedBytes.AsSpan(28), sealedBytes.AsSpan(12, 16));
        return Prefix + Convert.ToBase64String(sealedBytes);
    }

    public string Open(string sealedText)
    {
        if (sealedText.Length == 0) return "";
        try
        {
            var bytes = Convert.FromBase64String(sealedText.StartsWith(Prefix, StringComparison.Ordinal) ? sealedText[Prefix.Length..] : "");
            var plain = new byte[bytes.Length - 28];
            using var aes = new AesGcm(_key, 16);
            aes.Decrypt(bytes.AsSpan(0, 12), bytes.AsSpan(28), bytes.AsSpan(12, 16), plain);
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidOperationException("A stored secret was sealed with another key. Put the secret.key of the old state directory back (or its text in OPS_SECRET_KEY), or enter the secret again.", e);
        }
    }
}
