using System.Collections.Concurrent;
using Npgsql;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>Sees from within each machine who believes to be primary, also while that machine is cut off, and writes there as a client on that machine would.</summary>
internal sealed class Watch(Lab lab)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset?> _believes = new();
    private readonly ConcurrentQueue<(DateTimeOffset At, string Hosts)> _both = new();
    private long _islandId;

    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(lab.All.Select(h => Signals.WithinAsync(h.Namespace, () =>
    {
        while (!cancel.IsCancellationRequested)
        {
            var before = TimeProvider.System.GetUtcNow();
            _believes[h.Name] = Cluster.IsPrimaryWithin(h.Address) ? before : null;
            var since = before - TimeSpan.FromMilliseconds(400);
            var now = _believes.Where(b => b.Value >= since).Select(b => b.Key).Order().ToList();
            if (now.Count > 1) _both.Enqueue((before, string.Join(" and ", now)));
            cancel.WaitHandle.WaitOne(200);
        }
        return true;
    })));

    /// <summary>When two machines thought themselves primary at once.</summary>
    public IReadOnlyList<string> TwoPrimaries(DateTimeOffset from) => [.. _both.Where(b => b.At >= from).Select(b => b.Hosts).Distinct()];

    /// <summary>A client on a machine that is cut off goes on writing to the PostgreSQL beside it.</summary>
    /// <returns>What that one acknowledged.</returns>
    public Task<IReadOnlyList<long>> WriteOnIslandAsync(LabHost host, TimeSpan time, string password, CancellationToken cancel) => Signals.WithinAsync<IReadOnlyList<long>>(host.Namespace, () =>
    {
        var isCareless = lab.Uncured == Finding.Cancel;
        var acknowledged = new List<long>();
        var until = TimeProvider.System.GetUtcNow() + time;
        while (TimeProvider.System.GetUtcNow() < until && !cancel.IsCancellationRequested)
        {
            try
            {
                using var connection = new NpgsqlConnection(isCareless ? SqlWriter.Careless(SqlWriter.Connection("127.0.0.1", 5432, password)) : SqlWriter.Connection("127.0.0.1", 5432, password));
                connection.Open();
                while (TimeProvider.System.GetUtcNow() < until)
                {
                    var id = Interlocked.Increment(ref _islandId);
                    var warned = false;
                    connection.Notice += (_, e) => warned |= e.Notice.SqlState.StartsWith("01", StringComparison.Ordinal);
                    using var insert = new NpgsqlCommand("insert into island values ($1)", connection) { Parameters = { new() { Value = id } } };
                    if (insert.ExecuteNonQuery() == 1 && (isCareless || !warned)) acknowledged.Add(id);
                    cancel.WaitHandle.WaitOne(50);
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException or IOException)
            {
                cancel.WaitHandle.WaitOne(100);
            }
        }
        return acknowledged;
    });
}
