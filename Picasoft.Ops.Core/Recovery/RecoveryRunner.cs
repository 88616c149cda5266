using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Goes through the steps of runs. A step is claimed and its lease renewed while it is being done; when its node dies, another sees it, and a person decides unless it only looked.</summary>
public sealed class RecoveryRunner(IDbContextFactory<OpsDbContext> contexts, StepActions steps, ChangeSignal signal, OpsSettings settings, TimeProvider time, ILogger<RecoveryRunner> log) : BackgroundService
{
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _poll = TimeSpan.FromSeconds(2);

    /// <summary>Does one step of a run that has one to do; false: there is none.</summary>
    public async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        if (await ClaimAsync(cancel) is not { } run) return false;
        using var working = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var renewing = RenewAsync(run.Id, working.Token);
        var outcome = await steps.DoAsync(run, cancel);
        await working.CancelAsync();
        await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Not cancelled: what was done must not be forgotten.
        await ChangeAsync(run.Id, r => RunMachine.Finish(r, outcome.IsWell, outcome.Words, outcome.Output, time.GetUtcNow()), CancellationToken.None);
        return true;
    }

    private async Task<RecoveryRun?> ClaimAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
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

    private async Task RenewAsync(long id, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Lease / 3, time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            var lease = time.GetUtcNow() + Lease;
            await db.RecoveryRuns.Where(r => r.Id == id && r.LeaseUntil != null).ExecuteUpdateAsync(set => set.SetProperty(r => r.LeaseUntil, lease), cancel);
        }
    }

    private async Task ChangeAsync(long id, Action<RecoveryRun> change, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var run = await db.RecoveryRuns.FromSql($"select * from recovery_runs where id = {id} for update").SingleAsync(cancel);
        var wasOver = run.IsOver;
        change(run);
        await RunStory.TellAsync(db, run, wasOver, isNew: false, time.GetUtcNow(), cancel);
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, RecoveryActions.Topic, id, cancel);
        await transaction.CommitAsync(cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var wake = new Wake(signal, time, RecoveryActions.Topic);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await RunOnceAsync(stoppingToken)) continue;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { return; }
            catch (Exception e)
            {
                RecoveryLog.StepFailed(log, e); // the database is away: its lease ends, and a person is asked
            }
            await wake.WaitAsync(_poll, stoppingToken);
        }
    }
}
