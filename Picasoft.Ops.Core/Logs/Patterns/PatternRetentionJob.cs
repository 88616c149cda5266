using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;
using Quartz;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>Forgets what has not been seen for long, once a day. What somebody called noise is forgotten too: should it come back, it is news again.</summary>
[DisallowConcurrentExecution]
public sealed class PatternRetentionJob(IDbContextFactory<OpsDbContext> contexts, TimeProvider time) : IJob
{
    /// <summary>How long a kind that does not come is remembered.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>How long the lines of a day are remembered.</summary>
    public static readonly TimeSpan DaysKept = TimeSpan.FromDays(35);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        var (oldest, day) = (now - Kept, LogDays.Of(now - DaysKept, time.LocalTimeZone));
        await db.LearntPatterns.Where(p => p.LastSeen < oldest).ExecuteDeleteAsync(cancel);
        await db.LearntPatternDays.Where(d => d.Day < day).ExecuteDeleteAsync(cancel);
    }
}
