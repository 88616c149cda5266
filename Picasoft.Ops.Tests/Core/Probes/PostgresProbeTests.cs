using Npgsql;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>With a real PostgreSQL, a standby of it, and a slot that nobody reads.</summary>
public sealed class PostgresProbeTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly IProbe _probe = new PostgresProbe();
    private RealProgram _server = null!;

    public async ValueTask InitializeAsync()
    {
        await InitAsync();
        _server = await StartAsync("primary");
    }

    [Fact]
    public async Task A_query_is_compared_and_what_it_gives_is_measured()
    {
        var seen = await _probe.CheckAsync(Settings("select 41 + 1") with { Expect = "42", Limits = new() { WarnAbove = 50, Above = 90 } });
        Assert.Equal("", seen.Words());
        Assert.Equal(42, seen.Value("value"));
        Assert.InRange(seen.Value("connections_left"), 1, 20);

        Assert.Equal("the query gives 42 instead of 43", await _probe.ReasonOf(Settings("select 42") with { Expect = "43" }));
        Assert.Equal("value is 42, more than 40", await _probe.ReasonOf(Settings("select 42") with { Limits = new() { Above = 40 } }));
        Assert.Equal("warning: value is 42, more than 40", await _probe.ReasonOf(Settings("select 42") with { Limits = new() { WarnAbove = 40 } }));
        Assert.Equal("the query gives nothing", await _probe.ReasonOf(Settings("select 1 where false")));
        Assert.Equal("the query gives hello, which is no number", await _probe.ReasonOf(Settings("select 'hello'") with { Limits = new() { Above = 1 } }));
    }

    [Fact]
    public async Task What_is_wrong_is_told_in_words_and_nothing_can_be_written()
    {
        var at = $"127.0.0.1:{_server.Port}";
        Assert.Equal($"{at} answers: relation \"nothing\" does not exist", await _probe.ReasonOf(Settings("select * from nothing")));
        Assert.Equal($"{at} answers: cannot execute CREATE TABLE in a read-only transaction", await _probe.ReasonOf(Settings("create table x (y int)")));
        Assert.StartsWith($"{at} refuses the sign-in", await _probe.ReasonOf(Settings(null) with { Password = new("wrong") }));
        Assert.Equal($"{at} answers: database \"nothing\" does not exist", await _probe.ReasonOf(Settings(null) with { Database = "nothing" }));
        Assert.StartsWith("only ", await _probe.ReasonOf(Settings(null) with { MinConnectionsLeft = 1000 }));
        Assert.Equal("0 standbys are connected, 1 is expected", await _probe.ReasonOf(Settings(null) with { Standbys = 1 }));
        Assert.DoesNotContain("hunter2", await _probe.ReasonOf(Settings(null) with { Tls = DatabaseTls.Verify }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_that_nobody_reads_and_a_standby_that_is_behind_are_seen()
    {
        await ExecuteAsync("select pg_create_physical_replication_slot('forgotten', true)");
        await ExecuteAsync("create table filler as select repeat('x', 1000) from generate_series(1, 3000)");
        var seen = await _probe.CheckAsync(Settings(null) with { MaxSlotBytes = 1_000_000 });
        Assert.StartsWith("slot forgotten holds back ", seen.Words());
        Assert.True(seen.Value("slot forgotten") > 1_000_000);
        Assert.Equal("", await _probe.ReasonOf(Settings(null) with { MaxSlotBytes = 1_000_000_000 }));

        await RunAsync("pg_basebackup", "-D", _folder["standby"], "-R", "-d", $"host=127.0.0.1 port={_server.Port} user=postgres password=hunter2 application_name=bob");
        await File.AppendAllTextAsync(_folder["standby/postgresql.auto.conf"], "recovery_min_apply_delay = '1h'\n");
        await using var standby = await StartAsync("standby");
        await Eventually.TrueAsync(async () => await _probe.ReasonOf(Settings(null) with { Standbys = 1 }) == "", "the standby streams");
        await ExecuteAsync("insert into filler select repeat('x', 1000) from generate_series(1, 3000)");
        await Eventually.TrueAsync(async () => System.Text.RegularExpressions.Regex.IsMatch(await _probe.ReasonOf(Settings(null) with { MaxLagBytes = 1_000_000 }), "^lag bob is .+, allowed are "), "the standby is behind");
        Assert.Equal("", await _probe.ReasonOf(new PostgresProbeSettings { Host = "127.0.0.1", Port = standby.Port, User = "postgres", Password = new("hunter2"), Query = "select pg_is_in_recovery()", Expect = "true" }));
    }

    [Fact]
    public async Task A_slot_that_lost_what_it_needs_is_told()
    {
        await ExecuteAsync("select pg_create_physical_replication_slot('abandoned', true)");
        await ExecuteAsync("alter system set max_slot_wal_keep_size = '1MB'");
        await ExecuteAsync("select pg_reload_conf()");
        await Eventually.TrueAsync(async () =>
        {
            foreach (var sql in new[] { "create table if not exists w (t text)", "insert into w values ('x')", "select pg_switch_wal()", "checkpoint" }) await ExecuteAsync(sql);
            return await _probe.ReasonOf(Settings(null)) == "slot abandoned is lost: the WAL it needs was removed";
        }, "the slot is lost");
    }

    [Fact]
    public async Task A_server_that_is_full_or_somebody_else_is_told_so()
    {
        var at = $"127.0.0.1:{_server.Port}";
        var held = new List<NpgsqlConnection>();
        try
        {
            while (held.Count < 20)
            {
                held.Add(new($"Host=127.0.0.1;Port={_server.Port};Username=postgres;Password=hunter2;Pooling=false"));
                await held[^1].OpenAsync();
                if (held.Count == 15) Assert.Equal("only 4 connections are free, 5 are expected", await _probe.ReasonOf(Settings(null) with { MinConnectionsLeft = 5 }));
            }
            Assert.Equal($"{at} answers: sorry, too many clients already", await _probe.ReasonOf(Settings(null)));
        }
        finally
        {
            foreach (var connection in held) await connection.DisposeAsync();
        }
        Assert.Equal($"{at} refuses the sign-in: no password", await _probe.ReasonOf(Settings(null) with { Password = null }));
        Assert.Equal($"{at} does not offer STARTTLS", await _probe.ReasonOf(Settings(null) with { Tls = DatabaseTls.Require }));
        using var stranger = new RawTarget(_ => "220 mail\r\n"u8.ToArray());
        Assert.Equal($"127.0.0.1:{stranger.Port} does not speak PostgreSQL", await _probe.ReasonOf(Settings(null) with { Port = stranger.Port }));
        Assert.Equal("DNS name no-such-host.invalid does not exist", await _probe.ReasonOf(Settings(null) with { Host = "no-such-host.invalid" }));
        await _server.DisposeAsync();
        Assert.Equal($"connection refused by {at}", await _probe.ReasonOf(Settings(null)));
    }

    [Fact]
    public async Task Its_certificate_is_seen_behind_the_word_that_asks_for_TLS()
    {
        IProbe tls = new TlsProbe(TimeProvider.System);
        using var authority = TestCertificates.Authority();
        var settings = new TlsSettings { Host = "127.0.0.1", Port = _server.Port, StartTls = StartTls.Postgres, ServerName = "db.example.org", Authority = authority.ExportCertificatePem(), Warn = TimeSpan.FromHours(1), Fail = TimeSpan.Zero };
        Assert.Equal($"127.0.0.1:{_server.Port} does not offer STARTTLS", await tls.ReasonOf(settings)); // it has none yet

        TestCertificates.Write(authority, "db.example.org", _folder["server.pem"]);
        File.SetUnixFileMode(_folder["server.pem"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (Environment.IsPrivilegedProcess) await RealProgram.RunAsync("chown", "postgres:", _folder["server.pem"]);
        foreach (var setting in new[] { $"ssl_cert_file = '{_folder["server.pem"]}'", $"ssl_key_file = '{_folder["server.pem"]}'", "ssl = on" }) await ExecuteAsync($"alter system set {setting}");
        await ExecuteAsync("select pg_reload_conf()");
        await Eventually.TrueAsync(async () => await tls.ReasonOf(settings) == "", "the server speaks TLS");
        Assert.Equal("TLS certificate is for db.example.org, not other.example.org", await tls.ReasonOf(settings with { ServerName = "other.example.org" }));
        Assert.Equal("TLS certificate is not signed by a known authority", await tls.ReasonOf(settings with { Authority = null }));
        Assert.StartsWith("warning: TLS certificate expires in ", await tls.ReasonOf(settings with { Warn = TimeSpan.FromDays(3) }), StringComparison.Ordinal);
        Assert.StartsWith("TLS certificate expired ", await tls.ReasonInDays(settings, 3), StringComparison.Ordinal);
        Assert.Equal("", await _probe.ReasonOf(Settings(null) with { Tls = DatabaseTls.Require }));
        Assert.Equal($"TLS handshake with 127.0.0.1:{_server.Port} failed", await _probe.ReasonOf(Settings(null) with { Tls = DatabaseTls.Verify })); // for another name, by nobody known
    }

    private PostgresProbeSettings Settings(string? query) => new() { Host = "127.0.0.1", Port = _server.Port, User = "postgres", Password = new("hunter2"), Query = query };

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={_server.Port};Username=postgres;Password=hunter2;Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task InitAsync()
    {
        await File.WriteAllTextAsync(_folder["password"], "hunter2");
        if (Environment.IsPrivilegedProcess) await RealProgram.RunAsync("chown", "-R", "postgres:", _folder.Path);
        await RunAsync("initdb", "-D", _folder["primary"], "-U", "postgres", "--auth=scram-sha-256", $"--pwfile={_folder["password"]}", "-N");
    }

    private Task<RealProgram> StartAsync(string name) => RealProgram.StartAsync(Path.Combine(PostgresBinaries.Folder(), "postgres"),
        port => ["-D", _folder[name], "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=20", "-c", "fsync=off", "-c", "wal_level=replica"],
        async real => await RealProgram.ListensAsync(real) && real.Output.Contains("ready to accept", StringComparison.Ordinal), user: "postgres");

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(PostgresBinaries.Folder(), program);
        if (Environment.IsPrivilegedProcess) await RealProgram.RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", path, .. arguments]);
        else await RealProgram.RunAsync(path, arguments);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }
}
