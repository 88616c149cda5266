using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>Whoever reads a test message says that it arrived, be it a person or the product in its own mailbox: what a server took is not yet what somebody saw.</summary>
public sealed class ReceiptActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>What the link is about; null: it is kept no longer.</summary>
    public async Task<Delivery?> FindAsync(ReceiptLink link, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == link.Delivery, cancel);
    }

    /// <summary>It arrived; said again, the first time counts.</summary>
    public async Task ConfirmAsync(ReceiptLink link, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        await db.Deliveries.Where(d => d.Id == link.Delivery && d.ConfirmedAt == null).ExecuteUpdateAsync(set => set.SetProperty(d => d.ConfirmedAt, now), cancel);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, link.Delivery, cancel);
    }
}
