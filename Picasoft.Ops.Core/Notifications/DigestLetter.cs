using Picasoft.Ops.Core.Logs.Patterns;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>The digest of the logs, up to the day before it is sent.</summary>
public sealed class DigestLetter(LogDigestQueries digests, TimeProvider time) : ILetter
{
    public IReadOnlyList<string> Reasons { get; } = [DeliveryReason.DigestDay, DeliveryReason.DigestWeek];

    public async Task<(string Subject, string Text, string? Html)> WriteAsync(Delivery delivery, string channel, string url, string language, CancellationToken cancel) =>
        DigestWriter.Write(await digests.ReadAsync(LogDays.Of(delivery.CreatedAt, time.LocalTimeZone).AddDays(-1), delivery.Reason == DeliveryReason.DigestDay ? 1 : 7, cancel), channel, url, language);
}
