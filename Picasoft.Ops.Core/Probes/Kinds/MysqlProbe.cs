using System.Globalization;
using System.Net.Sockets;
using MySqlConnector;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which MySQL or MariaDB, and what it should answer.</summary>
public sealed record MysqlSettings
{
    [Setting(Required = true, MaxLength = 253, Example = "db.example.org")]
    public string Host { get; init; } = "";

    [Setting(Min = "1", Max = "65535")]
    public int Port { get; init; } = 3306;

    [Setting(MaxLength = 64)]
    public string? Database { get; init; }

    [Setting(Required = true, MaxLength = 80, Example = "probe")]
    public string User { get; init; } = "";

    public Secret? Password { get; init; }

    public DatabaseTls Tls { get; init; }

    /// <summary>Run in a read-only transaction; the first value of its first row counts.</summary>
    [Setting(MaxLength = 8192, Multiline = true, Example = "select count(*) from users")]
    public string? Query { get; init; }

    /// <summary>The value it must give, as text.</summary>
    [Setting(MaxLength = 1024)]
    public string? Expect { get; init; }

    /// <summary>When the value, read as a number, is bad.</summary>
    public Limits Limits { get; init; } = new();

    /// <summary>It must be a replica, running, and at most this far behind.</summary>
    [Setting(Min = "0s", Max = "7d", Example = "1m")]
    public TimeSpan? MaxLag { get; init; }

    /// <summary>At least this many connections must be free.</summary>
    [Setting(Min = "0")]
    public int? MinConnectionsLeft { get; init; }
}

/// <summary>A MySQL or MariaDB answers a query as expected; its replication and free connections are in order.</summary>
public sealed class MysqlProbe : Probe<MysqlSettings>
{
    public override string Kind => "mysql";

    public override ProbeGroup Group => ProbeGroup.Databases;

    protected override string Target(MysqlSettings settings) => TcpProbe.Endpoint(settings.Host, settings.Port) + (string.IsNullOrEmpty(settings.Database) ? "" : "/" + settings.Database);

    protected override async ValueTask<Observation> CheckAsync(MysqlSettings settings, ProbeContext context, CancellationToken cancel)
    {
        var at = TcpProbe.Endpoint(settings.Host, settings.Port);
        try
        {
            // The library says of a refused connection only that it failed, and waits for ever for the rest of what is no greeting; ours says why.
            using (var socket = await TcpProbe.ConnectAsync(settings.Host, settings.Port, IpVersion.Any, cancel))
                if (!await GreetsAsync(socket, cancel)) return Observation.Down("probe.not_protocol", at, "MySQL");
            await using var connection = new MySqlConnection(ConnectionString(settings, context.Timeout));
            await connection.OpenAsync(cancel);
            // Of the session, not of one transaction: what defines tables ends that first, and would be carried out after it.
            await using (var only = new MySqlCommand("set session transaction read only", connection)) await only.ExecuteNonQueryAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            var measured = new List<Measurement>();
            var found = new List<Observation> { Observation.Up };
            if (!string.IsNullOrWhiteSpace(settings.Query))
            {
                await using var command = new MySqlCommand(settings.Query, connection, transaction);
                found.Add(QueryVerdict.Of(await command.ExecuteScalarAsync(cancel), settings.Expect, settings.Limits, measured));
            }
            found.Add(await ConnectionsAsync(connection, transaction, settings, measured, cancel));
            if (settings.MaxLag is { } most) found.Add(await ReplicaAsync(connection, transaction, most, measured, cancel));
            return found.MaxBy(o => o.Level)!.With(measured);
        }
        catch (MySqlException e) when (!cancel.IsCancellationRequested)
        {
            return e.ErrorCode is MySqlErrorCode.AccessDenied ? Observation.Down("probe.sign_in_refused", at, ProbeReasons.Shown(e.Message)) : Observation.Down("probe.answered_error", at, ProbeReasons.Shown(e.Message));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, settings.Host, settings.Port));
        }
    }

    /// <summary>A packet whose first byte is the version of the protocol, or 255 for an error. Source: MySQL Internals, "Protocol::Handshake".</summary>
    private static async Task<bool> GreetsAsync(Socket socket, CancellationToken cancel)
    {
        var head = new byte[5];
        for (var (length, read) = (0, 0); length < head.Length; length += read)
            if ((read = await socket.ReceiveAsync(head.AsMemory(length), cancel)) == 0) throw new ProbeFailure(Phrase.Of("probe.closed"));
        return head is [_, _, 0, 0, 9 or 10 or 255]; // shorter than 64 KiB, the first of all packets
    }

    private static async Task<Observation> ConnectionsAsync(MySqlConnection connection, MySqlTransaction transaction, MysqlSettings settings, List<Measurement> measured, CancellationToken cancel)
    {
        await using var command = new MySqlCommand("show global status like 'Threads_connected'", connection, transaction);
        var used = 0;
        await using (var reader = await command.ExecuteReaderAsync(cancel))
            if (await reader.ReadAsync(cancel)) used = int.Parse(reader.GetString(1), CultureInfo.InvariantCulture);
        await using var most = new MySqlCommand("select @@global.max_connections", connection, transaction);
        var left = Convert.ToInt32(await most.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture) - used;
        measured.Add(new("connections_left", left, Crit: settings.MinConnectionsLeft, Min: 0));
        return left < settings.MinConnectionsLeft ? Observation.Down("probe.connections_left", left, settings.MinConnectionsLeft) : Observation.Up;
    }

    /// <summary>MariaDB and older MySQL call it slave, newer MySQL replica; all read by the names of the columns.</summary>
    private static async Task<Observation> ReplicaAsync(MySqlConnection connection, MySqlTransaction transaction, TimeSpan most, List<Measurement> measured, CancellationToken cancel)
    {
        await using var command = new MySqlCommand("show replica status", connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel)) return Observation.Down("probe.not_a_replica");
        string? Text(params string[] names) => names.Select(n => Enumerable.Range(0, reader.FieldCount).FirstOrDefault(i => reader.GetName(i) == n, -1)).FirstOrDefault(i => i >= 0, -1) is >= 0 and var i && !reader.IsDBNull(i) ? Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture) : null;
        var error = Text("Last_SQL_Error") is { Length: > 0 } sql ? sql : Text("Last_IO_Error");
        if (Text("Slave_IO_Running", "Replica_IO_Running") != "Yes" || Text("Slave_SQL_Running", "Replica_SQL_Running") != "Yes") return Observation.Down("probe.replica_stopped", ProbeReasons.Shown(error ?? ""));
        if (!double.TryParse(Text("Seconds_Behind_Master", "Seconds_Behind_Source"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)) return Observation.Down("probe.replica_stopped", ProbeReasons.Shown(error ?? ""));
        measured.Add(new("lag", seconds, "s", Crit: most.TotalSeconds, Min: 0));
        return seconds > most.TotalSeconds ? Observation.Down("probe.replica_behind", TimeSpan.FromSeconds(seconds), most) : Observation.Up;
    }

    private static string ConnectionString(MysqlSettings settings, TimeSpan timeout) => new MySqlConnectionStringBuilder
    {
        Server = settings.Host,
        Port = (uint)settings.Port,
        Database = settings.Database ?? "",
        UserID = settings.User,
        Password = settings.Password?.Reveal() ?? "",
        SslMode = settings.Tls switch { DatabaseTls.None => MySqlSslMode.None, DatabaseTls.Require => MySqlSslMode.Required, DatabaseTls.Verify => MySqlSslMode.VerifyFull, _ => MySqlSslMode.Preferred },
        Pooling = false,
        ConnectionTimeout = (uint)Math.Clamp(Math.Ceiling(timeout.TotalSeconds), 1, 1024),
        DefaultCommandTimeout = (uint)Math.Max(1, Math.Ceiling(timeout.TotalSeconds)),
        ApplicationName = "picasoft-ops probe",
    }.ConnectionString;
}
