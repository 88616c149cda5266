using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Notices silence: judges the heartbeats whose time has come. On every node; the row lock lets each be judged once.</summary>
public sealed class HeartbeatRunner(IDbContextFactory<OpsDbContext> contexts, TimeProvider time, ILogger<HeartbeatRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(1))
{
    private const int Batch = 200;

    /// <summary>Judges what is due; says how many.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        var now = Time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var due = await db.HeartbeatStates.FromSql($"select * from heartbeat_states where due_at <= {now} order by due_at limit {Batch} for update skip locked").ToListAsync(cancel);
        if (due.Count == 0) return 0;
        var ids = due.ConvertAll(s => s.HeartbeatId);
        var heartbeats = await db.Heartbeats.Where(h => ids.Contains(h.Id)).ToDictionaryAsync(h => h.Id, cancel);
        foreach (var state in due)
            await HeartbeatStateIntake.JudgeAsync(db, heartbeats[state.HeartbeatId], state, null, now, cancel);
        await transaction.CommitAsync(cancel);
        return due.Count;
    }

    protected override async Task RoundAsync(CancellationToken cancel)
    {
        while (await RunOnceAsync(cancel) == Batch) { }
    }

    protected override void RoundFailed(Exception exception) => HeartbeatsLog.JudgingFailed(log, exception);
}

/// <summary>What the heartbeats say in the log. Event numbers 1250–1299.</summary>
internal static partial class HeartbeatsLog
{
    [LoggerMessage(1250, LogLevel.Warning, "Could not judge the heartbeats that are due; trying again in a second")]
    public static partial void JudgingFailed(ILogger log, Exception exception);
}
