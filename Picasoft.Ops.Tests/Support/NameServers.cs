namespace Picasoft.Ops.Tests.Support;

/// <summary>Debian's BIND with zones of its own, one of them signed, and Debian's Unbound that validates them.</summary>
public sealed class NameServers : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private RealProgram _bind = null!;
    private RealProgram _unbound = null!;

    public static bool CanRun => File.Exists("/usr/sbin/named") && File.Exists("/usr/sbin/unbound");

    /// <summary>Answers for the zones, and for nothing else.</summary>
    public string Authority => $"127.0.0.1:{_bind.Port}";

    /// <summary>Resolves and validates: <c>signed.test</c> is good, <c>plain.test</c> is not signed, <c>forged.test</c> was changed after it was signed.</summary>
    public string Resolver => $"127.0.0.1:{_unbound.Port}";

    public static Task<NameServers> StartAsync() => StartAsync("");

    /// <param name="records">More lines of the zone <c>plain.test</c>.</param>
    public static async Task<NameServers> StartAsync(string records)
    {
        var servers = new NameServers();
        await servers.PrepareAsync(records);
        return servers;
    }

    private async Task PrepareAsync(string records)
    {
        await WriteZoneAsync("plain.test", records);
        foreach (var zone in new[] { "signed.test", "forged.test" })
        {
            await WriteZoneAsync(zone, "");
            await RealProgram.RunAsync("/usr/bin/dnssec-keygen", "-K", _folder.Path, "-a", "ECDSAP256SHA256", "-f", "KSK", zone);
            await RealProgram.RunAsync("/usr/bin/dnssec-keygen", "-K", _folder.Path, "-a", "ECDSAP256SHA256", zone);
            await RealProgram.RunAsync("/usr/bin/dnssec-signzone", "-S", "-K", _folder.Path, "-d", _folder.Path, "-o", zone, "-f", _folder[zone], _folder[zone]);
        }
        var forged = await File.ReadAllTextAsync(_folder["forged.test"]);
        await File.WriteAllTextAsync(_folder["forged.test"], forged.Replace("192.0.2.1\n", "192.0.2.66\n", StringComparison.Ordinal).Replace("a long text", "a false text", StringComparison.Ordinal));
        await File.WriteAllTextAsync(_folder["named.conf"], $$"""
            options { directory "{{_folder.Path}}"; recursion no; dnssec-validation no; listen-on-v6 { none; }; pid-file none; session-keyfile none; notify no; };
            controls {};
            zone "plain.test" { type primary; file "plain.test"; };
            zone "signed.test" { type primary; file "signed.test"; };
            zone "forged.test" { type primary; file "forged.test"; };
            """);
        await RealProgram.RunAsync("/bin/chmod", "-R", "a+rX", _folder.Path);
        _bind = await RealProgram.StartAsync("/usr/sbin/named", port => ["-g", "-p", $"{port}", "-c", _folder["named.conf"], "-D", "test", "-n", "1"], RealProgram.ListensAsync);
        var keys = string.Concat(Directory.GetFiles(_folder.Path, "K*.key").Select(File.ReadAllText).Where(k => k.Contains(" 257 ", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(_folder["anchors"], keys);
        var port = RealProgram.FreePort();
        await File.WriteAllTextAsync(_folder["unbound.conf"], $"""
            server:
              directory: "{_folder.Path}"
              chroot: ""
              username: ""
              pidfile: ""
              use-syslog: no
              interface: 127.0.0.1
              port: {port}
              do-ip6: no
              do-not-query-localhost: no
              local-zone: "test." nodefault
              trust-anchor-file: "{_folder["anchors"]}"
              num-threads: 1
            stub-zone:
              name: "test."
              stub-addr: 127.0.0.1@{_bind.Port}
              stub-prime: no
            stub-zone:
              name: "plain.test."
              stub-addr: 127.0.0.1@{_bind.Port}
            stub-zone:
              name: "signed.test."
              stub-addr: 127.0.0.1@{_bind.Port}
            stub-zone:
              name: "forged.test."
              stub-addr: 127.0.0.1@{_bind.Port}
            """);
        _unbound = await RealProgram.StartAsync("/usr/sbin/unbound", _ => ["-d", "-c", _folder["unbound.conf"]], RealProgram.ListensAsync, port: port);
    }

    private Task WriteZoneAsync(string zone, string records) => File.WriteAllTextAsync(_folder[zone], $"""
        $TTL 60
        $ORIGIN {zone}.
        @ IN SOA ns.{zone}. ops.{zone}. 2026112501 3600 600 86400 60
        @ IN NS ns.{zone}.
        ns IN A 127.0.0.1
        www IN A 192.0.2.1
        two IN A 192.0.2.1
        two IN A 192.0.2.2
        alias IN CNAME www
        @ IN MX 10 mail.{zone}.
        mail IN A 192.0.2.3
        @ IN CAA 0 issue "letsencrypt.org"
        text IN TXT "a long text" " in two parts"
        {records}

        """);

    public async ValueTask DisposeAsync()
    {
        if (_unbound is not null) await _unbound.DisposeAsync();
        if (_bind is not null) await _bind.DisposeAsync();
        _folder.Dispose();
    }
}
