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
    public static readonly TimeSpan DaysKept = TimeSpan.FromDays(36);

    /// <summary>How long each hour of them is: a week that ended the day before yesterday, anywhere on Earth.</summary>
    public static readonly TimeSpan HoursKept = TimeSpan.FromDays(10);

    // Noon is within the same day nearly everywhere.
    private const string Fold = """
        with old as (delete from log_pattern_hours where hour < date_trunc('day', {0}, 'UTC') and hour <> date_trunc('day', hour, 'UTC') + interval '12 hours' returning pattern_id, hour, count)
        insert into log_pattern_hours as h (pattern_id, hour, count)
        select pattern_id, date_trunc('day', hour, 'UTC') + interval '12 hours', sum(count) from old group by 1, 2
        on conflict (pattern_id, hour) do update set count = h.count + excluded.count
        """;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        var (oldest, day) = (now - Kept, now - DaysKept);
        await db.LearntPatterns.Where(p => p.LastSeen < oldest).ExecuteDeleteAsync(cancel);
        await db.LearntPatternHours.Where(h => h.Hour < day).ExecuteDeleteAsync(cancel);
        await db.Database.ExecuteSqlRawAsync(Fold, [now - HoursKept], cancel);
    }
}
