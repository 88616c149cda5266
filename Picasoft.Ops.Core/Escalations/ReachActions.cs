using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>"Reach me now": a test message to one person, by exactly the ways that an escalation would use.</summary>
public sealed class ReachActions(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, TimeProvider time)
{
    public async Task<Outcome<IReadOnlyList<Delivery>>> ReachAsync(string person, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var now = time.GetUtcNow();
        var book = await AddressBookQueries.OfPeopleAsync(db, kinds, [person], cancel);
        var ways = book.Find([new(NotifyTarget.Person, person)], now);
        if (ways.Count == 0) return Refusal.Conflict(Phrase.Of("notice.no_way", person));
        var test = $"test:{Guid.NewGuid():N}";
        List<Delivery> deliveries = [.. ways.Select(w => w.Message(test, DeliveryReason.Test, now))];
        db.Deliveries.AddRange(deliveries);
        db.Audit.Add(AuditEntry.Of(actor, "person.reach", person, null, new { channels = ways.Select(w => w.ChannelName) }, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        return deliveries;
    }
}
