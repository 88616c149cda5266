using System.ComponentModel;
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
        if (!PluginRunner.IsName(Command)) yield return new("command", Phrase.Of("probe.input.plugin_name"));
        foreach (var name in Secrets.Keys.Where(n => n.Length is 0 or > 100 || !n.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')))
            yield return new(InputReader.Join("secrets", name), Phrase.Of("probe.input.variable_name"));
    }
}

/// <summary>
/// Runs a Nagios plugin (monitoring-plugins and thousands of others): its exit status is the verdict, its first line the reason, its performance data is measured.
/// In a session of its own, so that at the timeout all that it started is killed with it.
/// </summary>
/// <param name="folders">Where plugins may stand, separated by colons.</param>
public sealed class PluginProbe(string folders) : Probe<PluginSettings>
{
    public override string Kind => "plugin";

    public override ProbeGroup Group => ProbeGroup.Hosts;

    protected override string Target(PluginSettings settings) => string.Join(' ', [settings.Command, .. settings.Arguments.Select(a => a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a)]);

    protected override async ValueTask<Observation> CheckAsync(PluginSettings plugin, ProbeContext context, CancellationToken cancel)
    {
        if (PluginRunner.Find(folders, plugin.Command) is not { } file) return Observation.Down("probe.plugin_missing", plugin.Command, folders);
        try
        {
            var (exit, output) = await PluginRunner.RunAsync(file, plugin.Arguments.Select(a => Filled(a, plugin)), plugin.Secrets.Select(s => KeyValuePair.Create(s.Key, s.Value.Reveal())), cancel);
            return Judge(exit, PluginOutput.Parse(Hidden(output, plugin)));
        }
        catch (Win32Exception e)
        {
            return Observation.Down("probe.plugin_not_started", plugin.Command, new Win32Exception(e.NativeErrorCode).Message); // the system's word; the library's names what we start it with
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
}
