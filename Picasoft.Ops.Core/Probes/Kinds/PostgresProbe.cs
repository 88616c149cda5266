using Npgsql;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>How a connection to a database is protected.</summary>
public enum DatabaseTls
{
    /// <summary>If the server offers it; nobody is checked.</summary>
    Prefer,
    /// <summary>Encrypted, or not at all; nobody is checked.</summary>
    Require,
    /// <summary>Encrypted, with a certificate made out to the host that the system trusts.</summary>
    Verify,
    None,
}

/// <summary>Which PostgreSQL, and what it should answer.</summary>
public sealed record PostgresProbeSettings
{
    /// <summary>Name, address, or the folder of a Unix socket.</summary>
    [Setting(Required = true, MaxLength = 253, Example = "db.example.org")]
    public string Host { get; init; } = "";

    [Setting(Min = "1", Max = "65535")]
    public int Port { get; init; } = 5432;

    [Setting(MaxLength = 63)]
    public string Database { get; init; } = "postgres";

    [Setting(Required = true, MaxLength = 63, Example = "probe")]
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

    /// <summary>At least this many standbys must be streaming.</summary>
    [Setting(Min = "0", Max = "100")]
    public int? Standbys { get; init; }

    /// <summary>Most bytes a standby may be behind.</summary>
    [Setting(Min = "0")]
    public long? MaxLagBytes { get; init; }

    /// <summary>Most bytes of WAL that a replication slot may hold back.</summary>
    [Setting(Min = "0")]
    public long? MaxSlotBytes { get; init; }

    /// <summary>At least this many connections must be free.</summary>
    [Setting(Min = "0")]
    public int? MinConnectionsLeft { get; init; }
}

/// <summary>A PostgreSQL answers a query as expected, and its replication, slots and free connections are in order.</summary>
public sealed class PostgresProbe : Probe<PostgresProbeSettings>
{
    private const string Health = """
        select current_setting('max_connections')::int - (select count(*)::int from pg_stat_activity where backend_type = 'client backend'),
            (select count(*)::int from pg_stat_replication where state = 'streaming')
        """;

    private const string Now = "case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end";
    private const string Lags = $"select 'lag ' || coalesce(nullif(application_name, ''), host(client_addr), pid::text), pg_wal_lsn_diff({Now}, replay_lsn)::float8 from pg_stat_replication where replay_lsn is not null order by 1 limit 20";
    private const string Slots = $"select 'slot ' || slot_name, pg_wal_lsn_diff({Now}, restart_lsn)::float8, wal_status = 'lost' from pg_replication_slots where restart_lsn is not null or wal_status = 'lost' order by 1 limit 20";

    public override string Kind => "postgres";

    public override ProbeGroup Group => ProbeGroup.Databases;

    protected override string Target(PostgresProbeSettings settings) => $"{TcpProbe.Endpoint(settings.Host, settings.Port)}/{settings.Database}";

    protected override async ValueTask<Observation> CheckAsync(PostgresProbeSettings settings, ProbeContext context, CancellationToken cancel)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString(settings, context.Timeout));
            await connection.OpenAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await using (var only = new NpgsqlCommand("set transaction read only", connection)) await only.ExecuteNonQueryAsync(cancel);
            var measured = new List<Measurement>();
            var found = new List<Observation>();
            await HealthAsync(connection, settings, found, measured, cancel);
            await ListAsync(connection, Lags, settings.MaxLagBytes, "probe.standby_behind", found, measured, cancel);
            await ListAsync(connection, Slots, settings.MaxSlotBytes, "probe.slot_large", found, measured, cancel);
            if (!string.IsNullOrWhiteSpace(settings.Query)) found.Insert(0, await AskAsync(connection, settings, measured, cancel));
            return (found.MaxBy(o => o.Level) ?? Observation.Up).With(measured);
        }
        catch (PostgresException e) when (!cancel.IsCancellationRequested)
        {
            return e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
                ? Observation.Down("probe.sign_in_refused", TcpProbe.Endpoint(settings.Host, settings.Port), ProbeReasons.Shown(e.MessageText))
                : Observation.Down("probe.answered_error", TcpProbe.Endpoint(settings.Host, settings.Port), ProbeReasons.Shown(e.MessageText));
        }
        catch (NpgsqlException e) when (e.InnerException is null && !cancel.IsCancellationRequested)
        {
            return new(false, Reason(e.Message, TcpProbe.Endpoint(settings.Host, settings.Port)));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, settings.Host, settings.Port));
        }
    }

    /// <summary>What the library, and not the server, has to say; it has no other marks than its words.</summary>
    private static Phrase Reason(string said, string at) =>
        said.Contains("SSL connection requested", StringComparison.Ordinal) ? Phrase.Of("probe.starttls_missing", at)
        : said.StartsWith("No password", StringComparison.Ordinal) ? Phrase.Of("probe.sign_in_refused", at, "no password")
        : said.Contains("SSLRequest", StringComparison.Ordinal) || said.Contains("backend message", StringComparison.Ordinal) ? Phrase.Of("probe.not_protocol", at, "PostgreSQL")
        : Phrase.Of("probe.failed", ProbeReasons.Shown(said));

    private static async Task HealthAsync(NpgsqlConnection connection, PostgresProbeSettings settings, List<Observation> found, List<Measurement> measured, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Health, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var (left, streaming) = (reader.GetInt32(0), reader.GetInt32(1));
        measured.Add(new("connections_left", left, Crit: settings.MinConnectionsLeft, Min: 0));
        if (left < settings.MinConnectionsLeft) found.Add(Observation.Down("probe.connections_left", left, settings.MinConnectionsLeft));
        if (streaming < settings.Standbys) found.Add(Observation.Down("probe.standbys_missing", streaming, settings.Standbys));
    }

    private static async Task ListAsync(NpgsqlConnection connection, string sql, long? most, string reason, List<Observation> found, List<Measurement> measured, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var name = reader.GetString(0);
            if (reader.FieldCount > 2 && !reader.IsDBNull(2) && reader.GetBoolean(2)) found.Add(Observation.Down("probe.slot_lost", name));
            if (reader.IsDBNull(1)) continue;
            var bytes = reader.GetDouble(1);
            measured.Add(new(name, bytes, "B", Crit: most, Min: 0));
            if (bytes > most) found.Add(Observation.Down(reason, name, Units.Text(bytes, "B", System.Globalization.CultureInfo.InvariantCulture), Units.Text(most.Value, "B", System.Globalization.CultureInfo.InvariantCulture)));
        }
    }

    private static async Task<Observation> AskAsync(NpgsqlConnection connection, PostgresProbeSettings settings, List<Measurement> measured, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(settings.Query, connection);
        return QueryVerdict.Of(await command.ExecuteScalarAsync(cancel), settings.Expect, settings.Limits, measured);
    }

    private static string ConnectionString(PostgresProbeSettings settings, TimeSpan timeout) => new NpgsqlConnectionStringBuilder
    {
        Host = settings.Host,
        Port = settings.Port,
        Database = settings.Database,
        Username = settings.User,
        Password = settings.Password?.Reveal(),
        SslMode = settings.Tls switch { DatabaseTls.None => SslMode.Disable, DatabaseTls.Require => SslMode.Require, DatabaseTls.Verify => SslMode.VerifyFull, _ => SslMode.Prefer },
        Pooling = false, // a new visitor's view; and nothing stays open between checks
        Timeout = (int)Math.Clamp(Math.Ceiling(timeout.TotalSeconds), 1, 1024),
        CommandTimeout = (int)Math.Max(1, Math.Ceiling(timeout.TotalSeconds)),
        ApplicationName = "picasoft-ops probe",
    }.ConnectionString;
}

/// <summary>Judges the value that a query gave. Pure.</summary>
internal static class QueryVerdict
{
    public static Observation Of(object? value, string? expect, Limits limits, List<Measurement> measured)
    {
        var text = value is null or DBNull ? null : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);
        if (text is null) return Observation.Down("probe.query_empty");
        double? number = double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var parsed) && double.IsFinite(parsed) ? parsed : null;
        if (number is { } known) measured.Add(limits.Measured("value", known));
        if (!string.IsNullOrEmpty(expect) && !string.Equals(text, expect, StringComparison.OrdinalIgnoreCase)) return Observation.Down("probe.query_other", ProbeReasons.Shown(text), ProbeReasons.Shown(expect));
        if (limits == new Limits()) return Observation.Up;
        return number is { } judged ? limits.Of("value", judged) : Observation.Down("probe.query_no_number", ProbeReasons.Shown(text));
    }
}
