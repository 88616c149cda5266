using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>What people and the configuration file do to probes: the change, its audit entry, and the end of an alert nobody would end any more, in one transaction.</summary>
public sealed class ProbeActions(IDbContextFactory<OpsDbContext> contexts, ProbeKinds kinds, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>; the id is the probe's.</summary>
    public const string Topic = "probes";

    /// <summary>A new or changed probe is checked within this, so that whoever made it sees what it says; not all of a file's at once.</summary>
    private static readonly TimeSpan _firstCheckWithin = TimeSpan.FromSeconds(5);

    public Task<Outcome<ProbeDefinition>> CreateAsync(ProbeInput input, Actor actor, CancellationToken cancel) =>
        contexts.InTransactionAsync<ProbeDefinition>(db => SaveAsync(db, input, null, actor, cancel), cancel);

    /// <summary>Replaces what is written about a probe; may rename it. <paramref name="version"/>: the one the actor saw.</summary>
    public Task<Outcome<ProbeDefinition>> UpdateAsync(string name, ProbeInput input, Actor actor, uint? version, CancellationToken cancel) =>
        contexts.ChangeAsync<ProbeDefinition>("probe", name, actor, version, (db, probe) => SaveAsync(db, input, probe, actor, cancel), cancel);

    public Task<Outcome<ProbeDefinition>> EnableAsync(string name, bool enabled, Actor actor, CancellationToken cancel) =>
        contexts.ChangeAsync<ProbeDefinition>("probe", name, actor, null, (db, probe) => EnableAsync(db, probe, enabled, actor, cancel), cancel);

    public Task<Outcome<ProbeDefinition>> DeleteAsync(string name, Actor actor, CancellationToken cancel) =>
        contexts.ChangeAsync<ProbeDefinition>("probe", name, actor, null, async (db, probe) => { await RemoveAsync(db, probe, actor, cancel); return probe; }, cancel);

    /// <summary>Creates a probe, or makes <paramref name="existing"/> as written, within the caller's transaction: the configuration file changes many or none.</summary>
    public async Task<Outcome<ProbeDefinition>> SaveAsync(OpsDbContext db, ProbeInput input, ProbeDefinition? existing, Actor actor, CancellationToken cancel)
    {
        var settings = kinds.Read(input, keep: existing is null ? null : kinds.Open(existing));
        var errors = new List<FieldError>(settings.Refusal?.Errors ?? []);
        if (input.Name != existing?.Name && await db.Probes.AnyAsync(p => p.Name == input.Name, cancel)) errors.Add(new("name", Phrase.Of("input.taken", input.Name)));
        if (input.Service is { } service && !await db.Services.AnyAsync(s => s.Name == service, cancel)) errors.Add(new("service", Phrase.Of("refused.not_found.service", service)));
        if (errors.Count > 0) return Refusal.Invalid(errors);

        var now = time.GetUtcNow();
        var before = existing is null ? null : new { Probe = Written(existing), existing.Name, existing.Service, existing.Severity, existing.Locations, existing.Quorum };
        var probe = existing ?? db.Probes.Add(new()).Entity;
        kinds.Fill(probe, input);
        probe.Settings = kinds.Seal(settings.Value);
        probe.FromFile = actor.Kind == ActorKind.File;
        await db.SaveChangesAsync(cancel);

        // Its alert's labels would be others from now on: the old one ends, and the next failures say the rest.
        if (before is not null && (!probe.Enabled || !before.Locations.SequenceEqual(probe.Locations, StringComparer.Ordinal) || before.Quorum != probe.Quorum || before.Name != probe.Name || before.Service != probe.Service || before.Severity != probe.Severity))
            await ForgetAsync(db, probe.Id, before.Name, now, cancel);
        await ScheduleAsync(db, probe, now, cancel);
        db.Audit.Add(AuditEntry.Of(actor, existing is null ? "probe.create" : "probe.update", probe.Name, before?.Probe, Written(probe), now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, probe.Id, cancel);
        return probe;
    }

    /// <summary>Deletes a probe within the caller's transaction; its results go with their partitions.</summary>
    public async Task RemoveAsync(OpsDbContext db, ProbeDefinition probe, Actor actor, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await ForgetAsync(db, probe.Id, probe.Name, now, cancel);
        db.Probes.Remove(probe);
        db.Audit.Add(AuditEntry.Of(actor, "probe.delete", probe.Name, Written(probe), null, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, probe.Id, cancel);
    }

    private async Task<Outcome<ProbeDefinition>> EnableAsync(OpsDbContext db, ProbeDefinition probe, bool enabled, Actor actor, CancellationToken cancel)
    {
        if (probe.Enabled == enabled) return probe;
        var now = time.GetUtcNow();
        probe.Enabled = enabled;
        await db.SaveChangesAsync(cancel);
        if (!enabled) await ForgetAsync(db, probe.Id, probe.Name, now, cancel);
        await ScheduleAsync(db, probe, now, cancel);
        db.Audit.Add(AuditEntry.Of(actor, enabled ? "probe.enable" : "probe.disable", probe.Name, new { Enabled = !enabled }, new { Enabled = enabled }, now));
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, probe.Id, cancel);
        return probe;
    }

    /// <summary>What was known about the target no longer holds, and its alert has nobody left who could end it.</summary>
    private static async Task ForgetAsync(OpsDbContext db, long id, string name, DateTimeOffset now, CancellationToken cancel)
    {
        await db.ProbeStates.Where(s => s.ProbeId == id).ExecuteDeleteAsync(cancel);
        await db.Set<Places.ProbeLocationState>().Where(s => s.ProbeId == id).ExecuteDeleteAsync(cancel);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var ends = await ProbeAlerts.EndsAsync(connection, [name], now, cancel);
        if (ends.Count > 0) await AlertIntake.ApplyAsync(connection, ends, now, cancel);
    }

    private static async Task ScheduleAsync(OpsDbContext db, ProbeDefinition probe, DateTimeOffset now, CancellationToken cancel)
    {
        var slots = await db.ProbeSlots.Where(s => s.ProbeId == probe.Id).ToListAsync(cancel);
        IReadOnlyList<string> wanted = !probe.Enabled ? [] : probe.Locations.Count == 0 ? [""] : probe.Locations;
        db.ProbeSlots.RemoveRange(slots.Where(s => !wanted.Contains(s.Location, StringComparer.Ordinal)));
        foreach (var location in wanted)
        {
            var slot = slots.Find(s => s.Location == location) ?? db.ProbeSlots.Add(new() { ProbeId = probe.Id, Location = location }).Entity;
            slot.NextDueAt = ProbeSchedule.Next(probe.Id, probe.Interval < _firstCheckWithin ? probe.Interval : _firstCheckWithin, now);
        }
    }

    private object Written(ProbeDefinition probe) => new
    {
        probe.Name,
        probe.Service,
        probe.Type,
        probe.Interval,
        probe.Timeout,
        probe.Failures,
        probe.Recoveries,
        probe.RetryInterval,
        probe.Severity,
        probe.Locations,
        probe.Quorum,
        probe.Forecast,
        probe.Enabled,
        Settings = kinds.Open(probe),
    };
}
