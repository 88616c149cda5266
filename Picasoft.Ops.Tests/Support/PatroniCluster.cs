using System.Globalization;
using System.Text.Json;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Drills;

namespace Picasoft.Ops.Tests.Support;

/// <summary>Two members of a real Patroni over a real etcd, on loopback, as Debian packs them.</summary>
public sealed class PatroniCluster : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, RealProgram> _members = [];
    private readonly Dictionary<string, int> _databases = [];
    private readonly List<int> _stopped = []; // stand still, and so do not end with who started them
    private RealProgram _etcd = null!;

    public static bool CanRun => Environment.IsPrivilegedProcess && File.Exists("/usr/bin/etcd") && File.Exists("/usr/bin/patroni");

    /// <summary>Addresses of the members' REST API, by their names.</summary>
    public IReadOnlyDictionary<string, string> Members => _members.ToDictionary(m => m.Key, m => m.Value.Address.ToString().TrimEnd('/'), StringComparer.Ordinal);

    /// <summary>Where a member keeps its PostgreSQL's data.</summary>
    public string DataOf(string name) => _folder[name + "/data"];

    /// <summary>What Patroni reads of a member.</summary>
    public string ConfigurationOf(string name) => _folder[name + ".yml"];

    public int PortOf(string name) => _databases[name];

    /// <summary>To the PostgreSQL of one member, as its superuser.</summary>
    public string ConnectionTo(string name, string database = "postgres") => $"Host=127.0.0.1;Port={_databases[name]};Database={database};Username=postgres;Password=hunter2;Pooling=false;Timeout=5";

    /// <param name="unwilling">The second member may not lead.</param>
    public static async Task<PatroniCluster> StartAsync(bool synchronous = false, bool unwilling = false)
    {
        var cluster = new PatroniCluster();
        var peer = RealProgram.FreePort();
        // Patroni 3.0.2 speaks etcd's v2 API here, as docker/ha does and says why.
        cluster._etcd = await RealProgram.StartAsync("/usr/bin/etcd", port => ["--name", "one", "--data-dir", cluster._folder["etcd"], "--enable-v2=true", "--listen-client-urls", $"http://127.0.0.1:{port}", "--advertise-client-urls", $"http://127.0.0.1:{port}",
            "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}", "--initial-cluster", $"one=http://127.0.0.1:{peer}", "--unsafe-no-fsync", "--log-level", "error"], RealProgram.ListensAsync);
        await cluster.AddAsync("pg1", synchronous, unwilling: false);
        await cluster.AddAsync("pg2", synchronous, unwilling);
        return cluster;
    }

    /// <summary>Ends a member and its PostgreSQL at one stroke.</summary>
    public async Task KillAsync(string name)
    {
        // Patroni's PostgreSQL is no child of it, outlives it, and holds on to what it printed to.
        var (member, running) = (_members[name], _folder[$"{name}/data/postmaster.pid"]);
        if (File.Exists(running))
        {
            Signals.Send(member.ProcessId, Signals.Kill);
            Signals.Send(int.Parse(File.ReadLines(running).First(), CultureInfo.InvariantCulture), Signals.Kill);
            File.Delete(running);
        }
        await member.DisposeAsync();
    }

    /// <summary>The part of a member's PostgreSQL that receives what the leader writes stands still, as on a network that swallows everything.</summary>
    public async Task StopReceivingAsync(string name)
    {
        var parent = File.ReadLines(_folder[$"{name}/data/postmaster.pid"]).First();
        var receiver = (await RealProgram.RunAsync("pgrep", "-P", parent, "-f", "walreceiver")).Trim();
        _stopped.Add(int.Parse(receiver, CultureInfo.InvariantCulture));
        Signals.Send(_stopped[^1], Signals.Stop);
    }

    /// <summary>Ends a member as its machine does when it is switched off: Patroni stops its PostgreSQL.</summary>
    public async Task StopAsync(string name)
    {
        Signals.Send(_members[name].ProcessId, Signals.Terminate);
        // It stops its PostgreSQL, and then gives its lock back.
        await Eventually.TrueAsync(() => Task.FromResult(!Directory.Exists($"/proc/{_members[name].ProcessId}")), $"{name} has stopped", 120);
        await _members[name].DisposeAsync();
    }

    /// <summary>Starts one again that was ended, on the data that lies there now.</summary>
    public async Task StartAgainAsync(string name) => _members[name] = await RealProgram.StartAsync("/usr/bin/patroni", _ => [ConfigurationOf(name)], RunsAsync, "postgres", _members[name].Port);

    /// <summary>Changes what the cluster has agreed on: <c>{"pause": true}</c>.</summary>
    /// <param name="asked">The member that is told; null: the first.</param>
    public async Task ConfigureAsync(object change, string? asked = null)
    {
        using var client = new HttpClient();
        using var body = new StringContent(JsonSerializer.Serialize(change)); // it takes nothing in chunks
        using var answer = await client.PatchAsync(new Uri((asked is null ? _members.Values.First() : _members[asked]).Address, "/config"), body);
        answer.EnsureSuccessStatusCode();
    }

    private async Task AddAsync(string name, bool synchronous, bool unwilling)
    {
        var (database, data) = (_databases[name] = RealProgram.FreePort(), _folder[name]);
        await RealProgram.RunAsync("install", "-d", "-o", "postgres", "-g", "postgres", "-m", "0700", data);
        _members[name] = await RealProgram.StartAsync("/usr/bin/patroni", port =>
        {
            File.WriteAllText(_folder[name + ".yml"], $$"""
                scope: test
                name: {{name}}
                restapi: {listen: "127.0.0.1:{{port}}", connect_address: "127.0.0.1:{{port}}"}
                etcd: {hosts: ["127.0.0.1:{{_etcd.Port}}"]}
                tags: {nofailover: {{(unwilling ? "true" : "false")}}}
                bootstrap:
                  dcs: {ttl: 20, loop_wait: 1, retry_timeout: 3, synchronous_mode: {{(synchronous ? "true" : "false")}}, postgresql: {use_slots: true, parameters: {max_connections: 20, fsync: "off", wal_level: replica, hot_standby: "on"} } }
                  initdb: [{encoding: UTF8}, {locale: C.UTF-8}]
                postgresql:
                  listen: "127.0.0.1:{{database}}"
                  connect_address: "127.0.0.1:{{database}}"
                  data_dir: {{data}}/data
                  bin_dir: {{PostgresBinaries.Folder()}}
                  pgpass: {{data}}/pgpass
                  authentication: {superuser: {username: postgres, password: hunter2}, replication: {username: replicator, password: hunter2}, rewind: {username: rewind, password: hunter2} }
                  parameters: {unix_socket_directories: "{{data}}"}
                  pg_hba: ["local all all trust", "host replication replicator 127.0.0.1/32 scram-sha-256", "host all all 127.0.0.1/32 scram-sha-256"]
                  basebackup: [{checkpoint: fast}]

                """);
            return [_folder[name + ".yml"]];
        }, RunsAsync, "postgres");
    }

    private static async Task<bool> RunsAsync(RealProgram member)
    {
        using var client = new HttpClient();
        try { return (await client.GetAsync(new Uri(member.Address, "/health"))).IsSuccessStatusCode; }
        catch (HttpRequestException) { return false; }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _stopped) Signals.Send(process, Signals.Kill);
        foreach (var member in _members.Keys) await KillAsync(member);
        if (_etcd is not null) await _etcd.DisposeAsync();
        _folder.Dispose();
    }
}
