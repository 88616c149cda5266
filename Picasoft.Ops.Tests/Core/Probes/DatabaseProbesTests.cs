using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>Redis, MariaDB and OpenLDAP, the real ones from Debian.</summary>
public sealed class DatabaseProbesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly IProbe _redis = new RedisProbe();
    private readonly IProbe _mysql = new MysqlProbe();
    private readonly IProbe _ldap = new LdapProbe(TimeProvider.System);

    [Fact]
    public async Task Redis_answers_has_room_and_a_replica_that_follows()
    {
        await using var primary = await RedisAsync("one", "--requirepass", "hunter2", "--maxmemory", "100mb");
        var settings = new RedisSettings { Host = "127.0.0.1", Port = primary.Port, Password = new("hunter2") };
        var seen = await _redis.CheckAsync(settings);
        Assert.Equal("", seen.Words());
        Assert.Equal(100 * 1024 * 1024, seen.Measured.Single(m => m.Name == "memory").Max);

        var at = $"127.0.0.1:{primary.Port}";
        Assert.StartsWith($"{at} refuses the sign-in", await _redis.ReasonOf(settings with { Password = new("wrong") }));
        Assert.StartsWith($"{at} refuses the sign-in", await _redis.ReasonOf(settings with { Password = null }));
        Assert.Equal("0 standbys are connected, 1 is expected", await _redis.ReasonOf(settings with { Replicas = 1 }));
        await RealProgram.RunAsync("redis-cli", "-p", $"{primary.Port}", "-a", "hunter2", "config", "set", "maxmemory", "1100000");
        Assert.Matches("^[0-9]+ % of the memory limit are used, allowed are 50 %$", await _redis.ReasonOf(settings with { MaxMemory = 50 }));

        await using var lost = await RedisAsync("two", "--replicaof", "127.0.0.1", $"{RealProgram.FreePort()}");
        Assert.Equal("the replica has lost its primary", await _redis.ReasonOf(new RedisSettings { Host = "127.0.0.1", Port = lost.Port }));
        using var stranger = new RawTarget(_ => "220 mail\r\n"u8.ToArray());
        Assert.Equal($"127.0.0.1:{stranger.Port} does not speak Redis", await _redis.ReasonOf(new RedisSettings { Host = "127.0.0.1", Port = stranger.Port }, seconds: 5));
    }

    [Fact]
    public async Task MariaDB_answers_a_query_and_says_what_is_wrong()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "MariaDB's files belong to its own account");
        Directory.CreateDirectory(_folder["maria"]);
        await RealProgram.RunAsync("chown", "-R", "mysql:", _folder["maria"]);
        await RealProgram.RunAsync("mariadb-install-db", $"--datadir={_folder["maria"]}", "--user=mysql", "--auth-root-authentication-method=normal", "--skip-test-db");
        await File.WriteAllTextAsync(_folder["init.sql"], "create user probe@'127.0.0.1' identified by 'hunter2';\ngrant replication client, slave monitor on *.* to probe@'127.0.0.1';\ncreate database scratch;\ngrant create on scratch.* to probe@'127.0.0.1';\n");
        await using var server = await RealProgram.StartAsync("/usr/sbin/mariadbd", port =>
            ["--no-defaults", $"--datadir={_folder["maria"]}", $"--port={port}", "--bind-address=127.0.0.1", $"--socket={_folder["maria"]}/s", $"--pid-file={_folder["maria"]}/pid", "--user=mysql", $"--init-file={_folder["init.sql"]}", "--max-connections=20", "--skip-log-bin", "--skip-name-resolve", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"], RealProgram.ListensAsync);
        var settings = new MysqlSettings { Host = "127.0.0.1", Port = server.Port, User = "probe", Password = new("hunter2"), Query = "select 41 + 1", Expect = "42" };
        await Eventually.TrueAsync(async () => await _mysql.ReasonOf(settings) == "", "the account is there");
        var seen = await _mysql.CheckAsync(settings);
        Assert.Equal(42, seen.Value("value"));
        Assert.InRange(seen.Value("connections_left"), 10, 20);

        var at = $"127.0.0.1:{server.Port}";
        Assert.Equal("the query gives 42 instead of 43", await _mysql.ReasonOf(settings with { Expect = "43" }));
        Assert.StartsWith($"{at} refuses the sign-in", await _mysql.ReasonOf(settings with { Password = new("wrong") }));
        Assert.StartsWith($"{at} answers: ", await _mysql.ReasonOf(settings with { Query = "select nonsense from" }));
        Assert.StartsWith("only ", await _mysql.ReasonOf(settings with { MinConnectionsLeft = 1000 }));
        Assert.Equal("it is not a replica", await _mysql.ReasonOf(settings with { MaxLag = TimeSpan.FromSeconds(1) }));
        Assert.StartsWith($"{at} answers: Server does not support SSL", await _mysql.ReasonOf(settings with { Tls = DatabaseTls.Require }));
        Assert.Equal("the query gives nothing", await _mysql.ReasonOf(settings with { Query = "select 1 from dual where false" }));
        Assert.Equal("value is 42, more than 40", await _mysql.ReasonOf(settings with { Limits = new() { Above = 40 } }));
        Assert.Equal("the query gives hello, which is no number", await _mysql.ReasonOf(settings with { Query = "select 'hello'", Expect = null, Limits = new() { Above = 1 } }));
        Assert.Contains("read only transaction", await _mysql.ReasonOf(settings with { Query = "create table scratch.x (y int)" }), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("the query gives 0 instead of 42", await _mysql.ReasonOf(settings with { Query = "select count(*) from information_schema.tables where table_schema = 'scratch'" }));

        using var stranger = new RawTarget(_ => "220 mail\r\n"u8.ToArray());
        Assert.Equal($"127.0.0.1:{stranger.Port} does not speak MySQL", await _mysql.ReasonOf(settings with { Port = stranger.Port }));
        using var curt = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        curt.Start();
        var hungUp = curt.AcceptSocketAsync().ContinueWith(accepted => accepted.Result.Dispose(), TaskScheduler.Default);
        Assert.Equal("connection closed before an answer", await _mysql.ReasonOf(settings with { Port = ((System.Net.IPEndPoint)curt.LocalEndpoint).Port }));
        await hungUp;

        // As many as there may be: one place more is for administrators.
        var held = new List<MySqlConnector.MySqlConnection>();
        try
        {
            while (held.Count < 30)
            {
                held.Add(new($"Server=127.0.0.1;Port={server.Port};User ID=probe;Password=hunter2;Pooling=false"));
                await held[^1].OpenAsync();
                if (held.Count == 15) Assert.StartsWith("only ", await _mysql.ReasonOf(settings with { MinConnectionsLeft = 10 }));
            }
        }
        catch (MySqlConnector.MySqlException) { } // full: that is what was wanted
        Assert.Equal($"{at} answers: Too many connections", await _mysql.ReasonOf(settings));
        foreach (var connection in held) await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_directory_is_searched_and_its_replica_is_not_behind()
    {
        await using var first = await LdapAsync("one", 1, null);
        await RealProgram.RunAsync("ldapadd", "-H", $"ldap://127.0.0.1:{first.Port}", "-D", "cn=admin,dc=example,dc=org", "-w", "hunter2", "-f", await WriteAsync("tree.ldif", """
            dn: dc=example,dc=org
            objectClass: dcObject
            objectClass: organization
            dc: example
            o: Example

            dn: uid=camille,dc=example,dc=org
            objectClass: account
            objectClass: simpleSecurityObject
            uid: camille
            userPassword: secret
            """));
        var settings = new LdapSettings { Host = "127.0.0.1", Port = first.Port, Tls = MailTls.None, BindDn = "cn=admin,dc=example,dc=org", Password = new("hunter2"), BaseDn = "dc=example,dc=org", Filter = "(&(objectClass=account)(|(uid=cam*)(uid=sacha)))" };
        Assert.Equal("", await _ldap.ReasonOf(settings));
        Assert.Equal("", await _ldap.ReasonOf(settings with { BindDn = "uid=camille,dc=example,dc=org", Password = new("secret") }));
        Assert.Equal("", await _ldap.ReasonOf(settings with { BindDn = null, Password = null }));

        var at = $"127.0.0.1:{first.Port}";
        Assert.Equal($"{at} refuses the sign-in: invalidCredentials", await _ldap.ReasonOf(settings with { Password = new("wrong") }));
        Assert.Equal("0 entries match (uid=sacha), 1 is expected", await _ldap.ReasonOf(settings with { Filter = "(uid=sacha)" }));
        Assert.Equal("1 entry matches (uid=c*e), 2 are expected", await _ldap.ReasonOf(settings with { Filter = "(uid=c*e)", Entries = 2 }));
        Assert.Equal("", await _ldap.ReasonOf(settings with { Filter = "(!(uid=*))" }));
        Assert.Equal("TLS certificate is self-signed, not signed by a known authority", await _ldap.ReasonOf(settings with { Tls = MailTls.Starttls }));
        Assert.Equal("", await _ldap.ReasonOf(settings with { Tls = MailTls.Starttls, VerifyTls = false }));
        IProbe tls = new TlsProbe(TimeProvider.System);
        var behind = new TlsSettings { Host = "127.0.0.1", Port = first.Port, StartTls = StartTls.Ldap };
        Assert.Equal("", await tls.ReasonOf(behind with { Verify = false }));
        Assert.Equal("TLS certificate is self-signed, not signed by a known authority", await tls.ReasonOf(behind));
        Assert.Equal("TLS certificate is for 127.0.0.1, not ldap.example.org", await tls.ReasonOf(behind with { ServerName = "ldap.example.org" }));
        Assert.StartsWith("warning: TLS certificate expires in ", await tls.ReasonOf(behind with { Verify = false, Warn = TimeSpan.FromDays(60) }));
        Assert.StartsWith("TLS certificate expired ", await tls.ReasonInDays(behind with { Verify = false }, 40));
        Assert.StartsWith("TLS certificate expired ", await _ldap.ReasonInDays(settings with { Tls = MailTls.Starttls, VerifyTls = false }, 40));
        Assert.StartsWith("TLS certificate is another one", await _ldap.ReasonOf(settings with { Tls = MailTls.Starttls, Thumbprint = new string('a', 64) }));
        using (var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(_folder["ldap.crt"])))
            Assert.Equal("", await _ldap.ReasonOf(settings with { Tls = MailTls.Starttls, Thumbprint = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(certificate.RawData)) }));

        await using (var second = await LdapAsync("two", 2, first.Port))
        {
            var both = settings with { Replica = $"127.0.0.1:{second.Port}", MaxLag = TimeSpan.Zero };
            await Eventually.TrueAsync(async () => await _ldap.ReasonOf(both) == "", "the replica has it all");
            Assert.Equal(0, (await _ldap.CheckAsync(both)).Value("lag"));
        }
        var gone = RealProgram.FreePort();
        Assert.Equal($"connection refused by 127.0.0.1:{gone}", await _ldap.ReasonOf(settings with { Replica = $"127.0.0.1:{gone}" }));
        // The replica of before, cut off from the first, does not hear of a change.
        await RealProgram.RunAsync("ldapmodify", "-H", $"ldap://127.0.0.1:{first.Port}", "-D", "cn=admin,dc=example,dc=org", "-w", "hunter2", "-f", await WriteAsync("change.ldif", "dn: uid=camille,dc=example,dc=org\nchangetype: modify\nreplace: description\ndescription: x\n"));
        await using var cut = await LdapAsync("two", 2, RealProgram.FreePort());
        await Eventually.TrueAsync(async () => (await _ldap.ReasonOf(settings with { Replica = $"127.0.0.1:{cut.Port}", MaxLag = TimeSpan.FromSeconds(1) })).StartsWith("the replica is ", StringComparison.Ordinal), "the replica is behind");
    }

    [Theory]
    [InlineData("(uid=x", "filter")]
    [InlineData("uid=x", "filter")]
    [InlineData("(&)", "filter")]
    [InlineData("(uid=\\2)", "filter")]
    public void A_filter_that_is_none_is_refused_when_it_is_written(string filter, string field) =>
        Assert.Equal([field], InputReader.Read<LdapSettings>(new InputMap([new("host", new InputScalar("x", false, null), null), new("filter", new InputScalar(filter, true, null), null)], null)).Refusal!.Errors.Select(e => e.Field));

    private Task<RealProgram> RedisAsync(string name, params string[] more)
    {
        Directory.CreateDirectory(_folder[name]);
        return RealProgram.StartAsync("redis-server", port => ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", _folder[name], "--save", "", .. more], RealProgram.ListensAsync);
    }

    private async Task<RealProgram> LdapAsync(string name, int id, int? provider)
    {
        Directory.CreateDirectory(_folder[name]);
        using var certificate = Certificates.For("127.0.0.1");
        await File.WriteAllTextAsync(_folder["ldap.crt"], certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder["ldap.key"], Certificates.KeyOf(certificate));
        var configuration = await WriteAsync($"{name}.conf", $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            moduleload syncprov
            pidfile {_folder[name + ".pid"]}
            TLSCertificateFile {_folder["ldap.crt"]}
            TLSCertificateKeyFile {_folder["ldap.key"]}
            serverID {id}
            database mdb
            suffix "dc=example,dc=org"
            rootdn "cn=admin,dc=example,dc=org"
            rootpw hunter2
            directory {_folder[name]}
            overlay syncprov
            {(provider is null ? "" : $"syncrepl rid=001 provider=ldap://127.0.0.1:{provider} type=refreshAndPersist searchbase=\"dc=example,dc=org\" bindmethod=simple binddn=\"cn=admin,dc=example,dc=org\" credentials=hunter2 retry=\"1 +\"")}
            """);
        return await RealProgram.StartAsync("/usr/sbin/slapd", port => ["-h", $"ldap://127.0.0.1:{port}", "-f", configuration, "-d", "0"], RealProgram.ListensAsync);
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        await File.WriteAllTextAsync(_folder[name], text + "\n");
        return _folder[name];
    }

    public void Dispose() => _folder.Dispose();
}
