using System.Diagnostics;
using System.Net.Sockets;
using Picasoft.Ops.Tests.Drills;
using Picasoft.Ops.Tests.Support;

[assembly: AssemblyFixture(typeof(DockerEngine))]

namespace Picasoft.Ops.Tests.Support;

/// <summary>
/// Debian's Docker Engine, one for the whole run, started when somebody first asks for it; its containers have a busybox and no network. Take it as a constructor
/// parameter. Everybody gives containers a name of their own: <see cref="NameOf"/>.
/// </summary>
public sealed class DockerEngine : IAsyncLifetime
{
    private const string Image = "ops-test:1";

    private readonly TempFolder _folder = new();
    private readonly Lazy<Task<string?>> _start;
    private Process? _server;

    public DockerEngine() => _start = new(StartAsync);

    /// <summary>Its API.</summary>
    public string Socket => _folder["docker.sock"];

    /// <summary>Skips the test, with the reason, where no engine can run: not root, or a machine whose kernel has no room for one.</summary>
    public async Task RequireAsync()
    {
        if (await _start.Value is { } why) Assert.Skip(why);
    }

    /// <summary>A name that no other test uses.</summary>
    public static string NameOf(string what) => $"{what}-{Guid.NewGuid():N}"[..(what.Length + 9)];

    /// <summary><c>docker …</c>, which must succeed.</summary>
    public Task<string> DoAsync(params string[] arguments) => RealProgram.RunAsync("/usr/bin/docker", ["-H", $"unix://{Socket}", .. arguments]);

    /// <summary>Starts a container that runs a line of shell.</summary>
    /// <param name="options">Of <c>docker run</c>.</param>
    public Task<string> StartAsync(string name, string line, params string[] options) => DoAsync(["run", "--detach", "--init", "--network", "none", "--name", name, .. options, Image, "/bin/sh", "-c", line]);

    private async Task<string?> StartAsync()
    {
        if (!Environment.IsPrivilegedProcess) return "dockerd needs root";
        if (!File.Exists("/usr/sbin/dockerd") || !File.Exists("/usr/bin/busybox")) return "dockerd or busybox is not installed";
        var info = new ProcessStartInfo("/bin/sh", ["-c", "exec /usr/sbin/dockerd \"$@\" >>\"$0\" 2>&1 </dev/null", _folder["log"], "--data-root", _folder["data"], "--exec-root", _folder["exec"], "-H", $"unix://{Socket}", "-p", _folder["pid"],
            "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--userland-proxy=false", "--shutdown-timeout=1"])
        { WorkingDirectory = "/" };
        _server = Process.Start(info)!;
        await Eventually.TrueAsync(async () => _server.HasExited || await AnswersAsync(), "dockerd answers", 120);
        if (_server.HasExited) return "dockerd cannot run here: " + string.Join(" / ", File.ReadLines(_folder["log"]).TakeLast(2));
        Directory.CreateDirectory(_folder["root/bin"]);
        File.Copy("/usr/bin/busybox", _folder["root/bin/busybox"]);
        File.CreateSymbolicLink(_folder["root/bin/sh"], "busybox");
        await RealProgram.RunAsync("tar", "-C", _folder["root"], "-cf", _folder["root.tar"], ".");
        await DoAsync("import", _folder["root.tar"], Image);
        return null;
    }

    private async Task<bool> AnswersAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try { await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket)); return true; }
        catch (SocketException) { return false; }
    }

    /// <summary>Nothing yet: a run without containers starts no engine.</summary>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false })
        {
            // First the containers: their helpers are not children of the engine and would outlive it, with what they have mounted.
            if ((await DoAsync("ps", "--all", "--quiet")).Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } all) await DoAsync(["rm", "--force", .. all]);
            Signals.Send(_server.Id, Signals.Terminate);
            await _server.WaitForExitAsync();
        }
        _server?.Dispose();
        // The engine mounts its folder onto itself.
        foreach (var mount in File.ReadLines("/proc/mounts").Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(_folder.Path, StringComparison.Ordinal)).Reverse().ToList())
            await RealProgram.RunAsync("umount", "--lazy", mount);
        _folder.Dispose();
    }
}
