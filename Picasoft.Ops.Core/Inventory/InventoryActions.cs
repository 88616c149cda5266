using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>
/// What people and programs do to hosts and services. One change at a time in the whole cluster, so that two good changes cannot make a bad whole (a cycle).
/// <c>expected</c> is the version the actor saw; null: whatever it is now. What the configuration file manages is refused.
/// </summary>
public sealed class InventoryActions(IDbContextFactory<OpsDbContext> contexts, IEnumerable<IInventoryUser> users, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>; the id is 0.</summary>
    public const string Topic = "inventory";

    private const long LockKey = 0x4F50_5349_4E56; // "OPSINV"

    public Task<Outcome<Host>> CreateHostAsync(HostInput input, Actor actor, CancellationToken cancel) =>
        CreateAsync<Host, HostInput>("host", input, actor, cancel);

    public Task<Outcome<Host>> UpdateHostAsync(string name, HostInput input, Actor actor, uint? expected, CancellationToken cancel) =>
        UpdateAsync<Host, HostInput>("host", name, input, actor, expected, cancel);

    public Task<Outcome<Host>> DeleteHostAsync(string name, Actor actor, uint? expected, CancellationToken cancel) =>
        DeleteAsync<Host, HostInput>("host", name, actor, expected, cancel, async db =>
            (await db.Services.Where(s => s.Host == name).OrderBy(s => s.Name).Select(s => s.Name).ToListAsync(cancel)).ConvertAll(s => $"service:{s}"));

    public Task<Outcome<Service>> CreateServiceAsync(ServiceInput input, Actor actor, CancellationToken cancel) =>
        CreateAsync<Service, ServiceInput>("service", input, actor, cancel, db => WrongAsync(db, input, cancel));

    public Task<Outcome<Service>> UpdateServiceAsync(string name, ServiceInput input, Actor actor, uint? expected, CancellationToken cancel) =>
        UpdateAsync<Service, ServiceInput>("service", name, input, actor, expected, cancel, db => WrongAsync(db, input, cancel));

    /// <summary>What helped becomes a step at the end of the service's runbook.</summary>
    public Task<Outcome<Service>> AddRunbookStepAsync(string name, string text, string? command, Actor actor, CancellationToken cancel) => InTransactionAsync<Service>(cancel, async db =>
    {
        if (await db.Services.SingleOrDefaultAsync(s => s.Name == name, cancel) is not { } service) return Refusal.NotFound("service", name);
        if (Refused(service, null, name) is { } refusal) return refusal;
        var runbook = service.Runbook?.Trim() ?? "";
        if (Runbook.IsElsewhere(runbook)) return Refusal.Conflict(Phrase.Of("inventory.runbook_elsewhere", runbook));
        if (Runbook.Has(runbook, text, command)) return service; // a second tap of the thumb, or somebody was faster
        var before = ServiceInput.Of(service);
        service.Runbook = $"{runbook}\n\n{Runbook.Step(text, command)}".Trim();
        if (service.Runbook.Length > ServiceInput.MaxRunbook) return Refusal.Invalid("runbook", Phrase.Of("input.length", 0, ServiceInput.MaxRunbook));
        Audit(db, actor, "service.update", name, before, ServiceInput.Of(service));
        return service;
    });

    public Task<Outcome<Service>> DeleteServiceAsync(string name, Actor actor, uint? expected, CancellationToken cancel) =>
        DeleteAsync<Service, ServiceInput>("service", name, actor, expected, cancel, async db =>
        {
            var by = (await db.Services.Where(s => s.DependsOn.Contains(name)).OrderBy(s => s.Name).Select(s => s.Name).ToListAsync(cancel)).ConvertAll(s => $"service:{s}");
            foreach (var user in users) by.AddRange(await user.UsersOfServiceAsync(db, name, cancel));
            return by;
        });

    /// <summary>Waits until nobody else changes the inventory; held until the transaction ends.</summary>
    public static Task LockAsync(OpsDbContext db, CancellationToken cancel) => db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({LockKey})", cancel);

    private Task<Outcome<TItem>> CreateAsync<TItem, TInput>(string kind, TInput input, Actor actor, CancellationToken cancel, Func<OpsDbContext, Task<List<FieldError>>>? wrong = null)
        where TItem : class, ICatalogued, new() where TInput : class, ICatalogueInput<TItem, TInput> => InTransactionAsync<TItem>(cancel, async db =>
        {
            if (await db.Set<TItem>().AnyAsync(i => i.Name == input.Name, cancel)) return Refusal.Invalid("name", Phrase.Of("input.taken", input.Name));
            if (wrong is not null && await wrong(db) is { Count: > 0 } errors) return Refusal.Invalid(errors);
            var item = new TItem();
            input.WriteTo(item);
            db.Add(item);
            Audit(db, actor, kind + ".create", input.Name, null, input);
            return item;
        });

    private Task<Outcome<TItem>> UpdateAsync<TItem, TInput>(string kind, string name, TInput input, Actor actor, uint? expected, CancellationToken cancel, Func<OpsDbContext, Task<List<FieldError>>>? wrong = null)
        where TItem : class, ICatalogued where TInput : class, ICatalogueInput<TItem, TInput> => InTransactionAsync<TItem>(cancel, async db =>
        {
            var item = await db.Set<TItem>().SingleOrDefaultAsync(i => i.Name == name, cancel);
            if (item is null) return Refusal.NotFound(kind, name);
            if (Refused(item, expected, input.Name) is { } refusal) return refusal;
            if (wrong is not null && await wrong(db) is { Count: > 0 } errors) return Refusal.Invalid(errors);
            var before = TInput.Of(item);
            input.WriteTo(item);
            Audit(db, actor, kind + ".update", name, before, input);
            return item;
        });

    private Task<Outcome<TItem>> DeleteAsync<TItem, TInput>(string kind, string name, Actor actor, uint? expected, CancellationToken cancel, Func<OpsDbContext, Task<List<string>>> usersOf)
        where TItem : class, ICatalogued where TInput : class, ICatalogueInput<TItem, TInput> => InTransactionAsync<TItem>(cancel, async db =>
        {
            var item = await db.Set<TItem>().SingleOrDefaultAsync(i => i.Name == name, cancel);
            if (item is null) return Refusal.NotFound(kind, name);
            if (Refused(item, expected, name) is { } refusal) return refusal;
            if (await usersOf(db) is { Count: > 0 } by) return Refusal.Conflict(Phrase.Of("inventory.in_use", name, string.Join(", ", by)));
            db.Remove(item);
            Audit(db, actor, kind + ".delete", name, TInput.Of(item), null);
            return item;
        });

    private static async Task<List<FieldError>> WrongAsync(OpsDbContext db, ServiceInput input, CancellationToken cancel)
    {
        var hosts = input.Host is null ? [] : await db.Hosts.Where(h => h.Name == input.Host).Select(h => h.Name).ToListAsync(cancel);
        var others = await db.Services.Where(s => s.Name != input.Name).Select(s => new { s.Name, s.DependsOn }).ToListAsync(cancel);
        return [.. InventoryRules.Wrong(input, hosts, others.ToDictionary(s => s.Name, s => (IReadOnlyList<string>)s.DependsOn, StringComparer.Ordinal))];
    }

    private static Refusal? Refused(ICatalogued item, uint? expected, string newName) =>
        item.FromFile ? Refusal.Conflict(Phrase.Of("refused.from_file", item.Name))
        : expected is not null && expected != item.Version ? Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"))
        : newName != item.Name ? Refusal.Invalid("name", Phrase.Of("input.renamed", item.Name)) : null;

    private void Audit(OpsDbContext db, Actor actor, string action, string target, object? before, object? after) =>
        db.Audit.Add(AuditEntry.Of(actor, action, target, before, after, time.GetUtcNow()));

    private async Task<Outcome<T>> InTransactionAsync<T>(CancellationToken cancel, Func<OpsDbContext, Task<Outcome<T>>> change)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await LockAsync(db, cancel);
        var outcome = await change(db);
        if (!outcome.IsDone) return outcome;
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        return outcome;
    }
}
