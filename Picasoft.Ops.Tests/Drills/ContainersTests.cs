using System.Text.RegularExpressions;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>One of the three machines is what docs/pra says it is: Docker, our images, the compose files of its roles. The other two run the same servers without containers.</summary>
public sealed partial class ContainersTests
{
    private static readonly string _ha = Path.Combine(Repository.Root, "docker", "ha");
    private static readonly string[] _roles = ["etcd", "patroni", "disk-guard", "haproxy", "keepalived", "slapd", "ops"];

    [Fact]
    public async Task A_machine_of_containers_is_one_of_the_three_and_its_containers_come_back()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "network namespaces and dockerd need root");
        var network = new Network(Network.PrefixOf(Environment.ProcessId));
        var folder = Path.Combine("/run/ops-drill", network.Prefix.TrimEnd('-'));
        try
        {
            await network.CreateAsync();
            foreach (var host in Network.Hosts) Directory.CreateDirectory(Path.Combine(folder, host, "data", "postgres"));
            var lab = new Lab(network, folder, "tuned", Etherpad: null);
            await lab.PrepareAsync();
            await using var alice = new DockerHost(lab, "alice");
            await alice.StartAsync();
            await BuildAsync(alice);
            await alice.RenderAsync();
            try { await RunAsync(lab, alice); }
            catch (Exception e) when (e is not OperationCanceledException) { throw new InvalidOperationException($"{e.Message}\n{await alice.StoryAsync()}", e); }
            finally { await Task.WhenAll(lab.All.SelectMany(h => h.Daemons).Select(d => d.KillAsync())); } // else they would be started again
        }
        finally
        {
            await network.RemoveAsync();
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(Lab lab, DockerHost alice)
    {
        foreach (var name in new[] { "bob", "caribou" }) lab.Hosts[name].Start("etcd");
        await alice.ComposeAsync(["up", "--detach", "--no-build", .. _roles]);
        // The first to come makes the cluster: let it be the one in the container.
        await Eventually.TrueAsync(async () => (await WithinAsync(lab, "curl", "-fsm", "2", $"http://{Network.AddressOf("alice")}:8008/primary")).Exit == 0, "alice is primary", 120);
        foreach (var name in new[] { "bob", "caribou" }) lab.Hosts[name].Start("patroni", "haproxy", "keepalived");
        await AllHealthyAsync(alice);

        // Written with the password of the file, through the one address, to the PostgreSQL in the container, which waits for a standby outside.
        await Eventually.TrueAsync(async () => (await SqlAsync(lab, "create table if not exists proof as select 1 as id")).Exit == 0, "SQL takes writes");
        await Eventually.TrueAsync(async () => (await WithinAsync(lab, "curl", "-sm", "2", $"http://{Network.AddressOf("alice")}:8008/cluster")).Output.Contains("sync_standby", StringComparison.Ordinal), "a standby outside holds all");
        await Eventually.TrueAsync(async () => (await WithinAsync(lab, "curl", "-fsm", "5", $"http://{Network.VirtualAddress}:8080/readyz")).Exit == 0, "the product is ready");
        await Eventually.TrueAsync(async () => (await WithinAsync(lab, "ldapsearch", "-x", "-LLL", "-H", $"ldap://{Network.VirtualAddress}", "-s", "base", "-b", "", "namingContexts")).Output.Contains("namingContexts: " + Lab.LdapBase, StringComparison.Ordinal), "the directory answers");

        // kill -9 of what runs in each: the engine starts it again.
        foreach (var service in _roles)
        {
            var container = (await alice.ComposeAsync("ps", "--quiet", service)).Trim();
            var pid = 0; // between two lives it has none, and 0 would be ourselves
            await Eventually.TrueAsync(async () => (pid = int.Parse(await alice.DoAsync("inspect", "--format", "{{.State.Pid}}", container))) > 0, $"{service} runs");
            Signals.Send(pid, Signals.Kill);
            await Eventually.TrueAsync(async () => int.Parse(await alice.DoAsync("inspect", "--format", "{{.RestartCount}}", container)) > 0, $"{service} was started again");
        }
        await AllHealthyAsync(alice);
        await Eventually.TrueAsync(async () => (await SqlAsync(lab, "select 'kept ' || id from proof")).Output.Contains("kept 1", StringComparison.Ordinal), "what was written is there");
    }

    /// <summary>Every line of the Dockerfiles up to the role; what would come from a registry is Debian as it is installed here, and the product as it was built.</summary>
    private static async Task BuildAsync(DockerHost alice)
    {
        using var folder = new TempFolder();
        var dockerfile = Path.Combine(_ha, "images", "Dockerfile");
        await DebianImage.WriteAsync(folder["debian"], Packages(dockerfile));
        await alice.ImportAsync(folder["debian"], "debian:12.12-slim");
        foreach (var role in new[] { "etcd", "patroni", "haproxy", "keepalived", "slapd" })
            await alice.DoAsync("build", "--network", "none", "--target", role, "--tag", $"picasoft-ha/{role}:12.12-1", "--file", dockerfile, _ha);
        Directory.Delete(folder["debian"], recursive: true);

        var product = Path.Combine(Repository.Root, "docker", "Dockerfile");
        await DebianImage.WriteAsync(folder["dotnet"], Packages(product), "libicu72", "libssl3", "libstdc++6", "zlib1g");
        await Shell.RunAsync("bash", "-c", $"mkdir -p '{folder["dotnet"]}/usr/share' && cp -a --parents /usr/share/dotnet/dotnet /usr/share/dotnet/host /usr/share/dotnet/shared '{folder["dotnet"]}' && ln -sf /usr/share/dotnet/dotnet '{folder["dotnet"]}/usr/bin/dotnet' && echo 'app:x:1654:1654::/home/app:/bin/sh' >>'{folder["dotnet"]}/etc/passwd' && echo 'app:x:1654:' >>'{folder["dotnet"]}/etc/group'");
        await alice.ImportAsync(folder["dotnet"], "mcr.microsoft.com/dotnet/aspnet:10.0-noble");
        // The packages of NuGet are out of its reach: it is published outside, from what was built with these tests (no build server may outlive it: it would hold our pipe open).
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        await Shell.RunAsync("dotnet", "publish", Path.Combine(Repository.Root, "Picasoft.Ops.Web"), "--configuration", configuration, "--no-build", "--disable-build-servers", "--output", folder["dotnet/published"]);
        File.Delete(folder["dotnet/usr/bin/dotnet"]);
        await File.WriteAllTextAsync(folder["dotnet/usr/bin/dotnet"], """
            #!/bin/sh
            case "$1" in
                restore) [ -f "$2/$2.csproj" ] && [ -f Directory.Packages.props ] && [ ! -e "$2/Program.cs" ] ;;
                publish) [ "$3 $4 $5 $6" = '-c Release --no-restore -o' ] && [ -f "$2/Program.cs" ] && cp -a /published "$7" ;;
                *) exit 1 ;;
            esac

            """);
        await Shell.RunAsync("chmod", "755", folder["dotnet/usr/bin/dotnet"]);
        await alice.ImportAsync(folder["dotnet"], "mcr.microsoft.com/dotnet/sdk:10.0-noble");
        await alice.DoAsync("build", "--network", "none", "--tag", "picasoft-ops:1.0", "--file", product, Repository.Root);
    }

    private static string[] Packages(string dockerfile) =>
        [.. File.ReadLines(dockerfile).SelectMany(l => Installs().Matches(l)).SelectMany(m => m.Groups["words"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => !w.StartsWith('-')).Select(w => w.Split('=')[0]).Distinct()];

    private static Task AllHealthyAsync(DockerHost host) =>
        Eventually.TrueAsync(async () => await host.HealthAsync() is { } all && all.Count == _roles.Length && all.Values.All(h => h == "healthy"), "every container is healthy", 180);

    private static Task<(int Exit, string Output, string Error)> SqlAsync(Lab lab, string sql) =>
        WithinAsync(lab, "psql", "-XAtc", sql, $"host={Network.VirtualAddress} port=5000 user=ops dbname=ops connect_timeout=3 password={lab.Secret("ops")}");

    /// <summary>From the people's side.</summary>
    private static Task<(int Exit, string Output, string Error)> WithinAsync(Lab lab, params string[] command) => Shell.TryAsync("nsenter", [$"--net={lab.Network.Path(Network.Client)}", .. command]);

    [GeneratedRegex("apt-get install(?<words>[^&\\\\]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Installs();
}
