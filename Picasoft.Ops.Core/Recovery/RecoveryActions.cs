using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>How a plan is to be run.</summary>
public sealed record StartRunInput
{
    /// <summary>An exercise.</summary>
    public bool Drill { get; init; }

    /// <summary>Looks at everything, and touches nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>The incident it is to end: what becomes of the run is written there.</summary>
    [Setting(Min = "1", Max = "9000000000000000")]
    public long? Incident { get; init; }
}

/// <summary>A person's word on a run.</summary>
public sealed record RunWordInput
{
    [Setting(MaxLength = 2000, Multiline = true)]
    public string? Comment { get; init; }

    /// <summary>The step, from 1, at which the person was shown it; null: whichever. It may have gone on meanwhile, and the word was not meant for what comes next.</summary>
    [Setting(Min = "1", Max = "100")]
    public int? Step { get; init; }
}

/// <summary>A plan, and its last runs.</summary>
/// <param name="FromFile">The configuration file manages it.</param>
/// <param name="Lax">Who made it laxer, to which no other has agreed yet; null: nobody.</param>
public sealed record PlanRow(RecoveryPlanInput Plan, RecoveryRun? Last, RecoveryRun? LastGood, bool FromFile, uint Version, PlanState? Lax);

/// <summary>Starts runs and takes people's words on them; every change is in the audit log.</summary>
public sealed class RecoveryActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Topic of <see cref="ChangeSignal"/>.</summary>
    public const string Topic = "recovery";

    private const long StartLock = 7_980_210;

    public async Task<IReadOnlyList<PlanRow>> PlansAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await RowsAsync(db, Plans(db).OrderBy(p => p.Name), cancel);
    }

    public async Task<PlanRow?> FindPlanAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return (await RowsAsync(db, Plans(db).Where(p => p.Name == name), cancel)).SingleOrDefault();
    }

    internal static IQueryable<Policy> Plans(OpsDbContext db) => db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.RecoveryPlan);

    /// <summary>However many plans there are, two questions.</summary>
    private static async Task<List<PlanRow>> RowsAsync(OpsDbContext db, IQueryable<Policy> policies, CancellationToken cancel)
    {
        var (states, all) = (db.PlanStates.AsNoTracking(), db.RecoveryRuns.AsNoTracking());
        var found = await policies.Select(p => new
        {
            Policy = p,
            State = states.FirstOrDefault(s => s.Plan == p.Name),
            Last = all.Where(r => r.Plan == p.Name).Max(r => (long?)r.Id),
            LastGood = all.Where(r => r.Plan == p.Name && r.State == RunState.Done && !r.DryRun).Max(r => (long?)r.Id),
        }).ToListAsync(cancel);
        var ids = found.SelectMany(f => new[] { f.Last, f.LastGood }).OfType<long>().Distinct().ToList();
        var runs = ids.Count == 0 ? [] : await all.Where(r => ids.Contains(r.Id)).ToDictionaryAsync(r => r.Id, cancel);
        return found.ConvertAll(f =>
        {
            var plan = Json.Parse<RecoveryPlanInput>(f.Policy.Definition);
            return new PlanRow(plan, Run(f.Last), Run(f.LastGood), f.Policy.FromFile, f.Policy.Version, f.State?.IsLaxer(plan) == true ? f.State : null);
        });

        RecoveryRun? Run(long? id) => id is { } known ? runs.GetValueOrDefault(known) : null;
    }

    public async Task<IReadOnlyList<RecoveryRun>> RunsAsync(string? plan, long before, int limit, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.RecoveryRuns.AsNoTracking().Where(r => (plan == null || r.Plan == plan) && r.Id < before).OrderByDescending(r => r.Id).Take(limit).ToListAsync(cancel);
    }

    public async Task<RecoveryRun?> FindAsync(long id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.RecoveryRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancel);
    }

    public async Task<Outcome<RecoveryRun>> StartAsync(string plan, StartRunInput input, Actor actor, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await LockAsync(db, cancel); // the plan and what guards it are read as they stand together
        if (await Plans(db).SingleOrDefaultAsync(p => p.Name == plan, cancel) is not { } policy) return Refusal.NotFound("recovery_plan", plan);
        var definition = Json.Parse<RecoveryPlanInput>(policy.Definition);
        if (input.Incident is { } number && !await db.Incidents.AnyAsync(i => i.Number == number, cancel)) return Refusal.Invalid("incident", Phrase.Of("refused.not_found.incident", number));
        if (await db.PlanStates.AsNoTracking().SingleOrDefaultAsync(s => s.Plan == plan, cancel) is { } state) definition = state.Guard(definition);
        var begun = await BeginAsync(db, RunMachine.Begin(definition, input.Drill, input.DryRun, actor, time.GetUtcNow(), input.Incident), actor, input, cancel);
        if (begun.IsDone) await transaction.CommitAsync(cancel);
        return begun;
    }

    /// <summary>One start at a time, so that no two runs share what they touch. Within the caller's transaction.</summary>
    public static Task LockAsync(OpsDbContext db, CancellationToken cancel) => db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({StartLock})", cancel);

    /// <summary>The run that holds something that these need; null: none.</summary>
    internal static async Task<RecoveryRun?> HolderAsync(OpsDbContext db, IReadOnlyCollection<string> resources, CancellationToken cancel) =>
        (await db.RecoveryRuns.AsNoTracking().Where(r => r.State == RunState.Running || r.State == RunState.Waiting).OrderBy(r => r.Id).ToListAsync(cancel)).Find(r => r.Service == resources.First() || r.Resources.Intersect(resources, StringComparer.Ordinal).Any());

    /// <summary>Within the caller's transaction and lock.</summary>
    internal static async Task<Outcome<RecoveryRun>> BeginAsync(OpsDbContext db, RecoveryRun run, Actor actor, object asked, CancellationToken cancel)
    {
        if (await HolderAsync(db, run.Resources, cancel) is { } busy)
            return Refusal.Conflict(busy.Service == run.Service ? Phrase.Of("run.one_at_a_time", run.Service) : Phrase.Of("run.shares", busy.Plan, busy.Id, string.Join(", ", busy.Resources.Append(busy.Service).Intersect(run.Resources, StringComparer.Ordinal))));
        db.RecoveryRuns.Add(run);
        db.Audit.Add(AuditEntry.Of(actor, "recovery.start", run.Plan, null, asked, run.StartedAt));
        await db.SaveChangesAsync(cancel);
        await RunStory.TellAsync(db, run, wasOver: false, isNew: true, run.StartedAt, cancel);
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, run.Id, cancel);
        return run;
    }

    public Task<Outcome<RecoveryRun>> ConfirmAsync(long id, RunWordInput word, Actor actor, CancellationToken cancel) => ChangeAsync(id, "recovery.confirm", actor, (run, now) => MovedOn(run, word) is { } moved ? moved : RunMachine.Confirm(run, actor, word.Comment, now), cancel);

    public Task<Outcome<RecoveryRun>> SkipAsync(long id, RunWordInput word, Actor actor, CancellationToken cancel) => ChangeAsync(id, "recovery.skip", actor, (run, now) => MovedOn(run, word) is { } moved ? moved : RunMachine.Skip(run, actor.Name, word.Comment, now), cancel);

    private static Refusal? MovedOn(RecoveryRun run, RunWordInput word) => word.Step is { } shown && (run.IsOver || shown != run.Step + 1) ? Refusal.Conflict(Phrase.Of("run.moved_on", shown)) : null;

    public Task<Outcome<RecoveryRun>> AbortAsync(long id, Actor actor, CancellationToken cancel) => ChangeAsync(id, "recovery.abort", actor, (run, now) => RunMachine.Abort(run, actor.Name, now), cancel);

    public Task<Outcome<RecoveryRun>> SeeAsync(long id, Actor actor, CancellationToken cancel) => ChangeAsync(id, "recovery.see", actor, (run, now) => RunMachine.See(run, actor.Name, now), cancel);

    private async Task<Outcome<RecoveryRun>> ChangeAsync(long id, string action, Actor actor, Func<RecoveryRun, DateTimeOffset, Outcome<RecoveryRun>> change, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.RecoveryRuns.FromSql($"select * from recovery_runs where id = {id} for update").SingleOrDefaultAsync(cancel) is not { } run) return Refusal.NotFound("recovery_run", id);
        var now = time.GetUtcNow();
        var (before, wasOver) = (new { run = id, step = run.Step + 1, state = run.State }, run.IsOver);
        var outcome = change(run, now);
        if (!outcome.IsDone) return outcome;
        db.Audit.Add(AuditEntry.Of(actor, action, run.Plan, before, new { run = id, step = run.Step + 1, state = run.State }, now));
        await RunStory.TellAsync(db, run, wasOver, isNew: false, now, cancel);
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, Topic, id, cancel);
        await transaction.CommitAsync(cancel);
        return outcome;
    }
}
