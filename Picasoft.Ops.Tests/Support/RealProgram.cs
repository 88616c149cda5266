using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Picasoft.Ops.Tests.Support;

/// <summary>A program of somebody else's on loopback, on a port that was free, ended with the test.</summary>
public sealed class RealProgram : IAsyncDisposable
{
    private const int FirstPort = 12_000, Ports = 20_000;

    private static int _lastPort = Random.Shared.Next(Ports); // another run may be under way on this machine

    private readonly Process _process;
    private readonly List<string> _said = [];
    private bool _isGone;

    private RealProgram(Process process, int port)
    {
        (_process, Port, Address) = (process, port, new($"http://127.0.0.1:{port}"));
        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.ErrorDataReceived += (_, e) => Hear(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public int Port { get; }

    public int ProcessId => _process.Id;

    public string Output
    {
        get { lock (_said) return string.Join('\n', _said); }
    }

    /// <summary>Debian's Alertmanager, alone; with one receiver unless a configuration is given.</summary>
    public static async Task<RealProgram> AlertmanagerAsync(TempFolder folder, string configuration = "route: {receiver: default, group_by: [service], group_wait: 1s}\nreceivers: [{name: default}]\n")
    {
        await File.WriteAllTextAsync(folder["alertmanager.yml"], configuration);
        return await StartAsync("prometheus-alertmanager", port => [$"--config.file={folder["alertmanager.yml"]}", $"--storage.path={folder["alertmanager"]}", $"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=warn"]);
    }

    /// <summary>Debian's Prometheus with a configuration.</summary>
    public static async Task<RealProgram> PrometheusAsync(TempFolder folder, string configuration)
    {
        await File.WriteAllTextAsync(folder["prometheus.yml"], configuration);
        return await StartAsync("prometheus", port => [$"--config.file={folder["prometheus.yml"]}", $"--storage.tsdb.path={folder["tsdb"]}", $"--web.listen-address=127.0.0.1:{port}", "--web.enable-lifecycle", "--rules.alert.resend-delay=1s", "--log.level=warn"]);
    }

    /// <summary>A test may end it before its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isGone) return;
        _isGone = true;
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Starts a program and waits until it answers.</summary>
    /// <param name="arguments">What to say to it; given its port.</param>
    /// <param name="answers">Whether it is ready; null: it answers 200 at <c>/-/ready</c>.</param>
    /// <param name="user">As whom, if we are root.</param>
    public static async Task<RealProgram> StartAsync(string program, Func<int, string[]> arguments, Func<RealProgram, Task<bool>>? answers = null, string? user = null, int? port = null)
    {
        var chosen = port ?? FreePort();
        var info = new ProcessStartInfo(program, arguments(chosen)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        if (user is not null && Environment.IsPrivilegedProcess) info.UserName = user;
        var process = Process.Start(info)!;
        var real = new RealProgram(process, chosen);
        await Eventually.TrueAsync(async () =>
        {
            if (process.HasExited) throw new InvalidOperationException($"{program} ended:\n{real.Output}");
            return await (answers ?? IsReadyAsync)(real);
        }, $"{program} answers");
        return real;
    }

    /// <summary>Ready as soon as its port takes connections.</summary>
    public static async Task<bool> ListensAsync(RealProgram program)
    {
        using var client = new TcpClient();
        try { await client.ConnectAsync(IPAddress.Loopback, program.Port); return true; }
        catch (SocketException) { return false; }
    }

    /// <summary>Runs a program to its end, which must be a good one.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}{await error}");
        return output;
    }

    private static async Task<bool> IsReadyAsync(RealProgram program)
    {
        using var client = new HttpClient();
        try { return (await client.GetAsync(new Uri(program.Address, "/-/ready"))).StatusCode == HttpStatusCode.OK; }
        catch (HttpRequestException) { return false; }
    }

    /// <summary>Where nobody listens, and nobody will but who asked: below those that the kernel gives to whoever wants any (a connection too), and never the same twice.</summary>
    public static int FreePort(SocketType type = SocketType.Stream)
    {
        while (true)
        {
            var port = FirstPort + (int)((uint)Interlocked.Increment(ref _lastPort) % Ports);
            using var socket = new Socket(AddressFamily.InterNetwork, type, ProtocolType.Unspecified);
            try { socket.Bind(new IPEndPoint(IPAddress.Loopback, port)); return port; }
            catch (SocketException) { } // somebody's
        }
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_said) _said.Add(line);
    }
}
