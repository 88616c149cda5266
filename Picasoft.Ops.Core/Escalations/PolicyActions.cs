using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>What people do to routes, escalations, inhibition, label rules and maintenance windows. One change at a time in the whole cluster, as for the inventory and the file.</summary>
public sealed class PolicyActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Makes the change, with its audit entry, and tells the pages. Answers the row as it is now, or as it last was.</summary>
    public Task<Outcome<Policy>> ChangeAsync(PolicyChange change, Actor actor, CancellationToken cancel) => contexts.InTransactionAsync<Policy>(async db =>
    {
        var shape = PolicyShape.Of(change.Kind);
        await InventoryActions.LockAsync(db, cancel);
        var all = await db.Policies.ToListAsync(cancel);
        object? before = all.Find(p => p.Kind == change.Kind && p.Name == change.Name) is { } old ? Shown(shape, old) : null;
        var carried = change.Carry(all, await PolicyQueries.ExistsAsync(db, cancel));
        if (carried.Refusal is { } refusal) return refusal;
        var row = carried.Value;
        if (change.Name is null) db.Policies.Add(row);
        if (change.IsDelete) db.Policies.Remove(row);
        var what = change.Name is null ? "create" : change.IsDelete ? "delete" : change.Input is null ? "move" : "update";
        db.Audit.Add(AuditEntry.Of(actor, $"{Words.Of(change.Kind)}.{what}", row.Name, before, change.IsDelete ? null : Shown(shape, row), time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Policy.Topic, 0, cancel);
        return row;
    }, cancel);

    private static object Shown(PolicyShape shape, Policy policy) => shape.IsOrdered ? new { policy.Position, rule = shape.InputOf(policy) } : shape.InputOf(policy);
}
