using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Reports;

/// <summary>What people and the configuration file decide about the public status page.</summary>
public sealed class StatusPageActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time) : IInventoryUser
{
    /// <summary>Name of the only one.</summary>
    public const string Name = "status_page";

    /// <summary>Its row; null: there is no such page.</summary>
    public async Task<Policy?> FindAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Policies.AsNoTracking().SingleOrDefaultAsync(p => p.Kind == PolicyKind.StatusPage, cancel);
    }

    /// <summary>Writes it anew; null: there is none any more.</summary>
    /// <param name="version">The one the actor saw; null: whichever.</param>
    public Task<Outcome<Policy>> UpdateAsync(StatusPageInput? input, uint? version, Actor actor, CancellationToken cancel) => contexts.InTransactionAsync<Policy>(async db =>
    {
        await InventoryActions.LockAsync(db, cancel); // the services that it names stay
        var row = await db.Policies.SingleOrDefaultAsync(p => p.Kind == PolicyKind.StatusPage, cancel);
        if (row?.FromFile == true) return Refusal.Conflict(Phrase.Of("refused.from_file", Name));
        if (version is not null && row?.Version != version) return Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"));
        if (input is not null && await UnknownAsync(db, input, cancel) is { Count: > 0 } errors) return Refusal.Invalid(errors);
        return await SaveAsync(db, row, input, actor, cancel);
    }, cancel);

    /// <summary>Within the caller's transaction. <paramref name="input"/>: null takes it away.</summary>
    public async Task<Policy> SaveAsync(OpsDbContext db, Policy? row, StatusPageInput? input, Actor actor, CancellationToken cancel)
    {
        var before = row is null ? null : Of(row);
        if (input is null)
        {
            if (row is not null) db.Policies.Remove(row);
        }
        else
        {
            row ??= db.Policies.Add(new() { Kind = PolicyKind.StatusPage, Name = Name, Position = 1 }).Entity;
            (row.Definition, row.FromFile) = (Json.Text(input), actor.Kind == ActorKind.File);
        }
        db.Audit.Add(AuditEntry.Of(actor, "status_page." + (input is null ? "delete" : before is null ? "create" : "update"), Name, before, input, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Policy.Topic, 0, cancel);
        return row ?? new();
    }

    public async Task<IReadOnlyList<string>> UsersOfServiceAsync(OpsDbContext db, string service, CancellationToken cancel) =>
        await db.Policies.SingleOrDefaultAsync(p => p.Kind == PolicyKind.StatusPage, cancel) is { } row && Of(row).Services.Contains(service, StringComparer.Ordinal) ? [Name] : [];

    public static StatusPageInput Of(Policy row) => Json.Parse<StatusPageInput>(row.Definition);

    private static async Task<List<FieldError>> UnknownAsync(OpsDbContext db, StatusPageInput input, CancellationToken cancel)
    {
        var known = await db.Services.Select(s => s.Name).ToListAsync(cancel);
        return [.. input.Services.Index().Where(s => !known.Contains(s.Item, StringComparer.Ordinal)).Select(s => new FieldError($"services[{s.Index}]", Phrase.Of("inventory.no_service", s.Item)))];
    }
}
