using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>Replicas that follow, stop and fall behind; with Debian's MariaDB, Redis and OpenLDAP.</summary>
public sealed class ReplicaProbesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_replica_of_MariaDB_follows_stops_and_falls_behind()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "MariaDB's files belong to its own account");
        await using var primary = await MariaAsync("primary", 1, "create user repl@'127.0.0.1' identified by 'hunter2';\ngrant replication slave on *.* to repl@'127.0.0.1';\ncreate database if not exists t;\n");
        await using var replica = await MariaAsync("replica", 2, $"""
            create user if not exists probe@'127.0.0.1' identified by 'hunter2';
            grant all on *.* to probe@'127.0.0.1';
            change master to master_host='127.0.0.1', master_port={primary.Port}, master_user='repl', master_password='hunter2', master_use_gtid=slave_pos, master_connect_retry=1;
            start slave;

            """);
        IProbe probe = new MysqlProbe();
        var settings = new MysqlSettings { Host = "127.0.0.1", Port = replica.Port, User = "probe", Password = new("hunter2"), MaxLag = TimeSpan.FromSeconds(30) };
        await Eventually.TrueAsync(async () => await probe.ReasonOf(settings) == "", "it follows");
        await Eventually.TrueAsync(async () => (await probe.CheckAsync(settings)).Value("lag") == 0, "it is not behind");

        await SayAsync("replica", "stop slave; change master to master_delay=600; start slave");
        await SayAsync("primary", "create table t.a (b int primary key)");
        await Eventually.TrueAsync(async () => (await probe.ReasonOf(settings with { MaxLag = TimeSpan.Zero })).StartsWith("the replica is ", StringComparison.Ordinal), "it is behind");
        await SayAsync("replica", "stop slave sql_thread");
        Assert.StartsWith("the replication has stopped", await probe.ReasonOf(settings));
        // What it is told to do cannot be done: the reason is the server's own.
        await SayAsync("replica", "stop slave; change master to master_delay=0; start slave");
        await Eventually.TrueAsync(async () => await probe.ReasonOf(settings with { Query = "select count(*) from information_schema.tables where table_schema = 't'", Expect = "1" }) == "", "it has done what waited");
        await SayAsync("replica", "set sql_log_bin=0; insert into t.a values (1)");
        await SayAsync("primary", "insert into t.a values (1)");
        await Eventually.TrueAsync(async () => (await probe.ReasonOf(settings)).Contains("Duplicate entry", StringComparison.Ordinal), "why it stopped is said");
    }

    [Fact]
    public async Task A_replica_of_Redis_is_counted_and_a_save_that_fails_is_a_warning()
    {
        Directory.CreateDirectory(_folder["one"]);
        await using var primary = await RedisAsync("one");
        await using var replica = await RedisAsync("two", "--replicaof", "127.0.0.1", $"{primary.Port}");
        IProbe probe = new RedisProbe();
        await Eventually.TrueAsync(async () => await probe.ReasonOf(new RedisSettings { Host = "127.0.0.1", Port = primary.Port, Replicas = 1 }) == "" && await probe.ReasonOf(new RedisSettings { Host = "127.0.0.1", Port = replica.Port }) == "", "the replica follows");

        Directory.Delete(_folder["one"], recursive: true);
        await Eventually.TrueAsync(async () =>
        {
            // While it still saves for the replica it refuses to save.
            await RealProgram.RunAsync("redis-cli", "-p", $"{primary.Port}", "bgsave");
            return await probe.ReasonOf(new RedisSettings { Host = "127.0.0.1", Port = primary.Port }) == "warning: its last save to disk failed";
        }, "a save without a folder fails");
    }

    [Fact]
    public async Task A_Redis_behind_TLS_is_judged_by_its_certificate()
    {
        using var certificate = Certificates.For("127.0.0.1");
        Directory.CreateDirectory(_folder["tls"]);
        await File.WriteAllTextAsync(_folder["tls.crt"], certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder["tls.key"], Certificates.KeyOf(certificate));
        await using var server = await RealProgram.StartAsync("redis-server", port => ["--port", "0", "--tls-port", $"{port}", "--bind", "127.0.0.1", "--dir", _folder["tls"], "--save", "", "--tls-cert-file", _folder["tls.crt"], "--tls-key-file", _folder["tls.key"], "--tls-ca-cert-file", _folder["tls.crt"], "--tls-auth-clients", "no"], RealProgram.ListensAsync);
        IProbe probe = new RedisProbe();
        var settings = new RedisSettings { Host = "127.0.0.1", Port = server.Port, Tls = true, Thumbprint = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(certificate.RawData)) };
        Assert.Equal("", await probe.ReasonOf(settings));
        Assert.Equal("", await probe.ReasonOf(settings with { Thumbprint = null, VerifyTls = false }));
        Assert.Equal("TLS certificate is self-signed, not signed by a known authority", await probe.ReasonOf(settings with { Thumbprint = null }));
        Assert.StartsWith("TLS certificate is another one", await probe.ReasonOf(settings with { Thumbprint = new string('a', 64) }));
        Assert.Equal("TLS certificate is for 127.0.0.1, not localhost", await probe.ReasonOf(settings with { Host = "localhost", Thumbprint = null }));
        Assert.StartsWith("TLS certificate expired ", await probe.ReasonInDays(settings, 40));
        Assert.Equal("connection closed before an answer", await probe.ReasonOf(settings with { Tls = false }, seconds: 5));
    }

    [Fact]
    public async Task A_Redis_that_still_reads_its_data_or_lets_nobody_in_is_told_so()
    {
        IProbe probe = new RedisProbe();
        Directory.CreateDirectory(_folder["slow"]);
        await using (var first = await RedisAsync("slow"))
        {
            await RealProgram.RunAsync("redis-cli", "-p", $"{first.Port}", "eval", "for i = 1, 100000 do redis.call('set', i, i) end", "0");
            await RealProgram.RunAsync("redis-cli", "-p", $"{first.Port}", "save");
            await RealProgram.RunAsync("redis-cli", "-p", $"{first.Port}", "config", "set", "maxclients", "1");
            using var held = new System.Net.Sockets.TcpClient("127.0.0.1", first.Port);
            var said = "";
            await Eventually.TrueAsync(async () => (said = await probe.ReasonOf(new RedisSettings { Host = "127.0.0.1", Port = first.Port }, seconds: 5)) == $"127.0.0.1:{first.Port} answers: ERR max number of clients reached", () => "it is full; it said: " + said);
        }
        // A thousandth of a second for each key.
        await using var again = await RedisAsync("slow", "--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024");
        Assert.Equal("it is still loading its data", await probe.ReasonOf(new RedisSettings { Host = "127.0.0.1", Port = again.Port }));
    }

    [Fact]
    public async Task A_directory_that_does_not_replicate_has_no_TLS_or_no_such_branch_says_so()
    {
        Directory.CreateDirectory(_folder["ldap"]);
        await File.WriteAllTextAsync(_folder["ldap.conf"], $"""
            include /etc/ldap/schema/core.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            pidfile {_folder["ldap.pid"]}
            disallow bind_anon
            database mdb
            suffix "dc=example,dc=org"
            rootdn "cn=admin,dc=example,dc=org"
            rootpw hunter2
            directory {_folder["ldap"]}

            """);
        await using var server = await RealProgram.StartAsync("/usr/sbin/slapd", port => ["-h", $"ldap://127.0.0.1:{port}", "-f", _folder["ldap.conf"], "-d", "0"], RealProgram.ListensAsync);
        IProbe probe = new LdapProbe(TimeProvider.System);
        var settings = new LdapSettings { Host = "127.0.0.1", Port = server.Port, Tls = MailTls.None, BindDn = "cn=admin,dc=example,dc=org", Password = new("hunter2") };
        Assert.Equal("", await probe.ReasonOf(settings));
        var at = $"127.0.0.1:{server.Port}";
        Assert.Equal($"{at} answers: inappropriateAuthentication, anonymous bind disallowed", await probe.ReasonOf(settings with { BindDn = null, Password = null }));
        Assert.Equal($"{at} answers: unwillingToPerform, unauthenticated bind (DN with no password) disallowed", await probe.ReasonOf(settings with { Password = null }));
        Assert.Equal($"{at} does not offer STARTTLS", await probe.ReasonOf(settings with { Tls = MailTls.Starttls }));
        IProbe tls = new TlsProbe(TimeProvider.System);
        Assert.Equal($"{at} does not offer STARTTLS", await tls.ReasonOf(new TlsSettings { Host = "127.0.0.1", Port = server.Port, StartTls = StartTls.Ldap }));
        using var stranger = new RawTarget(_ => [0x30, 3, 2, 1, 1]);
        Assert.Equal($"127.0.0.1:{stranger.Port} does not speak LDAP", await probe.ReasonOf(settings with { Port = stranger.Port }));
        Assert.Equal($"TLS handshake with {at} failed", await probe.ReasonOf(settings with { Tls = MailTls.Tls }));
        Assert.StartsWith("0 entries match", await probe.ReasonOf(settings with { BaseDn = "dc=example,dc=org" }));
        await File.WriteAllTextAsync(_folder["tree.ldif"], "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n");
        await RealProgram.RunAsync("ldapadd", "-H", $"ldap://{at}", "-D", "cn=admin,dc=example,dc=org", "-w", "hunter2", "-f", _folder["tree.ldif"]);
        Assert.Equal("", await probe.ReasonOf(settings with { BaseDn = "dc=example,dc=org" }));
        Assert.Equal("there is no contextCSN at dc=example,dc=org: the servers do not replicate, or it may not be read", await probe.ReasonOf(settings with { BaseDn = "dc=example,dc=org", Replica = at }));
    }

    private async Task<RealProgram> MariaAsync(string name, int id, string init)
    {
        Directory.CreateDirectory(_folder[name]);
        await RealProgram.RunAsync("chown", "-R", "mysql:", _folder[name]);
        await RealProgram.RunAsync("mariadb-install-db", $"--datadir={_folder[name]}", "--user=mysql", "--auth-root-authentication-method=normal", "--skip-test-db");
        await File.WriteAllTextAsync(_folder[name + ".sql"], init);
        return await RealProgram.StartAsync("/usr/sbin/mariadbd", port =>
            ["--no-defaults", $"--datadir={_folder[name]}", $"--port={port}", "--bind-address=127.0.0.1", $"--socket={_folder[name]}/s", $"--pid-file={_folder[name]}/pid", "--user=mysql", $"--init-file={_folder[name + ".sql"]}", $"--server-id={id}", "--log-bin=bin", "--max-connections=20", "--skip-name-resolve", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"], RealProgram.ListensAsync);
    }

    private Task SayAsync(string name, string sql) => RealProgram.RunAsync("mariadb", "--no-defaults", "-u", "root", "-S", _folder[$"{name}/s"], "-e", sql);

    private Task<RealProgram> RedisAsync(string name, params string[] more)
    {
        Directory.CreateDirectory(_folder[name]);
        return RealProgram.StartAsync("redis-server", port => ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", _folder[name], "--save", "", "--repl-diskless-sync-delay", "0", .. more], RealProgram.ListensAsync);
    }

    public void Dispose() => _folder.Dispose();
}
