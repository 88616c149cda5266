using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>"Restoring from a backup" of docs/pra, the whole cluster: done as the page says it, with a real Patroni.</summary>
public sealed class RestoreGuideTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_cluster_whose_data_is_exchanged_leads_and_is_copied_again()
    {
        Assert.SkipUnless(PatroniCluster.CanRun, "Patroni and etcd are started as root here");
        await using var cluster = await PatroniCluster.StartAsync();
        await Eventually.TrueAsync(() => IsPrimaryAsync(cluster, "pg1"), "pg1 leads", 120);
        await SqlAsync(cluster, "pg1", "create table kept as select 1 as id");
        var backup = _folder["backup/data"];
        await RealProgram.RunAsync("install", "-d", "-o", "postgres", "-m", "0700", _folder["backup"]);
        await AsPostgresAsync("env", "PGPASSWORD=hunter2", Path.Combine(PostgresBinaries.Folder()!, "pg_basebackup"), "-h", "127.0.0.1", "-p", $"{cluster.PortOf("pg1")}", "-U", "replicator", "-D", backup, "-X", "stream", "-c", "fast");
        await SqlAsync(cluster, "pg1", "drop table kept"); // the mistake, which reaches both at once

        foreach (var name in new[] { "pg2", "pg1" }) await cluster.StopAsync(name);
        await RealProgram.RunAsync("bash", "-c", $"printf 'test\\nYes I am aware\\n' | patronictl -c '{cluster.ConfigurationOf("pg1")}' remove test");
        await RealProgram.RunAsync("mv", cluster.DataOf("pg1"), _folder["aside"]);
        await RealProgram.RunAsync("mv", backup, cluster.DataOf("pg1"));
        await cluster.StartAgainAsync("pg1");
        await Eventually.TrueAsync(() => IsPrimaryAsync(cluster, "pg1"), "it finds data and nobody who leads, and leads", 120);
        Assert.Equal(1L, await SqlAsync(cluster, "pg1", "select count(*) from kept"));

        Directory.Delete(cluster.DataOf("pg2"), recursive: true);
        await cluster.StartAgainAsync("pg2");
        await SqlAsync(cluster, "pg1", "insert into kept values (2)");
        await Eventually.TrueAsync(async () => await TrySqlAsync(cluster, "pg2", "select count(*) from kept") is 2L && !await IsPrimaryAsync(cluster, "pg2"), "the other copies it", 120);
    }

    private static Task AsPostgresAsync(params string[] command) => RealProgram.RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", .. command]);

    private static async Task<bool> IsPrimaryAsync(PatroniCluster cluster, string name)
    {
        using var client = new HttpClient();
        try { return (await client.GetAsync(new Uri(cluster.Members[name] + "/primary"))).IsSuccessStatusCode; }
        catch (HttpRequestException) { return false; }
    }

    private static async Task<object?> SqlAsync(PatroniCluster cluster, string name, string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionTo(name));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<object?> TrySqlAsync(PatroniCluster cluster, string name, string sql)
    {
        try { return await SqlAsync(cluster, name, sql); }
        catch (NpgsqlException) { return null; } // it is still being copied
    }

    public void Dispose() => _folder.Dispose();
}
