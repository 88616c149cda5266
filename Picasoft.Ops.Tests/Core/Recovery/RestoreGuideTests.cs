using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>"Restoring from a backup" of docs/pra: done as the page says it, with a real Patroni.</summary>
public sealed class RestoreGuideTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task The_whole_cluster_goes_back_to_an_instant_leads_and_is_copied_again()
    {
        Assert.SkipUnless(PatroniCluster.CanRun, "Patroni and etcd are started as root here");
        await using var cluster = await PatroniCluster.StartAsync();
        await Eventually.TrueAsync(() => IsPrimaryAsync(cluster, "pg1"), "pg1 leads", 120);
        foreach (var name in new[] { "backup", "wal" }) await RealProgram.RunAsync("install", "-d", "-o", "postgres", "-m", "0700", _folder[name]);
        var backup = _folder["backup/data"];
        await using var receiver = await RealProgram.StartAsync("env", _ => ["PGPASSWORD=hunter2", PostgresBinaries.Program("pg_receivewal"), "-h", "127.0.0.1", "-p", $"{cluster.PortOf("pg1")}", "-U", "replicator", "-D", _folder["wal"]],
            _ => Task.FromResult(Directory.EnumerateFiles(_folder["wal"], "*.partial").Any()), "postgres");
        await SqlAsync(cluster, "pg1", "create table kept as select 1 as id; create table beside as select 1 as id");
        await AsPostgresAsync("env", "PGPASSWORD=hunter2", PostgresBinaries.Program("pg_basebackup"), "-h", "127.0.0.1", "-p", $"{cluster.PortOf("pg1")}", "-U", "replicator", "-D", backup, "-X", "stream", "-c", "fast");
        await SqlAsync(cluster, "pg1", "insert into kept values (2); insert into beside values (2)"); // after the backup: only the archived WAL has it
        var instant = await SqlAsync(cluster, "pg1", "select clock_timestamp()::text");
        await SqlAsync(cluster, "pg1", "drop table kept"); // the mistake, which reaches both at once
        var last = (string)(await SqlAsync(cluster, "pg1", "select pg_walfile_name(pg_switch_wal())"))!;
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(_folder["wal/" + last])), "the archive has it too", 120);

        // As the page says, step by step.
        foreach (var name in new[] { "pg2", "pg1" }) await cluster.StopAsync(name);
        await RealProgram.RunAsync("bash", "-c", $"printf 'test\nYes I am aware\n' | patronictl -c '{cluster.ConfigurationOf("pg1")}' remove test");
        var data = cluster.DataOf("pg1");
        await RealProgram.RunAsync("mv", data, _folder["aside"]);
        await RealProgram.RunAsync("mv", backup, data);
        await File.AppendAllTextAsync(Path.Combine(data, "postgresql.auto.conf"), $"restore_command = 'cp {_folder["wal"]}/%f %p'\nrecovery_target_time = '{instant}'\n");
        await AsPostgresAsync("touch", Path.Combine(data, "recovery.signal"));
        // (Its own words go to a file: whoever started it would wait for them.)
        await AsPostgresAsync(PostgresBinaries.Program("pg_ctl"), "-D", data, "-w", "-t", "120", "-l", _folder["backup/log"], "start");
        try
        {
            await Eventually.TrueAsync(async () => await SqlAsync(cluster, "pg1", "select pg_is_wal_replay_paused()") is true, "it stands at the instant, to be looked at", 120);
            // What the mistake had locked stays so until it goes on: PostgreSQL stops before the mistake's commit, not before its beginning.
            Assert.Equal(2L, await SqlAsync(cluster, "pg1", "select count(*) from beside"));
            await SqlAsync(cluster, "pg1", "select pg_wal_replay_resume()");
            await Eventually.TrueAsync(async () => await SqlAsync(cluster, "pg1", "select pg_is_in_recovery()") is false, "it goes on from there", 120);
        }
        finally { await AsPostgresAsync(PostgresBinaries.Program("pg_ctl"), "-D", data, "-w", "-t", "120", "-m", "fast", "stop"); }
        await cluster.StartAgainAsync("pg1");
        await Eventually.TrueAsync(() => IsPrimaryAsync(cluster, "pg1"), "it finds data and nobody who leads, and leads", 120);
        Assert.Equal(2L, await SqlAsync(cluster, "pg1", "select count(*) from kept"));

        Directory.Delete(cluster.DataOf("pg2"), recursive: true);
        await cluster.StartAgainAsync("pg2");
        await SqlAsync(cluster, "pg1", "insert into kept values (3)");
        await Eventually.TrueAsync(async () => await TrySqlAsync(cluster, "pg2", "select count(*) from kept") is 3L && !await IsPrimaryAsync(cluster, "pg2"), "the other copies it", 120);
    }

    [Fact]
    public async Task One_database_comes_back_from_its_dump_and_the_cluster_goes_on()
    {
        Assert.SkipUnless(PatroniCluster.CanRun, "Patroni and etcd are started as root here");
        await using var cluster = await PatroniCluster.StartAsync();
        await Eventually.TrueAsync(() => IsPrimaryAsync(cluster, "pg1"), "pg1 leads", 120);
        Task DoAsync(string program, params string[] more) => RealProgram.RunAsync("env", ["PGPASSWORD=hunter2", PostgresBinaries.Program(program), "-h", "127.0.0.1", "-p", $"{cluster.PortOf("pg1")}", "-U", "postgres", .. more]);
        await DoAsync("createdb", "pads");
        await SqlAsync(cluster, "pg1", "create table pad as select 'kept' as text", "pads");
        await SqlAsync(cluster, "pg1", "create table other as select 1 as id"); // of another database of the same cluster
        await DoAsync("pg_dump", "-Fc", "-f", _folder["dump"], "pads");
        await SqlAsync(cluster, "pg1", "update pad set text = 'broken'", "pads");
        await SqlAsync(cluster, "pg1", "insert into other values (2)");

        await DoAsync("createdb", "pads_restored");
        await DoAsync("pg_restore", "-d", "pads_restored", _folder["dump"]);
        Assert.Equal("kept", await SqlAsync(cluster, "pg1", "select text from pad", "pads_restored"));
        await SqlAsync(cluster, "pg1", "alter database pads rename to pads_broken");
        await SqlAsync(cluster, "pg1", "alter database pads_restored rename to pads");

        Assert.Equal("kept", await SqlAsync(cluster, "pg1", "select text from pad", "pads"));
        Assert.Equal(2L, await SqlAsync(cluster, "pg1", "select count(*) from other"));
        await Eventually.TrueAsync(async () => await TrySqlAsync(cluster, "pg2", "select text from pad", "pads") is "kept", "the standby has it", 120);
        Assert.True(await IsPrimaryAsync(cluster, "pg1"));
    }

    private static Task AsPostgresAsync(params string[] command) => RealProgram.RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", .. command]);

    private static async Task<bool> IsPrimaryAsync(PatroniCluster cluster, string name)
    {
        using var client = new HttpClient();
        try { return (await client.GetAsync(new Uri(cluster.Members[name] + "/primary"))).IsSuccessStatusCode; }
        catch (HttpRequestException) { return false; }
    }

    private static async Task<object?> SqlAsync(PatroniCluster cluster, string name, string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionTo(name, database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<object?> TrySqlAsync(PatroniCluster cluster, string name, string sql, string database = "postgres")
    {
        try { return await SqlAsync(cluster, name, sql, database); }
        catch (NpgsqlException) { return null; } // it is still being copied
    }

    public void Dispose() => _folder.Dispose();
}
