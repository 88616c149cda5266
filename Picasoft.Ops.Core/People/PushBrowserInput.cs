using System.Buffers.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.People;

/// <summary>What a browser says of itself when it subscribes (Push API).</summary>
public sealed record PushBrowserInput : IChecked
{
    [Setting(Required = true, MaxLength = 2000)]
    public string Endpoint { get; init; } = "";

    /// <summary>An uncompressed point of P-256: 65 bytes as base64url.</summary>
    [Setting(Required = true, MaxLength = 100)]
    public string P256dh { get; init; } = "";

    /// <summary>16 bytes as base64url.</summary>
    [Setting(Required = true, MaxLength = 30)]
    public string Auth { get; init; } = "";

    [Setting(MaxLength = 100, Example = "Firefox, Android")]
    public string Name { get; init; } = "";

    public IEnumerable<FieldError> Check()
    {
        if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback)) yield return new("endpoint", Phrase.Of("http.not_a_url"));
        if (!Is(P256dh, 65)) yield return new("p256dh", Phrase.Of("person.bad_push_key", 65));
        if (!Is(Auth, 16)) yield return new("auth", Phrase.Of("person.bad_push_key", 16));
    }

    private static bool Is(string text, int bytes) => Base64Url.IsValid(text, out var length) && length == bytes;
}
