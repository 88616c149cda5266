using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>Three machines with the reference configuration of <c>docker/ha</c>, rendered by the same script that renders it for real ones.</summary>
/// <param name="Folder">Belongs to root all the way up: keepalived runs no script from anywhere else.</param>
/// <param name="Etherpad">Where it is installed; null: it could not be had.</param>
/// <param name="Uncured">The finding whose cure is left out, to see it again; null: all are cured.</param>
internal sealed record Lab(Network Network, string Folder, string Profile, string? Etherpad, Finding? Uncured = null)
{
    public const string Token = "token-of-the-drill-0123456789abcdef0123";
    public const string LdapBase = "dc=picasoft,dc=net";
    public const int MailPort = 2525;

    private readonly Dictionary<string, LabHost> _hosts = [];

    /// <summary>Files of docker/ha's <c>secrets</c>, as its guide has them made.</summary>
    public static readonly IReadOnlyList<string> SecretNames = ["postgres", "replicator", "rewind", "patroni", "etherpad", "etherpad_api", "etherpad_session", "mattermost", "ops", "ops_key", "ldap"];

    /// <summary>Services that the guide adds, taken along.</summary>
    public IReadOnlyList<Example> Examples { get; init; } = [];

    public string Bin(string name) => Path.Combine(Folder, "bin", name);

    public IReadOnlyDictionary<string, LabHost> Hosts => _hosts;

    public IEnumerable<LabHost> All => _hosts.Values;

    public LabHost Other(params LabHost[] than) => All.First(h => !than.Contains(h));

    public string Secret(string name) => File.ReadLines(Path.Combine(Folder, "secrets", name)).First();

    private async Task InfectAsync(string etc)
    {
        if (Uncured == Finding.Etcd3) await Shell.RunAsync("sed", "-i", "s/^etcd:/etcd3:/", Path.Combine(etc, "patroni.yml"));
        // All run, on the one database: what HAProxy is told of them is true, and that is the trouble.
        if (Uncured == Finding.Etherpads) await Shell.RunAsync("sed", "-i", $"s/\"host\": \"127.0.0.1\", \"port\": 5432/\"host\": \"{Network.VirtualAddress}\", \"port\": 5000/", Path.Combine(etc, "etherpad.json"));
    }

    /// <summary>Writes every file; starts nothing.</summary>
    public async Task PrepareAsync()
    {
        // Not the repository's own files: what the guide adds is added here.
        var source = await ExamplePage.CopyAsync(Path.Combine(Folder, "files"));
        Directory.CreateDirectory(Path.Combine(Folder, "secrets"));
        Directory.Delete(Path.Combine(source, "secrets"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(source, "secrets"), Path.Combine(Folder, "secrets"));
        foreach (var name in SecretNames)
            await File.WriteAllTextAsync(Path.Combine(Folder, "secrets", name), Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20)) + "\n");
        foreach (var example in Examples) await example.Page.FollowAsync(source);
        Directory.CreateDirectory(Path.Combine(Folder, "bin"));
        foreach (var script in Directory.EnumerateFiles(Path.Combine(source, "bin")))
        {
            File.Copy(script, Bin(Path.GetFileName(script)), overwrite: true);
            File.SetUnixFileMode(Bin(Path.GetFileName(script)), (UnixFileMode)0b111_101_101);
        }
        foreach (var host in Network.Hosts)
        {
            var folder = Path.Combine(Folder, host);
            foreach (var part in new[] { "log", "run", "data/etcd", "data/ldap", "data/ops" }) Directory.CreateDirectory(Path.Combine(folder, part));
            var site = Path.Combine(folder, "site.env");
            await File.WriteAllTextAsync(site, $"""
                SCOPE=picasoft
                DOMAIN=picasoft.net
                LDAP_BASE={LdapBase}
                NETWORK=10.77.0.0/24
                VIP={Network.VirtualAddress}
                VIP_PREFIX=24
                ALICE={Network.AddressOf("alice")}
                BOB={Network.AddressOf("bob")}
                CARIBOU={Network.AddressOf("caribou")}
                INTERFACE=eth0
                DATA={folder}/data
                RUN={folder}/run
                BIN={Folder}/bin
                PG_BIN={Picasoft.Ops.Core.Storage.PostgresBinaries.Folder()}
                SECRETS={Folder}/secrets

                """);
            await Shell.RunAsync(Path.Combine(source, "render"), site, Path.Combine(source, "profiles", Profile + ".env"), host, Path.Combine(folder, "etc"));
            await InfectAsync(Path.Combine(folder, "etc"));
            File.Copy(Path.Combine(folder, "etc", "post-bootstrap.sql"), Path.Combine(folder, "run", "post-bootstrap.sql"), overwrite: true);
            // Passable by the servers' accounts: on a real machine each has a container of its own.
            await Shell.RunAsync("chmod", "-R", "a+rX", folder);
            await Shell.RunAsync("chmod", "a+rwx", Path.Combine(folder, "run"), Path.Combine(folder, "log"));
            await Shell.RunAsync("chown", "postgres:", Path.Combine(folder, "data/etcd"), Path.Combine(folder, "data/postgres"));
            await Shell.RunAsync("chmod", "0700", Path.Combine(folder, "data/etcd"), Path.Combine(folder, "data/postgres"));
            await Shell.RunAsync("chown", "openldap:", Path.Combine(folder, "data/ldap"));
            _hosts[host] = new(this, host);
        }
    }
}
