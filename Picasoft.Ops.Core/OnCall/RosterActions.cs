using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>Changes people whom schedules and escalations may name: a name that stands there stays, or the message at night would reach nobody.</summary>
public sealed class RosterActions(IDbContextFactory<OpsDbContext> contexts, PersonActions people, TimeProvider time)
{
    /// <summary>Changes what is given; null leaves it as it is.</summary>
    public async Task<Outcome<Person>> ChangeAsync(long id, Actor by, CancellationToken cancel, string? name = null, Role? role = null, bool? isActive = null, string? language = null)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = await db.People.Where(p => p.Id == id).Select(p => p.Name).SingleOrDefaultAsync(cancel);
        if (name is not null && now is not null && name.Trim() != now && await UsesAsync(db, now, cancel) is { Count: > 0 } uses) return Refusal.Conflict(Phrase.Of("inventory.in_use", now, string.Join(", ", uses)));
        return await people.ChangeAsync(id, by, cancel, name, role, isActive, language);
    }

    private async Task<List<string>> UsesAsync(OpsDbContext db, string name, CancellationToken cancel)
    {
        List<string> uses = [.. await db.EscalationsNamingAsync($"person:{name}", cancel)];
        var schedules = await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.Schedule).OrderBy(p => p.Name).ToListAsync(cancel);
        var coming = await db.OnCallChanges.Where(c => c.Person == name && c.EndsAt > time.GetUtcNow()).Select(c => c.Schedule).ToListAsync(cancel);
        uses.AddRange(schedules.Where(s => coming.Contains(s.Name, StringComparer.Ordinal) || Json.Parse<ScheduleInput>(s.Definition).NamedPeople().Any(p => p.Name == name)).Select(s => $"schedule:{s.Name}" + (s.FromFile ? " (ops.yaml)" : "")));
        return uses;
    }
}
