using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Runs a program of an allowed folder in a session of its own, with nothing of our environment; when it is cut short, all that it started goes with it.</summary>
internal static partial class PluginRunner
{
    private const int MaxOutput = 64 * 1024;
    private const int Kill = 9;

    /// <summary>The program of that name in the first allowed folder that has it; nothing outside them, whatever is written.</summary>
    /// <param name="folders">Separated by colons.</param>
    public static string? Find(string folders, string command) =>
        IsName(command) ? folders.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists) : null;

    public static bool IsName(string command) => command is not ("" or "." or "..") && command.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    /// <summary>Throws <see cref="Win32Exception"/> when it cannot be started.</summary>
    public static async Task<(int Exit, string Output)> RunAsync(string file, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment, CancellationToken cancel)
    {
        // setsid (util-linux, always there) becomes the plugin itself, as the leader of a new session: its number is that of the whole group.
        var info = new ProcessStartInfo("setsid", [file, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        // Nothing of ours: our environment holds passwords.
        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        info.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (name, value) in environment) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        try
        {
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput, cancel);
            var error = ReadAsync(process.StandardError, cancel);
            await process.WaitForExitAsync(cancel);
            EndGroup(process); // whoever is left would keep the pipes open
            var said = await output;
            return (process.ExitCode, said.Length > 0 ? said : await error);
        }
        catch
        {
            EndGroup(process);
            throw;
        }
    }

    // Twice: first those that moved to a group of their own but still hang below it, then those of its group whose parents are gone.
    private static void EndGroup(Process process)
    {
        var id = process.Id;
        try { process.Kill(entireProcessTree: true); }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException) { }
        _ = SendSignal(-id, Kill); // nobody left is as good
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancel)
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancel) is > 0 and var read)
            if (kept.Length < MaxOutput) kept.Append(buffer, 0, Math.Min(read, MaxOutput - kept.Length)); // the rest is read and thrown away, so that the plugin does not hang
        return kept.ToString();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
