using Npgsql;
using Picasoft.Ops.Core.Storage;
using Quartz;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>Keeps the bodies of each heartbeat's last pings, and the pings themselves for a year, so that what pings every minute does not fill the disk.</summary>
[DisallowConcurrentExecution]
public sealed class PingCleanupJob(NpgsqlDataSource source, TimeProvider time) : IJob
{
    /// <summary>Bodies kept of each heartbeat, the newest.</summary>
    public const int BodiesKept = 100;

    /// <summary>Pings kept of each heartbeat, the newest.</summary>
    public const int PingsKept = 10_000;

    /// <summary>Pings and changes of status are kept this long.</summary>
    public const int DaysKept = 400;

    private const string Clean = """
        with ranked as (select id, row_number() over (partition by heartbeat_id order by at desc, id desc) n from heartbeat_pings where body is not null)
        update heartbeat_pings p set body = null from ranked r where r.id = p.id and r.n > $1;
        """;

    private const string Drop = """
        with ranked as (select id, at, row_number() over (partition by heartbeat_id order by at desc, id desc) n from heartbeat_pings)
        delete from heartbeat_pings p using ranked r where r.id = p.id and (r.n > $1 or r.at < $2);
        """;

    // The last one says how it stands now.
    private const string DropFlips = """
        delete from heartbeat_flips f where at < $1 and exists (select 1 from heartbeat_flips n where n.heartbeat_id = f.heartbeat_id and n.at > f.at)
        """;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancel)
    {
        var old = time.GetUtcNow().AddDays(-DaysKept);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection) { Timeout = 600 };
        batch.BatchCommands.Add(new(Clean) { Parameters = { new() { Value = BodiesKept } } });
        batch.BatchCommands.Add(new(Drop) { Parameters = { new() { Value = PingsKept }, new() { Value = old } } });
        batch.BatchCommands.Add(new(DropFlips) { Parameters = { new() { Value = old } } });
        await batch.ExecuteNonQueryAsync(cancel);
    }
}
