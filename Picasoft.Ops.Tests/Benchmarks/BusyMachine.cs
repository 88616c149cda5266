using System.Diagnostics;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>Processes that want the processor all the time, until they are disposed.</summary>
internal sealed class BusyMachine(int processes) : IDisposable
{
    private readonly List<Process> _running = [.. Enumerable.Range(0, processes).Select(_ => Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "while :; do :; done"]))!)];

    public int Processes => _running.Count;

    public void Dispose()
    {
        foreach (var process in _running)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
