using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>One policy and where it stands among its kind, as people count.</summary>
public sealed record PolicyRow(Policy Policy, int Number, object Input);

/// <summary>Reads what people decided about paging, and what a change to it would do.</summary>
public sealed class PolicyQueries(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>All of a kind, in their order.</summary>
    public async Task<IReadOnlyList<PolicyRow>> ListAsync(PolicyKind kind, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var shape = PolicyShape.Of(kind);
        return [.. PolicyBook.Ordered(await db.Policies.AsNoTracking().Where(p => p.Kind == kind).ToListAsync(cancel)).Select((p, i) => new PolicyRow(p, i + 1, shape.InputOf(p)))];
    }

    public async Task<PolicyRow?> FindAsync(PolicyKind kind, string name, CancellationToken cancel) => (await ListAsync(kind, cancel)).FirstOrDefault(p => p.Policy.Name == name);

    /// <summary>Whom a step may name, as it is written: <c>channel:tech-mail</c>.</summary>
    public async Task<IReadOnlyList<string>> TargetsAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var channels = await db.Channels.OrderBy(c => c.Name).Select(c => "channel:" + c.Name).ToListAsync(cancel);
        var people = await db.Set<Person>().OrderBy(p => p.Name).Select(p => "person:" + p.Name).ToListAsync(cancel);
        var schedules = await db.Policies.Where(p => p.Kind == PolicyKind.Schedule).OrderBy(p => p.Name).Select(p => "schedule:" + p.Name).ToListAsync(cancel);
        return [.. schedules, .. channels, .. people, NotifyTarget.Everybody, NotifyTarget.Nobody];
    }

    /// <summary>What a change would do to the alerts that go on now; nothing is changed. Refused for the reasons for which it would be refused.</summary>
    public async Task<Outcome<PolicyEffect>> PreviewAsync(PolicyChange change, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var all = await db.Policies.AsNoTracking().ToListAsync(cancel);
        var before = new PolicyBook(all);
        var carried = change.Carry(all, await ExistsAsync(db, cancel));
        if (carried.Refusal is { } refusal) return refusal;
        var now = time.GetUtcNow();
        var alerts = await db.Alerts.AsNoTracking().Where(a => a.ResolvedAt == null).OrderByDescending(a => a.Id).Take(PolicyEffect.MostAlerts)
            .Select(a => new { a.Labels, a.IncidentId }).ToListAsync(cancel);
        return PolicyEffect.Of(before, new(all), await SilenceQueries.SilencingAsync(db, now, cancel), [.. alerts.Select(a => (a.Labels, a.IncidentId))], now);
    }

    /// <summary>Whether something that a policy names exists.</summary>
    internal static async Task<Func<string, string, bool>> ExistsAsync(OpsDbContext db, CancellationToken cancel)
    {
        var known = (await db.Channels.Select(c => "channel:" + c.Name).ToListAsync(cancel)).ToHashSet(StringComparer.Ordinal);
        known.UnionWith(await db.Set<Person>().Select(p => "person:" + p.Name).ToListAsync(cancel));
        return (kind, name) => known.Contains($"{kind}:{name}");
    }
}
