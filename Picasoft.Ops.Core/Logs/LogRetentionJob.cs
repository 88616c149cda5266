using Microsoft.EntityFrameworkCore;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Quartz;

namespace Picasoft.Ops.Core.Logs;

/// <summary>Drops the lines that were kept long enough, the counts nobody compares with any more, and what rules remember of values that did not come back.</summary>
[DisallowConcurrentExecution]
public sealed class LogRetentionJob(IDbContextFactory<OpsDbContext> contexts, NpgsqlDataSource source, TimeProvider time) : IJob
{
    // "Unusual" looks back eight weeks.
    private const string Sums = "delete from log_hours where hour < $1 - interval '58 days'; delete from log_rule_hours where hour < $1 - interval '58 days'";

    // What was seen once stays seen for half a year; a threshold, a week at most.
    private const string States = """
        delete from log_rule_states s using log_rules r where r.id = s.rule_id and s.due_at is null and s.key <> ''
            and s.updated_at < $1 - case when r.definition->>'FirstSeen' is not null then interval '180 days' else interval '8 days' end
        """;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var keep = ((await db.LogSettings.AsNoTracking().SingleOrDefaultAsync(cancel))?.Input() ?? new()).Keep;
        await using var connection = await source.OpenConnectionAsync(cancel);
        await TimePartitions.KeepAsync(connection, new("log_lines"), DateOnly.FromDateTime(now.UtcDateTime), (int)Math.Ceiling(keep.TotalDays), cancel);
        foreach (var sql in Sums.Split(';').Append(States))
        {
            await using var delete = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = now } } };
            await delete.ExecuteNonQueryAsync(cancel);
        }
    }
}
