using System.Diagnostics;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>Seconds from the start of the process to a 200 of <c>/readyz</c>, on a new data folder and on one that was used before.</summary>
public sealed class StartBenchmark : IBenchmark
{
    private const int Rounds = 5;

    public string Name => "start";

    public async Task RunAsync(BenchContext context)
    {
        List<double> fresh = [], again = [], initdb = [], runtime = [];
        for (var round = 0; round < Rounds; round++)
        {
            using var folder = new TempFolder();
            fresh.Add(await StartAsync(folder["data"]));
            again.Add(await StartAsync(folder["data"]));
            initdb.Add(await InitdbAsync(folder["initdb"]));
            runtime.Add(await ProgramAsync("dotnet", "--list-runtimes"));
        }
        context.ReportMedian("new data", fresh, "s");
        context.ReportMedian("existing data", again, "s");
        // What no work of ours can make faster, on the same machine in the same minutes.
        context.ReportMedian("of which initdb (new data)", initdb, "s");
        context.ReportMedian("of which the dotnet command itself", runtime, "s");
    }

    private static async Task<double> StartAsync(string data)
    {
        var watch = Stopwatch.StartNew();
        await using var host = await OpsHost.StartAsync(data);
        return watch.Elapsed.TotalSeconds;
    }

    private static Task<double> InitdbAsync(string folder)
    {
        string[] command = [Path.Combine(PostgresBinaries.Folder(), "initdb"), "-D", folder, "--data-checksums", "-A", "trust", "--no-instructions"];
        if (!Environment.IsPrivilegedProcess) return ProgramAsync(command[0], command[1..]);
        Directory.CreateDirectory(folder);
        using (var owner = Process.Start("chown", ["postgres:", folder])) owner.WaitForExit();
        return ProgramAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", .. command]);
    }

    private static async Task<double> ProgramAsync(string file, params string[] args)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(file, args) { RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{file} failed");
    }
}
