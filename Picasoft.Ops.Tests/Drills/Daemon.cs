using System.Diagnostics;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>A server on a host of the lab. What its host would do for it is done here: when it ends by itself it is started again after a second, as systemd or Docker do.</summary>
internal sealed class Daemon(string name, string namespacePath, string log, string? account, IReadOnlyDictionary<string, string> environment, params string[] command)
{
    private static readonly TimeSpan _restartAfter = TimeSpan.FromSeconds(1);
    private Process? _process;
    private bool _wanted;

    public string Name => name;

    public string Log => log;

    public int ProcessId => _process?.Id ?? 0;

    public bool IsRunning => _process is { HasExited: false };

    public void Start()
    {
        _wanted = true;
        string[] identity = account is null ? [] : ["setpriv", $"--reuid={account}", $"--regid={account}", "--init-groups"];
        // Every step execs the next: the process is the server's own.
        var info = new ProcessStartInfo("bash", ["-c", "exec >>\"$0\" 2>&1 </dev/null; exec \"$@\"", log, "nsenter", $"--net={namespacePath}", .. identity, .. command]) { WorkingDirectory = "/" };
        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        info.Environment["HOME"] = "/nonexistent";
        info.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (key, value) in environment) info.Environment[key] = value;
        var process = new Process { StartInfo = info, EnableRaisingEvents = true };
        process.Exited += async (_, _) =>
        {
            await Task.Delay(_restartAfter);
            if (_wanted && ReferenceEquals(process, _process)) Start();
        };
        _process = process;
        process.Start();
    }

    /// <summary>kill -9, and nobody starts it again.</summary>
    public async Task KillAsync()
    {
        _wanted = false;
        await EndAsync(Signals.Kill);
    }

    /// <summary>kill -9; whoever looks after it starts it again.</summary>
    public Task CrashAsync() => EndAsync(Signals.Kill);

    private async Task EndAsync(int signal)
    {
        if (_process is not { HasExited: false } process) return;
        Signals.Send(process.Id, signal);
        await process.WaitForExitAsync();
    }
}
