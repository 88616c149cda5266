using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>The schedules in which somebody takes turns, or is written in by hand.</summary>
internal sealed class RosterQueries(TimeProvider time) : IPersonUser
{
    public async Task<IReadOnlyList<string>> UsesAsync(OpsDbContext db, string name, CancellationToken cancel)
    {
        var schedules = await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.Schedule).OrderBy(p => p.Name).ToListAsync(cancel);
        var coming = await db.OnCallChanges.Where(c => c.Person == name && c.EndsAt > time.GetUtcNow()).Select(c => c.Schedule).ToListAsync(cancel);
        return [.. schedules.Where(s => coming.Contains(s.Name, StringComparer.Ordinal) || Json.Parse<ScheduleInput>(s.Definition).NamedPeople().Any(p => p.Name == name)).Select(s => $"schedule:{s.Name}" + (s.FromFile ? " (ops.yaml)" : ""))];
    }
}
