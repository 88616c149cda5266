using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Picasoft.Ops.Tests.Support;

/// <summary>A program of Prometheus' world on loopback, with a folder of its own.</summary>
public sealed class RealProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _said = [];

    private RealProgram(Process process, int port)
    {
        (_process, Address) = (process, new($"http://127.0.0.1:{port}"));
        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.ErrorDataReceived += (_, e) => Hear(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    public string Output
    {
        get { lock (_said) return string.Join('\n', _said); }
    }

    /// <summary>Debian's Alertmanager, alone, with one receiver.</summary>
    public static async Task<RealProgram> AlertmanagerAsync(TempFolder folder)
    {
        await File.WriteAllTextAsync(folder["alertmanager.yml"], "route: {receiver: default, group_by: [service], group_wait: 1s}\nreceivers: [{name: default}]\n");
        return await StartAsync("prometheus-alertmanager", port => [$"--config.file={folder["alertmanager.yml"]}", $"--storage.path={folder["alertmanager"]}", $"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=warn"]);
    }

    /// <summary>Debian's Prometheus with a configuration.</summary>
    public static async Task<RealProgram> PrometheusAsync(TempFolder folder, string configuration)
    {
        await File.WriteAllTextAsync(folder["prometheus.yml"], configuration);
        return await StartAsync("prometheus", port => [$"--config.file={folder["prometheus.yml"]}", $"--storage.tsdb.path={folder["tsdb"]}", $"--web.listen-address=127.0.0.1:{port}", "--web.enable-lifecycle", "--rules.alert.resend-delay=1s", "--log.level=warn"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<RealProgram> StartAsync(string program, Func<int, string[]> arguments)
    {
        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo(program, arguments(port)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var real = new RealProgram(process, port);
        using var client = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            if (process.HasExited) throw new InvalidOperationException($"{program} ended:\n{real.Output}");
            try { return (await client.GetAsync(new Uri(real.Address, "/-/ready"))).StatusCode == HttpStatusCode.OK; }
            catch (HttpRequestException) { return false; }
        }, $"{program} answers");
        return real;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_said) _said.Add(line);
    }
}
