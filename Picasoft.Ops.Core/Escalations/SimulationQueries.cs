using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Reads what the simulator needs, and what people decided about paging. Changes nothing.</summary>
public sealed class SimulationQueries(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, TimeProvider time)
{
    public async Task<PolicyBook> PoliciesAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await PolicyBook.ReadAsync(db, cancel);
    }

    /// <summary>What would become of an alert with these labels; incidents and alerts are those of now, silences and windows those of that instant.</summary>
    public async Task<Simulation> SimulateAsync(LabelSet labels, DateTimeOffset? at, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = at?.ToUniversalTime() ?? time.GetUtcNow();
        var policies = await PolicyBook.ReadAsync(db, cancel);
        var incidents = await db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Resolved).OrderBy(i => i.Number).ToListAsync(cancel);
        var context = new PlanContext(ServiceMap.Of(await db.Services.AsNoTracking().ToListAsync(cancel)), policies.Routes, await IncidentRunner.ChangesAsync(db, [policies.Labels.Apply(labels)], policies.Routes, now, cancel), now);
        var muting = await MutingQueries.MutingAsync(db, policies, now, cancel);
        var channels = await db.Channels.AsNoTracking().Where(c => c.Enabled).OrderBy(c => c.Id).ToListAsync(cancel);
        var book = AddressBook.Of(channels, kinds, await db.Set<Person>().AsNoTracking().ToListAsync(cancel), await OnCallBook.ReadAsync(db, policies, now.AddDays(-1), cancel));
        return Simulator.Run(labels, new(policies, await IncidentRunner.OpenAsync(db, incidents, policies, cancel), context, muting, book, names => Timetable.Of(names, policies.Escalations), now)
        {
            Incidents = incidents,
            Active = await BurningQueries.ToJudgeAsync(db, [.. incidents.Select(i => i.Number)], muting, policies.Labels, cancel),
        });
    }
}
