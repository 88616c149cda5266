using System.Globalization;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>The whole plan by mail, so that everybody has it where nothing of ours has to run.</summary>
public sealed class RecoveryLetter(ReadinessQueries readiness) : ILetter
{
    public IReadOnlyList<string> Reasons { get; } = [DeliveryReason.RecoveryPlan];

    public async Task<(string Subject, string Text, string? Html)> WriteAsync(Delivery delivery, string channel, string url, string language, CancellationToken cancel)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        var text = await readiness.DocumentAsync(culture, cancel);
        return ($"{MessageWriter.Mark} {Phrase.Of("doc.subject", delivery.CreatedAt.ToString("yyyy-MM", CultureInfo.InvariantCulture)).In(culture)}", $"{Phrase.Of("doc.keep").In(culture)}\n{url}/recovery/document\n\n{text}", null);
    }
}
