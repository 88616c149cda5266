using System.Diagnostics;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>A machine of the lab as it is deployed: a Docker Engine, the images of <c>docker/ha/images</c> and the compose files of its roles, set up as docs/pra says.</summary>
internal sealed class DockerHost(Lab lab, string name) : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private Process? _engine;

    /// <summary>Where the files of docker/ha lie on this machine.</summary>
    public string Files => _folder["ha"];

    private string Socket => _folder["docker.sock"];

    /// <summary>Starts the engine in the machine's namespace: what its containers call the host's network is this machine's.</summary>
    public async Task StartAsync()
    {
        var info = new ProcessStartInfo("/bin/sh", ["-c", "exec nsenter \"--net=$0\" /usr/sbin/dockerd \"$@\" >>\"$LOG\" 2>&1 </dev/null", lab.Network.Path(name), "--data-root", _folder["data"], "--exec-root", _folder["exec"], "-H", $"unix://{Socket}", "-p", _folder["pid"],
            "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--userland-proxy=false", "--shutdown-timeout=5"])
        { WorkingDirectory = "/" };
        info.Environment["LOG"] = _folder["log"];
        _engine = Process.Start(info)!;
        await Eventually.TrueAsync(async () => _engine.HasExited || (await TryAsync("version")).Exit == 0, "dockerd answers", 120);
        if (_engine.HasExited) Assert.Skip("dockerd cannot run here: " + string.Join(" / ", File.ReadLines(_folder["log"]).TakeLast(2)));
    }

    /// <summary>Renders the machine's files by the guide's own commands.</summary>
    public async Task RenderAsync()
    {
        await Shell.RunAsync("cp", "-a", Path.Combine(Repository.Root, "docker", "ha"), Files);
        var site = File.ReadLines(Path.Combine(Files, "site.env.example")).Select(line => line.Split('=')[0] switch
        {
            "NETWORK" => "NETWORK=10.77.0.0/24",
            "VIP" => $"VIP={Network.VirtualAddress}",
            "ALICE" or "BOB" or "CARIBOU" => $"{line.Split('=')[0]}={Network.AddressOf(line.Split('=')[0].ToLowerInvariant())}",
            "SECRETS" => $"SECRETS={lab.Folder}/secrets",
            _ => line,
        });
        await File.WriteAllLinesAsync(Path.Combine(Files, "site.env"), site);
        await Shell.RunAsync(Path.Combine(Files, "render"), Path.Combine(Files, "site.env"), Path.Combine(Files, "profiles", lab.Profile + ".env"), name, Path.Combine(Files, "out", name));
        // Compose 1.29 takes one such file.
        await File.WriteAllLinesAsync(Path.Combine(Files, "all.env"), File.ReadLines(Path.Combine(Files, "machines", name + ".env")).Select(l => l.StartsWith("IP=", StringComparison.Ordinal) ? $"IP={Network.AddressOf(name)}" : l).Concat(File.ReadLines(Path.Combine(Files, "site.env"))));
    }

    /// <summary>Makes an image of a folder.</summary>
    public Task ImportAsync(string root, string image) => Shell.RunAsync("bash", "-c", $"tar -C '{root}' -c . | docker -H 'unix://{Socket}' import - '{image}'");

    public Task<string> ComposeAsync(params string[] arguments) =>
        Shell.RunAsync("bash", ["-c", "cd \"$0\" && DOCKER_HOST=\"$1\" exec docker-compose --env-file \"$0/all.env\" \"${@:2}\"", Files, $"unix://{Socket}", .. arguments]);

    public Task<string> DoAsync(params string[] arguments) => Shell.RunAsync("/usr/bin/docker", ["-H", $"unix://{Socket}", .. arguments]);

    /// <summary>Each service of the machine, and how its health check finds it: <c>healthy</c>.</summary>
    public async Task<IReadOnlyDictionary<string, string>> HealthAsync()
    {
        if ((await DoAsync("ps", "--all", "--quiet")).Split('\n', StringSplitOptions.RemoveEmptyEntries) is not { Length: > 0 } all) return new Dictionary<string, string>();
        var said = await DoAsync(["inspect", "--format", "{{index .Config.Labels \"com.docker.compose.service\"}} {{.State.Health.Status}}", .. all]);
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToDictionary(l => l[0], l => l[1], StringComparer.Ordinal);
    }

    /// <summary>What every container said last, for the message of a test that fails.</summary>
    public async Task<string> StoryAsync() =>
        await Shell.RunAsync("bash", "-c", $"export DOCKER_HOST='unix://{Socket}'; for c in $(docker ps -aq); do docker inspect -f '--- {{{{.Name}}}} {{{{.State.Status}}}} {{{{json .State.Health}}}}' $c | cut -c -1500; docker logs --tail 12 $c 2>&1; done");

    public Task<(int Exit, string Output, string Error)> TryAsync(params string[] arguments) => Shell.TryAsync("/usr/bin/docker", ["-H", $"unix://{Socket}", .. arguments]);

    public async ValueTask DisposeAsync()
    {
        if (_engine is { HasExited: false })
        {
            // First the containers: their helpers are not children of the engine and would outlive it, with what they have mounted.
            await Shell.TryAsync("bash", "-c", $"docker -H 'unix://{Socket}' ps -aq | xargs -r docker -H 'unix://{Socket}' rm --force --volumes");
            Signals.Send(_engine.Id, Signals.Terminate);
            await _engine.WaitForExitAsync();
        }
        _engine?.Dispose();
        foreach (var mount in File.ReadLines("/proc/mounts").Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(_folder.Path, StringComparison.Ordinal)).Reverse().ToList())
            await Shell.TryAsync("umount", "--lazy", mount);
        _folder.Dispose();
    }
}
