using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Storage;

/// <summary>The private server under whatever can be done to it. Real processes, real kill -9.</summary>
public sealed class PrivatePostgresTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DataLockNote _note;
    private PrivatePostgres? _server;

    public PrivatePostgresTests() => _note = new(_folder["data"]);

    private string Data => _folder["data"];

    private string Cluster => Path.Combine(Data, "postgres", "data");

    [Fact]
    public async Task A_new_server_has_checksums_and_scram_and_listens_on_its_socket_alone()
    {
        await StartAsync();
        Assert.Equal("on", await AskAsync("show data_checksums"));
        Assert.Equal("", await AskAsync("show listen_addresses"));
        Assert.Equal("0700", await AskAsync("show unix_socket_permissions"));
        Assert.Equal("scram-sha-256", await AskAsync("select string_agg(distinct auth_method, ' ') from pg_hba_file_rules"));
        var wrong = new NpgsqlConnectionStringBuilder(_server!.ConnectionString) { Password = "guess", Pooling = false };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());
        Assert.Empty(ListeningInodes().Intersect(SocketInodes(_server.ProcessId!.Value)));
    }

    [Fact]
    public async Task A_server_that_is_killed_comes_back_with_what_was_committed()
    {
        await StartAsync();
        await DoAsync("create table t as select 42 as n");
        var first = _server!.ProcessId!.Value;

        KillNow(first);

        await Eventually.TrueAsync(() => Task.FromResult(_server.ProcessId is { } now && now != first), "another server process");
        await Eventually.TrueAsync(AnswersAsync, "it answers");
        Assert.Equal("42", await AskAsync("select n from t"));
    }

    [Theory]
    [InlineData("zombie")]
    [InlineData("stranger")]
    [InlineData("gone")]
    public async Task A_pid_file_left_by_a_dead_server_does_not_keep_the_next_from_starting(string owner)
    {
        await StartAsync();
        await DoAsync("create table t as select 42 as n");
        var file = Path.Combine(Cluster, "postmaster.pid");
        var left = await File.ReadAllTextAsync(file);
        await _server!.DisposeAsync();
        // A process that does not reap its child makes a zombie for as long as it lives; sleep is no PostgreSQL.
        // The child ends once its parent has become sleep: bash would still reap it.
        // Of the server's own account: PostgreSQL sees through those of others by itself.
        var info = new ProcessStartInfo("bash", ["-c", "(until [[ $(</proc/$$/comm) == sleep ]]; do :; done) & echo $!; exec sleep 1000"]) { RedirectStandardOutput = true, WorkingDirectory = "/" };
        if (Environment.IsPrivilegedProcess) info.UserName = "postgres";
        using var parent = Process.Start(info)!;
        var zombie = int.Parse((await parent.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        try
        {
            if (owner == "zombie") await Eventually.TrueAsync(() => Task.FromResult(File.ReadAllText($"/proc/{zombie}/stat").Contains(") Z ", StringComparison.Ordinal)), "a zombie");
            var pid = owner switch { "zombie" => zombie, "stranger" => parent.Id, _ => 4_194_303 };
            await File.WriteAllTextAsync(file, pid + left[left.IndexOf('\n', StringComparison.Ordinal)..]);
            await File.WriteAllTextAsync(Path.Combine(Data, "postgres", ".s.PGSQL.5432.lock"), $"{pid}\n");

            await StartAsync();

            Assert.Equal("42", await AskAsync("select n from t"));
        }
        finally
        {
            parent.Kill();
        }
    }

    [Fact]
    public async Task A_first_start_that_was_cut_short_is_done_again()
    {
        Directory.CreateDirectory(Path.Combine(Data, "postgres", "data.part", "base"));
        await StartAsync();
        Assert.Equal("1", await AskAsync("select 1"));
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_still_works()
    {
        var deep = _folder[Path.Combine(new string('a', 60), new string('b', 60))];
        Directory.CreateDirectory(deep);
        await StartAsync(deep);
        Assert.Equal("1", await AskAsync("select 1"));
        var host = new NpgsqlConnectionStringBuilder(_server!.ConnectionString).Host!;
        await _server.DisposeAsync();
        Directory.Delete(host);
    }

    [Fact]
    public async Task A_lock_ends_with_its_holder_and_says_who_that_is()
    {
        Directory.CreateDirectory(Data);
        var (held, _) = DataLock.TryTake(Data, TimeProvider.System);
        held!.Tell("http://127.0.0.1:8080");
        var (second, holder) = DataLock.TryTake(Data, TimeProvider.System);
        Assert.Null(second);
        Assert.Matches($"process {Environment.ProcessId}, since .* UTC, at http://127.0.0.1:8080", holder);

        held.Dispose();
        await _note.LeaveOfDeadProcessAsync();
        var (third, _) = DataLock.TryTake(Data, TimeProvider.System);
        Assert.NotNull(third);
        third.Dispose();
    }

    private async Task StartAsync(string? data = null)
    {
        Directory.CreateDirectory(Data);
        _server = await PrivatePostgres.StartAsync(data ?? Data, TimeProvider.System, TestContext.Current.CancellationToken, line => TestContext.Current.TestOutputHelper?.WriteLine(line));
    }

    private async Task<string> AskAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_server!.ConnectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture)!;
    }

    private async Task DoAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_server!.ConnectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await AskAsync("select 1") == "1";
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static void KillNow(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    /// <summary>Inodes of all TCP sockets of this machine that listen.</summary>
    private static IEnumerable<string> ListeningInodes() =>
        from table in new[] { "/proc/net/tcp", "/proc/net/tcp6" }
        where File.Exists(table)
        from line in File.ReadLines(table).Skip(1)
        let columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where columns[3] == "0A"
        select columns[9];

    private static IEnumerable<string> SocketInodes(int pid) =>
        from link in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd")
        let target = File.ResolveLinkTarget(link, returnFinalTarget: false)?.Name
        where target?.StartsWith("socket:[", StringComparison.Ordinal) == true
        select target["socket:[".Length..^1];

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>What a killed application leaves in its state directory.</summary>
    private sealed class DataLockNote(string data)
    {
        public async Task LeaveOfDeadProcessAsync()
        {
            await File.WriteAllTextAsync(Path.Combine(data, "run.lock"), "");
            await File.WriteAllTextAsync(Path.Combine(data, "run.json"), """{"pid": 1, "since": "2026-01-01T00:00:00Z", "url": "http://127.0.0.1:1"}""");
        }
    }
}
