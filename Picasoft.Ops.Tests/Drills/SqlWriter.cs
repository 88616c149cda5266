using Npgsql;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>Rows with an id of the client's own, through the one address that every program may use.</summary>
internal sealed class SqlWriter : Writer
{
    private const int Hands = 4;
    private readonly string _connection;
    private readonly NpgsqlConnection?[] _connections = new NpgsqlConnection?[Hands];

    public SqlWriter(string password) : base("postgres", Hands, TimeSpan.FromMilliseconds(60)) => _connection = Connection(Network.VirtualAddress, 5000, password);

    /// <summary>As a program is that was never told of it: it cancels what takes longer than a second, and believes the answer.</summary>
    public static string Careless(string connection) => connection.Replace("Command Timeout=3;Cancellation Timeout=-1", "Command Timeout=1", StringComparison.Ordinal);

    /// <summary>"Cancellation Timeout=-1": a commit that Npgsql cancels while it waits for the standby answers like one that succeeded.</summary>
    public static string Connection(string host, int port, string password) =>
        $"Host={host};Port={port};Database=ops_drill;Username=postgres;Password={password};Pooling=false;Timeout=2;Command Timeout=3;Cancellation Timeout=-1;Tcp Keepalive=true;Tcp Keepalive Time=2;Tcp Keepalive Interval=1";

    public async Task CreateAsync(CancellationToken cancel)
    {
        try
        {
            await ExecuteAsync("create database ops_drill", "postgres", cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase) { } // an earlier attempt got that far
        await ExecuteAsync("create table if not exists written (id bigint primary key, at timestamptz not null default now(), filler text); create table if not exists island (id bigint primary key)", "ops_drill", cancel);
    }

    private async Task ExecuteAsync(string sql, string database, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connection) { Database = database, CommandTimeout = 30 }.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    protected override async Task<bool> WriteAsync(int hand, long id, CancellationToken cancel)
    {
        try
        {
            if (_connections[hand] is null)
            {
                var connection = new NpgsqlConnection(_connection);
                _connections[hand] = connection;
                await connection.OpenAsync(cancel);
            }
            return await InsertAsync(_connections[hand]!, "insert into written (id, filler) values ($1, repeat('x', 400))", id, cancel);
        }
        catch
        {
            if (_connections[hand] is { } broken) await broken.DisposeAsync();
            _connections[hand] = null;
            throw;
        }
    }

    /// <summary>A notice of class 01 while committing means that no standby has it: not acknowledged.</summary>
    public static async Task<bool> InsertAsync(NpgsqlConnection connection, string sql, long id, CancellationToken cancel)
    {
        var warned = false;
        void Hear(object _, NpgsqlNoticeEventArgs e) => warned |= e.Notice.SqlState.StartsWith("01", StringComparison.Ordinal);
        connection.Notice += Hear;
        try
        {
            await using var insert = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = id } } };
            return await insert.ExecuteNonQueryAsync(cancel) == 1 && !warned;
        }
        finally
        {
            connection.Notice -= Hear;
        }
    }

    protected override Task<IReadOnlySet<long>> PresentAsync(CancellationToken cancel) => IdsAsync("select id from written", cancel);

    public async Task<IReadOnlySet<long>> IdsAsync(string sql, CancellationToken cancel, string? database = null)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connection) { Database = database ?? "ops_drill", CommandTimeout = 30 }.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var ids = new HashSet<long>();
        while (await reader.ReadAsync(cancel)) ids.Add(reader.GetInt64(0));
        return ids;
    }
}
