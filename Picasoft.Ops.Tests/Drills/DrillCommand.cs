using System.Diagnostics;
using System.Runtime.InteropServices;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>
/// <c>./ops drill</c>. This process lays the network and, whatever becomes of the drill, takes everything away again; the drill itself is a second process
/// that lives within the people's side of that network.
/// </summary>
public static class DrillCommand
{
    private const string Inside = "--inside";
    private const string Usage = "Usage: ./ops drill [--short] [--patient] [--json] [--profile tuned|portable] [--only NAME,NAME] [--with davical] [--control etcd3|cancel|etherpads]";

    public static async Task<int> RunAsync(string[] args)
    {
        if (Read(args) is not { } options) return 2;
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return options.Inside is { } prefix ? await InsideAsync(options, prefix, stop.Token) : await OutsideAsync(options, args, stop.Token);
        }
        catch (OperationCanceledException)
        {
            return 1;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> OutsideAsync(Options options, string[] args, CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            await Console.Error.WriteLineAsync("The drill makes network namespaces: run it as root, such as with sudo ./ops drill.");
            return 1;
        }
        var network = new Network(Network.PrefixOf(Environment.ProcessId));
        try
        {
            await network.CreateAsync();
            foreach (var host in Network.Hosts)
            {
                var disk = Path.Combine(FolderOf(network), host, "data", "postgres");
                Directory.CreateDirectory(disk);
                await Shell.RunAsync("mount", "-t", "tmpfs", "-o", "size=640m,mode=0755", "tmpfs", disk); // small: a drill fills it
            }
            var info = new ProcessStartInfo("nsenter", [$"--net={network.Path(Network.Client)}", Environment.ProcessPath!, typeof(DrillCommand).Assembly.Location, "drill", .. args, Inside, network.Prefix]) { WorkingDirectory = "/" };
            if (Path.GetFileName(Environment.ProcessPath) != "dotnet") info.ArgumentList.RemoveAt(2);
            using var drill = Process.Start(info)!;
            await using var passOn = cancel.Register(() => Signals.Send(drill.Id, Signals.Terminate));
            await drill.WaitForExitAsync(CancellationToken.None);
            return drill.ExitCode;
        }
        finally
        {
            await RemoveAsync(network);
        }
    }

    private static async Task<int> InsideAsync(Options options, string prefix, CancellationToken cancel)
    {
        var network = new Network(prefix);
        var etherpad = Environment.GetEnvironmentVariable("OPS_DRILL_ETHERPAD") is { Length: > 0 } folder && File.Exists(Path.Combine(folder, "complete")) ? folder : null;
        if (etherpad is null) await Console.Error.WriteLineAsync("Etherpad could not be had from npm: it is left out, and its figures are not proven by this run.");
        if (etherpad is null && options.Control == Finding.Etherpads)
        {
            await Console.Error.WriteLineAsync("Without Etherpad there is nothing to see of the finding etherpads.");
            return 1;
        }
        var lab = new Lab(network, FolderOf(network), options.Profile, etherpad, options.Control) { Examples = options.With };
        await lab.PrepareAsync();
        // What brings each finding out; an isolation three times, since it shows in about every second.
        if (options is { Control: { } control, Only.Count: 0 }) options = options with { Only = control switch { Finding.Etcd3 => ["cut-host", "cut-host", "cut-host"], Finding.Cancel => ["cut-host"], _ => ["switchover"] } };
        var scenarios = (options.Only.Count > 0 ? options.Only.Select(n => Scenarios.All.First(s => s.Name == n)) : Scenarios.All.Where(s => !options.IsShort || s.IsShort)).Where(s => (etherpad is not null || s.Name != "kill-etherpad") && (s.Example is null || options.With.Any(e => e.Name == s.Example))).ToList();
        var began = TimeProvider.System.GetUtcNow();
        var (allOk, isHarmed) = (true, false);
        var records = new List<DrillRecord>();
        try
        {
            await using var runner = new DrillRunner(lab, options.IsPatient, Print, cancel);
            // A control is over once its finding shows: what was harmed may never be whole again.
            await runner.RunAsync(scenarios.TakeWhile(_ => options.Control is null || !isHarmed), records);
            await ReportAsync(options, began, records);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"The drill could not go on: {e.Message}");
            await TailAsync(lab);
            if (records.Count > 0) await ReportAsync(options, began, records);
            if (options.Control is null || !isHarmed) return 1;
        }
        finally
        {
            if (Environment.GetEnvironmentVariable("OPS_DRILL_LOGS") is { Length: > 0 } logs) await Shell.TryAsync("bash", "-c", $"mkdir -p '{logs}' && for h in alice bob caribou; do cp -r '{lab.Folder}'/$h/log '{logs}'/$h; cp -r '{lab.Folder}'/$h/etc '{logs}'/$h-etc; done");
        }
        if (options.Control is null) return allOk ? 0 : 1;
        await Console.Error.WriteLineAsync($"Without its cure the finding {Words.Of(options.Control.Value)} {(isHarmed ? "shows" : "did not show this time")}.");
        return isHarmed ? 0 : 1;

        void Print(DrillResult result)
        {
            allOk &= result.Ok;
            isHarmed |= result.LostWrites > 0;
            Console.WriteLine(options.IsJson ? result.ToJson() : result.ToString());
        }
    }

    /// <summary>Kept with the product's data; what was left without a cure says so.</summary>
    private static async Task ReportAsync(Options options, DateTimeOffset began, List<DrillRecord> records)
    {
        var reports = Path.Combine(Environment.GetEnvironmentVariable("OPS_DATA") is { Length: > 0 } data ? Path.GetFullPath(data) : DataFolder.Default(), "drills");
        Directory.CreateDirectory(reports);
        var uncured = options.Control is { } control ? Words.Of(control) : null;
        var report = Path.Combine(reports, $"{began:yyyy-MM-dd-HHmmss}-{options.Profile}{(uncured is null ? "" : $"-without-{uncured}")}.md");
        await File.WriteAllTextAsync(report, Report.Write(options.Profile, uncured, began, records), CancellationToken.None);
        await Console.Error.WriteLineAsync($"The report: {report}");
    }

    /// <summary>The last words of every server, since the folder goes.</summary>
    private static async Task TailAsync(Lab lab)
    {
        foreach (var daemon in lab.All.SelectMany(h => h.Daemons).Where(d => File.Exists(d.Log)))
            await Console.Error.WriteLineAsync($"--- {daemon.Log}\n{string.Join('\n', File.ReadLines(daemon.Log).TakeLast(6))}");
    }

    internal static async Task RemoveAsync(Network network)
    {
        await network.RemoveAsync();
        foreach (var host in Network.Hosts) await Shell.TryAsync("umount", "-l", Path.Combine(FolderOf(network), host, "data", "postgres"));
        if (Directory.Exists(FolderOf(network))) Directory.Delete(FolderOf(network), recursive: true);
    }

    private static string FolderOf(Network network) => Path.Combine("/run/ops-drill", network.Prefix.TrimEnd('-'));

    private static Options? Read(string[] args)
    {
        var options = new Options(false, false, false, "tuned", [], [], null, null);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--short": options = options with { IsShort = true }; break;
                case "--patient": options = options with { IsPatient = true }; break;
                case "--json": options = options with { IsJson = true }; break;
                case "--profile" when value is "tuned" or "portable": options = options with { Profile = value }; i++; break;
                case "--only" when value is not null && value.Split(',').All(n => Scenarios.All.Any(s => s.Name == n)): options = options with { Only = value.Split(',') }; i++; break;
                case "--with" when value is not null && value.Split(',').All(n => Example.All.Any(e => e.Name == n)): options = options with { With = [.. value.Split(',').Distinct().Select(n => Example.All.First(e => e.Name == n))] }; i++; break;
                case "--control" when Enum.TryParse<Finding>(value, ignoreCase: true, out var finding) && Enum.IsDefined(finding): options = options with { Control = finding }; i++; break;
                case Inside when value is not null: options = options with { Inside = value }; i++; break;
                default:
                    Console.Error.WriteLine($"{args[i]} is not understood here. {Usage}; NAME is one of {string.Join(", ", Scenarios.All.Select(s => s.Name))}.");
                    return null;
            }
        }
        if (options.Only.Select(n => Scenarios.All.First(s => s.Name == n)).FirstOrDefault(s => s.Example is not null && options.With.All(e => e.Name != s.Example)) is { } lonely)
        {
            Console.Error.WriteLine($"{lonely.Name} breaks what only --with {lonely.Example} takes along. {Usage}.");
            return null;
        }
        return options;
    }

    private sealed record Options(bool IsShort, bool IsPatient, bool IsJson, string Profile, IReadOnlyList<string> Only, IReadOnlyList<Example> With, string? Inside, Finding? Control);
}
