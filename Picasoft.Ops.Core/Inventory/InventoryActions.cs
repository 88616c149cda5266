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
        InTransactionAsync<Host>(cancel, async db =>
        {
            if (await db.Hosts.AnyAsync(h => h.Name == input.Name, cancel)) return Refusal.Invalid("name", Phrase.Of("input.taken", input.Name));
            var host = new Host();
            input.WriteTo(host);
            db.Hosts.Add(host);
            Audit(db, actor, "host.create", input.Name, null, input);
            return host;
        });

    public Task<Outcome<Host>> UpdateHostAsync(string name, HostInput input, Actor actor, uint? expected, CancellationToken cancel) =>
        InTransactionAsync<Host>(cancel, async db =>
        {
            var host = await db.Hosts.SingleOrDefaultAsync(h => h.Name == name, cancel);
            if (host is null) return Refusal.NotFound("host", name);
            if (Refused(host.FromFile, name, host.Version, expected, input.Name) is { } refusal) return refusal;
            var before = HostInput.Of(host);
            input.WriteTo(host);
            Audit(db, actor, "host.update", name, before, input);
            return host;
        });

    public Task<Outcome<Host>> DeleteHostAsync(string name, Actor actor, uint? expected, CancellationToken cancel) =>
        InTransactionAsync<Host>(cancel, async db =>
        {
            var host = await db.Hosts.SingleOrDefaultAsync(h => h.Name == name, cancel);
            if (host is null) return Refusal.NotFound("host", name);
            if (Refused(host.FromFile, name, host.Version, expected, name) is { } refusal) return refusal;
            var on = await db.Services.Where(s => s.Host == name).OrderBy(s => s.Name).Select(s => s.Name).ToListAsync(cancel);
            if (on.Count > 0) return InUse(name, on.Select(s => $"service:{s}"));
            db.Hosts.Remove(host);
            Audit(db, actor, "host.delete", name, HostInput.Of(host), null);
            return host;
        });

    public Task<Outcome<Service>> CreateServiceAsync(ServiceInput input, Actor actor, CancellationToken cancel) =>
        InTransactionAsync<Service>(cancel, async db =>
        {
            if (await db.Services.AnyAsync(s => s.Name == input.Name, cancel)) return Refusal.Invalid("name", Phrase.Of("input.taken", input.Name));
            if (await WrongAsync(db, input, cancel) is { Count: > 0 } errors) return Refusal.Invalid(errors);
            var service = new Service();
            input.WriteTo(service);
            db.Services.Add(service);
            Audit(db, actor, "service.create", input.Name, null, input);
            return service;
        });

    public Task<Outcome<Service>> UpdateServiceAsync(string name, ServiceInput input, Actor actor, uint? expected, CancellationToken cancel) =>
        InTransactionAsync<Service>(cancel, async db =>
        {
            var service = await db.Services.SingleOrDefaultAsync(s => s.Name == name, cancel);
            if (service is null) return Refusal.NotFound("service", name);
            if (Refused(service.FromFile, name, service.Version, expected, input.Name) is { } refusal) return refusal;
            if (await WrongAsync(db, input, cancel) is { Count: > 0 } errors) return Refusal.Invalid(errors);
            var before = ServiceInput.Of(service);
            input.WriteTo(service);
            Audit(db, actor, "service.update", name, before, input);
            return service;
        });

    public Task<Outcome<Service>> DeleteServiceAsync(string name, Actor actor, uint? expected, CancellationToken cancel) =>
        InTransactionAsync<Service>(cancel, async db =>
        {
            var service = await db.Services.SingleOrDefaultAsync(s => s.Name == name, cancel);
            if (service is null) return Refusal.NotFound("service", name);
            if (Refused(service.FromFile, name, service.Version, expected, name) is { } refusal) return refusal;
            var by = (await db.Services.Where(s => s.DependsOn.Contains(name)).OrderBy(s => s.Name).Select(s => s.Name).ToListAsync(cancel)).ConvertAll(s => $"service:{s}");
            foreach (var user in users) by.AddRange(await user.UsersOfServiceAsync(db, name, cancel));
            if (by.Count > 0) return InUse(name, by);
            db.Services.Remove(service);
            Audit(db, actor, "service.delete", name, ServiceInput.Of(service), null);
            return service;
        });

    /// <summary>Waits until nobody else changes the inventory; held until the transaction ends.</summary>
    public static Task LockAsync(OpsDbContext db, CancellationToken cancel) => db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({LockKey})", cancel);

    private static async Task<List<FieldError>> WrongAsync(OpsDbContext db, ServiceInput input, CancellationToken cancel)
    {
        var hosts = input.Host is null ? [] : await db.Hosts.Where(h => h.Name == input.Host).Select(h => h.Name).ToListAsync(cancel);
        var others = await db.Services.Where(s => s.Name != input.Name).Select(s => new { s.Name, s.DependsOn }).ToListAsync(cancel);
        return [.. InventoryRules.Wrong(input, hosts, others.ToDictionary(s => s.Name, s => (IReadOnlyList<string>)s.DependsOn, StringComparer.Ordinal))];
    }

    private static Refusal? Refused(bool fromFile, string name, uint version, uint? expected, string newName) =>
        fromFile ? Refusal.Conflict(Phrase.Of("refused.from_file", name))
        : expected is not null && expected != version ? Refusal.Conflict(Phrase.Of("refused.changed_meanwhile"))
        : newName != name ? Refusal.Invalid("name", Phrase.Of("input.renamed", name)) : null;

    private static Refusal InUse(string name, IEnumerable<string> by) => Refusal.Conflict(Phrase.Of("inventory.in_use", name, string.Join(", ", by)));

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
