using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>The digest of the logs, up to the last day of its reader that was over when it fell due.</summary>
public sealed class DigestLetter(IDbContextFactory<OpsDbContext> contexts, LogDigestQueries digests, TimeProvider time) : ILetter
{
    public IReadOnlyList<string> Reasons { get; } = [DeliveryReason.DigestDay, DeliveryReason.DigestWeek];

    public async Task<(string Subject, string Text, string? Html)> WriteAsync(Delivery delivery, string channel, string url, string language, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var contacts = delivery.Person is null ? null : await db.People.AsNoTracking().Where(p => p.Name == delivery.Person).Select(p => p.Contacts).FirstOrDefaultAsync(cancel);
        var zone = QuietInput.ZoneOf(contacts?.Quiet, time.LocalTimeZone);
        var digest = await digests.ReadAsync(LogDays.Of(delivery.CreatedAt, zone).AddDays(-1), delivery.Reason == DeliveryReason.DigestDay ? 1 : 7, zone, cancel);
        return DigestWriter.Write(digest, channel, url, language, zone);
    }
}
