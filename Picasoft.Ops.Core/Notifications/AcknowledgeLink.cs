using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>What a link of one click says: which incident, on whose behalf, until when. Signed, so that it says nothing else. Pure.</summary>
/// <param name="Who">Name of a person, or the address the message went to.</param>
public sealed record AcknowledgeLink(long Incident, string Who, DateTimeOffset Until)
{
    /// <summary>Longer than this nobody acknowledges from an old message.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>As it stands in <c>/a/{signed}</c>.</summary>
    public string Sign(LinkSigner signer)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Incident}\n{Until.ToUnixTimeSeconds()}\n{Who}");
        return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{signer.Sign("acknowledge:" + text)}";
    }

    /// <summary>Null: not ours, or over.</summary>
    public static AcknowledgeLink? Read(string signed, LinkSigner signer, DateTimeOffset now)
    {
        if (signed.Length > 1000 || signed.Split('.') is not [var body, var signature] || !Base64Url.IsValid(body)) return null;
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(body));
        if (!signer.IsSigned("acknowledge:" + text, signature) || text.Split('\n', 3) is not [var number, var until, var who]) return null;
        var link = new AcknowledgeLink(long.Parse(number, CultureInfo.InvariantCulture), who, DateTimeOffset.FromUnixTimeSeconds(long.Parse(until, CultureInfo.InvariantCulture)));
        return link.Until > now ? link : null;
    }
}
