using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>The digest of the logs, up to the last day that was over when it fell due.</summary>
public sealed class DigestLetter(IDbContextFactory<OpsDbContext> contexts, LogDigestQueries digests, TimeProvider time) : ILetter
{
    public IReadOnlyList<string> Reasons { get; } = [DeliveryReason.DigestDay, DeliveryReason.DigestWeek];

    public async Task<(string Subject, string Text, string? Html)> WriteAsync(Delivery delivery, string channel, string url, string language, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var contacts = delivery.Person is null ? null : await db.People.AsNoTracking().Where(p => p.Name == delivery.Person).Select(p => p.Contacts).FirstOrDefaultAsync(cancel);
        var digest = await digests.ReadAsync(LogDays.Of(delivery.CreatedAt, time.LocalTimeZone).AddDays(-1), delivery.Reason == DeliveryReason.DigestDay ? 1 : 7, cancel);
        return DigestWriter.Write(digest, channel, url, language, DigestJob.ZoneOf(contacts?.Quiet, time.LocalTimeZone));
    }
}
