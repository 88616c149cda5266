using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes.Places;

/// <summary>Enters this node in the store every few seconds, and says of the others when one is silent or has lost its network.</summary>
public sealed class NodeRunner(NpgsqlDataSource source, NetworkRunner network, OpsSettings settings, TimeProvider time, ILogger<NodeRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(5))
{
    /// <summary>The alert of a node that was not seen for <see cref="Node.GoneAfter"/> and did not say that it stops.</summary>
    public const string GoneAlert = "node_gone";

    /// <summary>The alert of a node whose own reference targets do not answer.</summary>
    public const string LostAlert = "node_network_lost";

    /// <summary><see cref="Alert.Source"/> of these alerts.</summary>
    private const string Source = "node";

    private const string Enter = """
        insert into nodes (name, location, started_at, seen_at, lost_since) values ($1, $2, $3, $4, $5)
        on conflict (name) do update set location = excluded.location, started_at = excluded.started_at, seen_at = excluded.seen_at, stopped_at = null, lost_since = excluded.lost_since
        """;

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private string _said = "";

    /// <summary>One round.</summary>
    public async Task RunOnceAsync(CancellationToken cancel)
    {
        await network.IsLostAsync(cancel);
        var now = Time.GetUtcNow();
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var enter = new NpgsqlCommand(Enter, connection) { Parameters = { new() { Value = settings.Node }, new() { Value = (object?)settings.Location ?? DBNull.Value }, new() { Value = _startedAt }, new() { Value = now }, new() { Value = (object?)network.LostSince ?? DBNull.Value } } })
            await enter.ExecuteNonQueryAsync(cancel);
        var nodes = await ReadAsync(connection, cancel);
        var wanted = nodes.Where(n => n.StoppedAt is null && !n.IsAliveAt(now)).Select(n => Begin(GoneAlert, n)).Concat(nodes.Where(n => n.IsAliveAt(now) && n.LostSince is not null).Select(n => Begin(LostAlert, n)));
        await OwnAlerts.SettleAsync(connection, await OwnAlerts.OpenAsync(connection, Source, cancel), wanted, now, cancel);
        // Pages are told when something about the nodes is other than before, not at every entry.
        var said = string.Join(';', nodes.OrderBy(n => n.Name, StringComparer.Ordinal).Select(n => $"{n.Name} {n.Location} {n.IsAliveAt(now)} {n.LostSince}"));
        if (said != _said) await ChangeSignal.PublishAsync(connection, Node.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        _said = said;
    }

    /// <summary>Says that it stops, so that nobody is alarmed.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await using var stop = source.CreateCommand("update nodes set stopped_at = $2 where name = $1");
            stop.Parameters.Add(new() { Value = settings.Node });
            stop.Parameters.Add(new() { Value = Time.GetUtcNow() });
            stop.CommandTimeout = 2;
            await stop.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException or System.Net.Sockets.SocketException) { } // the database is away: the others will say that it is gone
    }

    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => PlacesLog.NotEntered(log, exception);

    private static AlertSignal Begin(string name, Node node)
    {
        var since = name == GoneAlert ? node.SeenAt : node.LostSince!.Value;
        var summary = Phrase.Of("node." + (name == GoneAlert ? "gone" : "lost"), node.Name, since);
        return new(LabelSet.Of(("alertname", name), ("node", node.Name), ("location", node.Location ?? ""), ("severity", Words.Of(Severity.High))),
            LabelSet.Of(("summary", summary.In(System.Globalization.CultureInfo.InvariantCulture))), since, null, Source, summary);
    }

    private static async Task<List<Node>> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var read = new NpgsqlCommand("select name, location, started_at, seen_at, stopped_at, lost_since from nodes order by name for update", connection);
        await using var reader = await read.ExecuteReaderAsync(cancel);
        var nodes = new List<Node>();
        while (await reader.ReadAsync(cancel))
            nodes.Add(new() { Name = reader.GetString(0), Location = reader.IsDBNull(1) ? null : reader.GetString(1), StartedAt = Time(2)!.Value, SeenAt = Time(3)!.Value, StoppedAt = Time(4), LostSince = Time(5) });
        return nodes;

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }
}

/// <summary>What the nodes say in the log. Event numbers 1230–1249.</summary>
internal static partial class PlacesLog
{
    [LoggerMessage(1230, LogLevel.Warning, "This node could not be entered in the store; trying again in some seconds")]
    public static partial void NotEntered(ILogger log, Exception exception);
}
