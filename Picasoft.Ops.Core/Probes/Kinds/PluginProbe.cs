using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>Which plugin to run, and with what.</summary>
public sealed record PluginSettings : IChecked
{
    /// <summary>Name of a program in one of the folders the operator allowed; no path.</summary>
    [Setting(Required = true, MaxLength = 100, Example = "check_disk")]
    public string Command { get; init; } = "";

    /// <summary>One argument an item, given as it stands: no shell reads it. <c>{name}</c> stands for the secret of that name.</summary>
    [Setting(MaxLength = 1000)]
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Values that must not be seen: put where <c>{name}</c> stands in an argument, and also given as environment variables of these names.</summary>
    [Setting(MaxLength = 4096)]
    public IReadOnlyDictionary<string, Secret> Secrets { get; init; } = new Dictionary<string, Secret>(StringComparer.Ordinal);

    public IEnumerable<FieldError> Check()
    {
        if (!PluginProbe.IsName(Command)) yield return new("command", Phrase.Of("probe.input.plugin_name"));
        foreach (var name in Secrets.Keys.Where(n => n.Length is 0 or > 100 || !n.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')))
            yield return new(InputReader.Join("secrets", name), Phrase.Of("probe.input.variable_name"));
    }
}

/// <summary>
/// Runs a Nagios plugin (monitoring-plugins and thousands of others): its exit status is the verdict, its first line the reason, its performance data is measured.
/// In a session of its own, so that at the timeout all that it started is killed with it.
/// </summary>
/// <param name="folders">Where plugins may stand, separated by colons.</param>
public sealed partial class PluginProbe(string folders) : Probe<PluginSettings>
{
    private const int MaxOutput = 64 * 1024;
    private const int Kill = 9;

    public override string Kind => "plugin";

    public override ProbeGroup Group => ProbeGroup.Hosts;

    protected override string Target(PluginSettings settings) => string.Join(' ', [settings.Command, .. settings.Arguments.Select(a => a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a)]);

    protected override async ValueTask<Observation> CheckAsync(PluginSettings plugin, ProbeContext context, CancellationToken cancel)
    {
        if (Find(plugin.Command) is not { } file) return Observation.Down("probe.plugin_missing", plugin.Command, folders);
        try
        {
            var (exit, output) = await RunAsync(file, plugin, cancel);
            return Judge(exit, PluginOutput.Parse(Hidden(output, plugin)));
        }
        catch (Win32Exception e)
        {
            return Observation.Down("probe.plugin_not_started", plugin.Command, ProbeReasons.Shown(e.Message));
        }
    }

    /// <summary>What an exit status and the words beside it mean.</summary>
    internal static Observation Judge(int exit, PluginOutput output)
    {
        var said = ProbeReasons.Shown(output.Summary);
        var seen = exit switch
        {
            0 => new Observation(true, said.Length == 0 ? null : Phrase.Of("probe.said", said)),
            1 => Observation.Warn("probe.said", said),
            2 => Observation.Down("probe.said", said),
            3 => Observation.Down("probe.plugin_unknown", said),
            _ => Observation.Down("probe.plugin_exit", exit, said),
        };
        return seen.With(output.Measured);
    }

    /// <summary>The program of that name in the first allowed folder that has it; nothing outside them, whatever is written.</summary>
    private string? Find(string command) =>
        IsName(command) ? folders.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists) : null;

    internal static bool IsName(string command) => command is not ("" or "." or "..") && command.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    private static async Task<(int Exit, string Output)> RunAsync(string file, PluginSettings plugin, CancellationToken cancel)
    {
        // setsid (util-linux, always there) becomes the plugin itself, as the leader of a new session: its number is that of the whole group.
        var info = new ProcessStartInfo("setsid", [file, .. plugin.Arguments.Select(a => Filled(a, plugin))])
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
        foreach (var (name, value) in plugin.Secrets) info.Environment[name] = value.Reveal();
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

    private static string Filled(string argument, PluginSettings plugin)
    {
        foreach (var (name, value) in plugin.Secrets) argument = argument.Replace($"{{{name}}}", value.Reveal(), StringComparison.Ordinal);
        return argument;
    }

    private static string Hidden(string output, PluginSettings plugin)
    {
        foreach (var secret in plugin.Secrets.Values.Where(s => !s.IsEmpty)) output = output.Replace(secret.Reveal(), Secret.Mask, StringComparison.Ordinal);
        return output;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
