using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Probes;

namespace Picasoft.Ops.Tests.Support;

/// <summary>One check in a process of its own, where things are as no test could have them for itself without harming the others: no rights, no descriptors left, a name server that says nothing.</summary>
public static class Elsewhere
{
    /// <summary>More than a check needs.</summary>
    private const int Threads = 12;

    private static readonly string _program = Path.Combine(AppContext.BaseDirectory, "Picasoft.Ops.Tests.dll");

    /// <summary>As an account without rights, but for reading: the build may lie where nobody else may look.</summary>
    public static string[] AsNobody { get; } = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];

    /// <summary>What is found, in English; empty when all is well.</summary>
    /// <param name="settings">Of the kind, as they are stored.</param>
    /// <param name="within">The words before the program: how it is to run.</param>
    /// <param name="full">With no descriptor left.</param>
    public static async Task<string> ReasonOf(string kind, string settings, string[] within, bool full = false)
    {
        var info = new ProcessStartInfo("env", [.. within, "dotnet", _program, "check", kind, settings, full ? "full" : ""]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        info.Environment["HOME"] = "/nonexistent";
        using var process = Process.Start(info)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return (await output).TrimEnd('\n');
    }

    /// <summary>Where these files of a folder stand in the place of those in <c>/etc</c>.</summary>
    public static string[] WithFiles(TempFolder folder, params string[] names) =>
        ["unshare", "--mount", "sh", "-c", $"for f in {string.Join(' ', names)}; do mount --bind {folder.Path}/$f /etc/$f || exit 9; done; exec \"$@\"", "sh"];

    /// <summary>Whether we are allowed <see cref="WithFiles"/>.</summary>
    public static async Task<bool> HasFilesAsync() => Environment.IsPrivilegedProcess && await RunsAsync("unshare", "--mount", "mount", "--bind", "/etc/hosts", "/etc/hosts");

    /// <summary>Whether a command ends well.</summary>
    public static async Task<bool> RunsAsync(params string[] line)
    {
        using var process = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    /// <summary>The other end of it: <c>check KIND SETTINGS [full]</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddSingleton<ISecretBox>(new SecretBox(new string('k', 32))).AddProbes().BuildServiceProvider();
        var kinds = services.GetRequiredService<ProbeKinds>();
        var settings = kinds.Open(new ProbeDefinition { Name = "x", Type = args[0], Settings = args[1] })!;
        var held = new List<FileStream>();
        if (args[2] == "full")
        {
            // Once before, and the words for it, so that all the code is loaded.
            _ = await kinds.Find(args[0])!.ReasonOf(settings);
            _ = new Observation(false, ProbeReasons.Of(new HttpRequestException("", new IOException("", new SocketException((int)SocketError.TooManyOpenSockets))), "x", 1)).Words();
            // And the threads: the runtime gives each new one a pipe, and ends the process when it cannot.
            ThreadPool.SetMinThreads(Threads, Threads);
            using var together = new Barrier(Threads);
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() => together.SignalAndWait())));
            try { while (true) held.Add(File.OpenRead("/dev/null")); }
            catch (IOException) { } // that was the last
        }
        var said = await kinds.Find(args[0])!.ReasonOf(settings);
        foreach (var file in held) await file.DisposeAsync();
        Console.WriteLine(said);
        return 0;
    }
}
