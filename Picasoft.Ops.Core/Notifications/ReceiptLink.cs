using System.Globalization;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>What the link in a test message says: which delivery arrived. Signed: who has it has had the message. Pure.</summary>
public sealed record ReceiptLink(long Delivery)
{
    /// <summary>In a mail, for the product itself when it reads its own mailbox.</summary>
    public const string Header = "X-Picasoft-Receipt";

    private string Signed => string.Create(CultureInfo.InvariantCulture, $"receipt:{Delivery}");

    /// <summary>As it stands in <c>/received/{signed}</c>.</summary>
    public string Sign(LinkSigner signer) => string.Create(CultureInfo.InvariantCulture, $"{Delivery}.{signer.Sign(Signed)}");

    /// <summary>Null: not ours.</summary>
    public static ReceiptLink? Read(string signed, LinkSigner signer) =>
        signed.Split('.') is [var id, var signature] && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var delivery) && new ReceiptLink(delivery) is var link && signer.IsSigned(link.Signed, signature) ? link : null;
}
