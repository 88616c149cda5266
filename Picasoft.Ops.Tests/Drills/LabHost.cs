using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>One machine of the lab, with the servers that the reference configuration puts on it.</summary>
internal sealed class LabHost
{
    private static readonly Dictionary<string, string> _nothing = [];
    private readonly Lab _lab;
    private readonly Dictionary<string, Daemon> _daemons = [];

    public LabHost(Lab lab, string name)
    {
        (_lab, Name) = (lab, name);
        var ip = Address;
        Add("etcd", "postgres", ["/usr/bin/etcd", .. File.ReadAllLines(Config("etcd.args")).Where(l => l.Length > 0)]);
        Add("patroni", "postgres", ["/usr/bin/python3", "/usr/bin/patroni", Config("patroni.yml")]);
        Add("disk-guard", "postgres", [lab.Bin("disk-guard"), name, $"http://{ip}:8008", Config("patroni.password"), $"{Data}/postgres", "32"]);
        Add("haproxy", null, ["/usr/sbin/haproxy", "-db", "-f", Config("haproxy.cfg")]);
        Add("keepalived", null, ["/usr/sbin/keepalived", "-n", "-l", "-P", "-f", Config("keepalived.conf"), "-p", $"{Run}/keepalived.pid", "-r", $"{Run}/vrrp.pid"]);
        if (lab.Etherpad is { } etherpad)
            Add("etherpad", "postgres", [.. lab.Uncured == Finding.Etherpads ? Array.Empty<string>() : [lab.Bin("while-primary"), $"http://{ip}:8008"], "/usr/bin/env", "NODE_ENV=production", "node", $"{etherpad}/src/node/server.js",
                "--settings", Config("etherpad.json"), "--apikey", Config("etherpad.apikey"), "--sessionkey", Config("etherpad.sessionkey")]);
        // Mattermost's server cannot be had: what stands in for it answers at the same address, so that who runs it, and where HAProxy sends people, is drilled.
        Add("mattermost", "postgres", [lab.Bin("while-primary"), $"http://{ip}:8008", "/usr/bin/python3", "-c", """
            import http.server, sys
            class Ping(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200 if self.path == "/api/v4/system/ping" else 404)
                    self.end_headers()
                def log_message(self, *_): pass
            http.server.ThreadingHTTPServer((sys.argv[1], 8065), Ping).serve_forever()
            """, ip]);
        foreach (var (server, command) in lab.Examples.SelectMany(e => e.Servers(this))) Add(server, null, command);
        if (name != "caribou")
        {
            Add("slapd", null, ["/usr/sbin/slapd", "-d", "0", "-u", "openldap", "-g", "openldap", "-h", $"ldap://{ip}:389 ldap://127.0.0.1:389", "-f", Config("slapd.conf")]);
            _daemons["ops"] = new("ops", lab.Network.Path(name), LogOf("ops"), null, new Dictionary<string, string>
            {
                ["ConnectionStrings__Ops_FILE"] = Config("ops.connection"),
                ["OPS_SECRET_KEY_FILE"] = Config("ops.key"),
                ["OPS_URLS"] = $"http://{ip}:8080",
                ["OPS_DATA"] = $"{Data}/ops",
                ["OPS_PUBLIC_URL"] = $"http://{Network.VirtualAddress}:8080",
                ["OPS_NODE"] = name,
                ["OPS_LOCATION"] = name,
                ["OPS_SYSLOG"] = "",
                ["OPS_BOOTSTRAP_TOKEN"] = Lab.Token,
                ["DOTNET_TieredPGO"] = "0",
                ["DOTNET_gcServer"] = "0",
            }, Environment.ProcessPath is { } dotnet && Path.GetFileName(dotnet) == "dotnet" ? dotnet : "dotnet", Support.OpsHost.Program, "run");
        }
    }

    public string Name { get; }

    public string Address => Network.AddressOf(Name);

    public string Folder => Path.Combine(_lab.Folder, Name);

    public string Data => Path.Combine(Folder, "data");

    public string Run => Path.Combine(Folder, "run");

    public string Namespace => _lab.Network.Path(Name);

    public Daemon this[string name] => _daemons[name];

    public IEnumerable<Daemon> Daemons => _daemons.Values;

    /// <summary>In the order of dependence; what is not there is left out.</summary>
    public void Start(params string[] names)
    {
        foreach (var name in names)
            if (_daemons.TryGetValue(name, out var daemon)) daemon.Start();
    }

    public void StartAll() => Start(["etcd", "patroni", "disk-guard", "haproxy", "keepalived", "slapd", "etherpad", "mattermost", "ops", .. _lab.Examples.SelectMany(e => e.Servers(this)).Select(s => s.Name)]);

    /// <summary>PostgreSQL and the Patroni above it, at one stroke; nobody starts them again.</summary>
    public async Task KillDatabaseAsync()
    {
        await _daemons["patroni"].KillAsync();
        await KillByNameAsync("postgres");
    }

    /// <summary>Every process of it at one stroke, as when its containers die; nobody starts them again.</summary>
    public async Task KillAsync(Example example)
    {
        foreach (var (server, _) in example.Servers(this)) await _daemons[server].KillAsync();
        foreach (var command in example.Processes) await KillByNameAsync(command);
    }

    public async Task KillByNameAsync(string command)
    {
        foreach (var id in await _lab.Network.ProcessesAsync(Name))
            if (CommandOf(id) == command) Signals.Send(id, Signals.Kill);
    }

    public async Task KillAllAsync()
    {
        foreach (var daemon in _daemons.Values) await daemon.KillAsync();
        foreach (var id in await _lab.Network.ProcessesAsync(Name)) Signals.Send(id, Signals.Kill);
        await _lab.Network.ForgetVirtualAddressAsync(Name);
    }

    private void Add(string name, string? account, string[] command) => _daemons[name] = new(name, _lab.Network.Path(Name), LogOf(name), account, _nothing, command);

    /// <summary>A file that was rendered for it.</summary>
    public string Config(string file) => Path.Combine(Folder, "etc", file);

    private string LogOf(string name) => Path.Combine(Folder, "log", name + ".log");

    private static string? CommandOf(int id)
    {
        try { return File.ReadAllText($"/proc/{id}/comm").Trim(); }
        catch (IOException) { return null; }
    }
}
