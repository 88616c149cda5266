using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Goes through the steps of runs. A step is claimed and its lease renewed while it is being done; when its node dies, another sees it, and a person decides unless it only looked.</summary>
public sealed class RecoveryRunner(IDbContextFactory<OpsDbContext> contexts, StepActions steps, ChangeSignal signal, OpsSettings settings, TimeProvider time, ILogger<RecoveryRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(2), signal, RecoveryActions.Topic)
{
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>Steps at once on one node: one that takes an hour holds up no other plan.</summary>
    private const int Places = 8;

    private readonly ChangeSignal _signal = signal;
    private int _underWay;

    private async Task DoAsync(RecoveryRun run, CancellationToken cancel)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var aborted = new CancellationTokenSource();
        var holding = HoldAsync(run.Id, aborted, done.Token);
        var outcome = await steps.DoAsync(run, aborted.Token, cancel);
        await RecordAsync(run.Id, run.Records[^1], outcome, cancel);
        await done.CancelAsync();
        await holding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What was done must not be forgotten, also when the step moved the very database that is to remember it.</summary>
    private async Task RecordAsync(long id, StepRecord begun, StepOutcome outcome, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                // Unless somebody else has the step in hand by now. That we were silent for a while changes nothing.
                await ChangeAsync(id, r =>
                {
                    if (r.Records is [.., { State: StepState.Running or StepState.Interrupted } last] && last.By == begun.By && last.StartedAt == begun.StartedAt) RunMachine.Finish(r, outcome, Time.GetUtcNow());
                }, CancellationToken.None);
                return;
            }
            catch (Exception e) when (StoreAway.Is(e) && !cancel.IsCancellationRequested) { await Task.Delay(StoreAway.Pause, Time, cancel); }
        }
    }

    private void Start(RecoveryRun run, CancellationToken cancel)
    {
        Interlocked.Increment(ref _underWay);
        _ = Task.Run(async () =>
        {
            try
            {
                await DoAsync(run, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
            catch (Exception e)
            {
                RecoveryLog.StepFailed(log, e); // the database is away: its lease ends, and a person is asked
            }
            Interlocked.Decrement(ref _underWay);
            Ring();
        }, CancellationToken.None);
    }

    private async Task<RecoveryRun?> ClaimAsync(CancellationToken cancel)
    {
        var now = Time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var run = await db.RecoveryRuns.FromSql($"select * from recovery_runs where state = 'Running' and (lease_until is null or lease_until <= {now}) order by id limit 1 for update skip locked").SingleOrDefaultAsync(cancel);
        if (run is null) return null;
        if (run.LeaseUntil is not null) RunMachine.Interrupt(run, now);
        if (run.State == RunState.Running) RunMachine.Take(run, settings.Node, now + Lease, now);
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, RecoveryActions.Topic, run.Id, cancel);
        await transaction.CommitAsync(cancel);
        return run.State == RunState.Running ? run : null;
    }

    /// <summary>Renews the lease for as long as the step is being done, and cuts the step short when a person aborts the run.</summary>
    private async Task HoldAsync(long id, CancellationTokenSource aborted, CancellationToken done)
    {
        using var wake = new Wake(_signal, Time, RecoveryActions.Topic);
        while (!done.IsCancellationRequested)
        {
            try
            {
                await using var db = await contexts.CreateDbContextAsync(done);
                var lease = Time.GetUtcNow() + Lease;
                // Without a lease the step is over, and the next one must not seem to be in hand.
                if (await db.RecoveryRuns.Where(r => r.Id == id && r.State == RunState.Running && r.LeaseUntil != null).ExecuteUpdateAsync(set => set.SetProperty(r => r.LeaseUntil, lease), done) == 0)
                {
                    await aborted.CancelAsync();
                    return;
                }
            }
            catch (Exception e) when (StoreAway.Is(e) && !done.IsCancellationRequested) { } // its lease may end: then a person is asked
            await wake.WaitAsync(Lease / 3, done);
        }
    }

    private async Task ChangeAsync(long id, Action<RecoveryRun> change, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var run = await db.RecoveryRuns.FromSql($"select * from recovery_runs where id = {id} for update").SingleAsync(cancel);
        var wasOver = run.IsOver;
        change(run);
        await RunStory.TellAsync(db, run, wasOver, isNew: false, Time.GetUtcNow(), cancel);
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, RecoveryActions.Topic, id, cancel);
        await transaction.CommitAsync(cancel);
    }

    protected override async Task RoundAsync(CancellationToken cancel)
    {
        while (Volatile.Read(ref _underWay) < Places && await ClaimAsync(cancel) is { } run) Start(run, cancel);
    }

    protected override void RoundFailed(Exception exception) => RecoveryLog.StepFailed(log, exception); // what is to be done is to be done still
}
