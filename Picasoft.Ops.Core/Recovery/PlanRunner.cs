using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Places;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>
/// Starts plans by themselves: for an incident, under the guards of the plan, and as a drill, by the plan's calendar; and raises an alert when drills fail or are overdue.
/// On every node, one at a time, and decided in the transaction that starts the run: a plan starts once, whichever node dies.
/// </summary>
public sealed class PlanRunner(IDbContextFactory<OpsDbContext> contexts, ChangeSignal signal, TimeProvider time, ILogger<PlanRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(5), signal, RecoveryActions.Topic, IncidentActions.Topic)
{
    /// <summary><see cref="Alert.Source"/> of these alerts.</summary>
    public const string Source = "recovery";

    /// <summary>Looks at every plan once; says how many runs it started.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var plans = (await RecoveryActions.Plans(db).OrderBy(p => p.Name).Select(p => p.Definition).ToListAsync(cancel)).ConvertAll(Json.Parse<RecoveryPlanInput>);
        var started = 0;
        // Also one that is no longer drilled, of whose drills something is told still.
        var told = (await db.PlanStates.Where(s => s.Told != null).Select(s => s.Plan).ToListAsync(cancel)).ToHashSet(StringComparer.Ordinal);
        foreach (var plan in plans.Where(p => p.Automatic is not null || p.Drill is not null || told.Contains(p.Name))) started += await LookAsync(plan.Name, cancel);
        var names = plans.ConvertAll(p => p.Name);
        if (await db.PlanStates.AnyAsync(s => !names.Contains(s.Plan) && (s.Agreed == null || s.Told != null), cancel)) await ForgetAsync(db, cancel);
        return started;
    }

    private async Task<int> LookAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await RecoveryActions.LockAsync(db, cancel); // the plan and what guards it are read as they stand together
        if (await RecoveryActions.Plans(db).SingleOrDefaultAsync(p => p.Name == name, cancel) is not { } policy) return 0;
        var plan = Json.Parse<RecoveryPlanInput>(policy.Definition);
        var now = Time.GetUtcNow();
        var state = await db.PlanStates.SingleOrDefaultAsync(s => s.Plan == plan.Name, cancel) ?? db.PlanStates.Add(new() { Plan = plan.Name, KnownSince = now }).Entity;
        var started = await RecoverAsync(db, plan, state, now, cancel) + await DrillAsync(db, plan, state, now, cancel);
        await TellAsync(db, plan, state, now, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return started;
    }

    private static async Task<int> RecoverAsync(OpsDbContext db, RecoveryPlanInput plan, PlanState state, DateTimeOffset now, CancellationToken cancel)
    {
        if (plan.Automatic is null || await db.Incidents.AsNoTracking().Where(i => i.Service == plan.Service && (i.State == IncidentState.Open || i.State == IncidentState.Acknowledged)).OrderByDescending(i => i.Severity).ThenBy(i => i.Number).FirstOrDefaultAsync(cancel) is not { } incident) return 0;
        var (start, refused) = AutomaticPlanner.Decide(plan, await FactsAsync(db, plan, incident, now, cancel), now);
        if (start)
        {
            var run = RunMachine.Begin(state.Guard(plan), drill: false, dryRun: false, Actor.System, now, incident.Number, automatic: true);
            return (await RecoveryActions.BeginAsync(db, run, Actor.System, new { incident = incident.Number }, cancel)).IsDone ? 1 : 0;
        }
        if (refused is null || (state.RefusedIncident == incident.Number && state.Refused == refused.Key)) return 0;
        // Once for each reason: people must know why nothing happens, not every five seconds.
        (state.RefusedIncident, state.Refused) = (incident.Number, refused.Key);
        db.Timeline.Add(PlanWriter.Entry(TimelineKind.Decision, refused, null, pending: false, now, incident.Number));
        await ChangeSignal.PublishAsync(db, IncidentActions.Topic, incident.Number, cancel);
        return 0;
    }

    private static async Task<AutomaticFacts> FactsAsync(OpsDbContext db, RecoveryPlanInput plan, Incident incident, DateTimeOffset now, CancellationToken cancel)
    {
        var policies = await PolicyBook.ReadAsync(db, cancel);
        var labels = (await db.Alerts.AsNoTracking().Where(a => a.IncidentId == incident.Number && a.ResolvedAt == null).Select(a => a.Labels).ToListAsync(cancel)).ConvertAll(policies.Labels.Apply);
        var held = labels.Count == 0 || (await MutingQueries.MutingAsync(db, policies, now, cancel)).Holding(labels) is not null;
        var failing = await db.Probes.Where(p => p.Service == plan.Service && p.Enabled).Join(db.ProbeLocationStates.Where(l => l.Status == ProbeStatus.Down), p => p.Id, l => l.ProbeId, (_, l) => l.Location).Distinct().ToListAsync(cancel);
        // A probe of one place, and an alert from elsewhere that says where it was seen, count too.
        if (await db.Probes.Where(p => p.Service == plan.Service && p.Enabled && p.Locations.Count == 0).Join(db.ProbeStates.Where(s => s.Status == ProbeStatus.Down), p => p.Id, s => s.ProbeId, (p, _) => p.Id).AnyAsync(cancel)) failing.Add("");
        failing.AddRange(labels.Select(l => l["location"]).Where(l => l.Length > 0));
        var runs = await db.RecoveryRuns.AsNoTracking().Where(r => r.Plan == plan.Name && r.Automatic && !r.Drill).OrderByDescending(r => r.Id).Take(50).ToListAsync(cancel);
        var numbers = runs.Select(r => r.IncidentNumber).OfType<long>().ToList();
        // Taken in hand, or ended by hand, at any time: the timeline knows also of those that were reopened since.
        var acknowledged = await db.Timeline.AsNoTracking().Where(t => numbers.Contains(t.IncidentNumber) && t.ActorKind != Actor.System.Kind && (t.Kind == TimelineKind.Acknowledged || t.Kind == TimelineKind.Resolved)).Select(t => t.IncidentNumber).Distinct().ToListAsync(cancel);
        return new(incident.OpenedAt, incident.Severity, incident is { ToldAt: not null, Held: false } && !held, [.. failing.Distinct(StringComparer.Ordinal)], runs,
            await db.RecoveryRuns.AnyAsync(r => r.Plan == plan.Name && r.IncidentNumber == incident.Number && !r.DryRun, cancel), acknowledged.ToHashSet(), await RecoveryActions.HolderAsync(db, plan.Resources, cancel));
    }

    private static async Task<int> DrillAsync(OpsDbContext db, RecoveryPlanInput plan, PlanState state, DateTimeOffset now, CancellationToken cancel)
    {
        var calendar = plan.Drill?.Schedule is { } schedule ? $"{schedule} {plan.Drill.TimeZone}" : null;
        if (calendar != state.Calendar) (state.Calendar, state.DrillAt) = (calendar, plan.Drill?.NextAfter(now));
        if (state.DrillAt is not { } at || at > now) return 0;
        // Not while the real thing burns, nor while another run holds what it needs: then it is tried at the next look.
        if (await db.Incidents.AnyAsync(i => i.Service == plan.Service && i.State != IncidentState.Resolved, cancel) || await RecoveryActions.HolderAsync(db, plan.Resources, cancel) is not null) return 0;
        state.DrillAt = plan.Drill!.NextAfter(now);
        var run = RunMachine.Begin(state.Guard(plan), drill: true, dryRun: false, Actor.System, now, automatic: true);
        return (await RecoveryActions.BeginAsync(db, run, Actor.System, new { drill = true }, cancel)).IsDone ? 1 : 0;
    }

    /// <summary>An alert begins, or ends, when what is to be said of the drills changes.</summary>
    private static async Task TellAsync(OpsDbContext db, RecoveryPlanInput plan, PlanState state, DateTimeOffset now, CancellationToken cancel)
    {
        var service = await db.Services.AsNoTracking().FirstOrDefaultAsync(s => s.Name == plan.Service, cancel);
        var trouble = plan.Drill is null ? null : (await ProofAsync(db, plan.Name, cancel)).Trouble(plan, service?.Rto, service?.Rpo, state.KnownSince, now);
        if (trouble?.Key == state.Told) return;
        state.Told = trouble?.Key;
        await db.SaveChangesAsync(cancel);
        await SettleAsync(db, plan.Name, trouble is null ? [] : [Signal(plan, trouble, now)], now, cancel);
    }

    private static async Task SettleAsync(OpsDbContext db, string plan, IReadOnlyList<AlertSignal> wanted, DateTimeOffset now, CancellationToken cancel)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await OwnAlerts.SettleAsync(connection, await OwnAlerts.OpenAsync(connection, Source, cancel, "plan", [plan]), wanted, now, cancel);
    }

    internal static async Task<DrillProof> ProofAsync(OpsDbContext db, string plan, CancellationToken cancel)
    {
        var runs = db.RecoveryRuns.AsNoTracking().Where(r => r.Plan == plan && !r.DryRun).OrderByDescending(r => r.Id);
        return new(await runs.FirstOrDefaultAsync(r => r.State == RunState.Done, cancel), await runs.FirstOrDefaultAsync(r => r.Drill && (r.State == RunState.Done || r.State == RunState.Failed || r.State == RunState.Aborted), cancel));
    }

    private static AlertSignal Signal(RecoveryPlanInput plan, Phrase words, DateTimeOffset now) => new(
        LabelSet.Of(("alertname", words.Key.Replace('.', '_')), ("plan", plan.Name), ("service", plan.Service), ("severity", "medium")),
        LabelSet.Of(("summary", words.In(System.Globalization.CultureInfo.InvariantCulture))), now, null, Source, words);

    /// <summary>A plan that is no more has nothing to say.</summary>
    private async Task ForgetAsync(OpsDbContext db, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await RecoveryActions.LockAsync(db, cancel);
        var names = await RecoveryActions.Plans(db).Select(p => p.Name).ToListAsync(cancel);
        foreach (var state in await db.PlanStates.Where(s => !names.Contains(s.Plan) && (s.Agreed == null || s.Told != null)).ToListAsync(cancel))
        {
            state.Told = null;
            // Two people stood by it: who takes it away and writes it anew has not their word.
            if (state.Agreed is null) db.PlanStates.Remove(state);
            await SettleAsync(db, state.Plan, [], Time.GetUtcNow(), cancel);
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => RecoveryLog.PlanFailed(log, exception);
}
