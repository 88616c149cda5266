using System.ComponentModel;
using System.Globalization;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Kinds;

namespace Picasoft.Ops.Core.Recovery.Steps;

/// <summary>Runs commands: on another machine, from that machine's list; here, from the allowed folders.</summary>
public static class ProgramStepActions
{
    /// <param name="host">Null: nobody allowed anything there.</param>
    /// <param name="lookOnly">Signs in, and runs nothing.</param>
    public static async Task<StepOutcome> OverSshAsync(SshStepInput step, SshHostInput? host, TimeSpan timeout, bool lookOnly, CancellationToken cancel)
    {
        if (host is null) return new(false, Phrase.Of("run.no_ssh_host", step.Host), null);
        if (!host.Commands.TryGetValue(step.Command, out var command)) return new(false, Phrase.Of("run.not_allowed", step.Command, step.Host), null);
        var settings = new SshCommandSettings { Host = host.Host, Port = host.Port, User = host.User, PrivateKey = new(await File.ReadAllTextAsync(host.KeyFile, cancel)), HostKey = host.HostKey, Command = command };
        var (trouble, said) = await SshCommandProbe.RunAsync(settings, timeout, lookOnly, cancel, (client, running, cut) => SshEnding.RunAsync(client, running, host.End, cut));
        if (trouble is not null) return new(false, trouble.Reason, null);
        if (lookOnly) return new(true, Phrase.Of("run.signed_in", host.User, host.Host), null);
        return new(said!.Exit == 0, Phrase.Of("run.ended", said.Exit?.ToString(CultureInfo.InvariantCulture) ?? said.Signal ?? "?"), string.Join('\n', new[] { said.Output, said.Error }.Where(t => t.Length > 0)));
    }

    /// <param name="folders">Where programs may stand, separated by colons; empty: none may be run.</param>
    /// <param name="lookOnly">Only sees whether it is there.</param>
    public static async Task<StepOutcome> HereAsync(PluginStepInput step, string folders, RecoveryRun run, bool lookOnly, CancellationToken cancel)
    {
        if (PluginRunner.Find(folders, step.Command) is not { } file) return new(false, Phrase.Of("run.no_plugin", step.Command, folders.Length == 0 ? "OPS_RECOVERY_PLUGINS" : folders), null);
        if (lookOnly) return new(true, Phrase.Of("run.plugin_there", file), null);
        try
        {
            var (exit, output) = await PluginRunner.RunAsync(file, step.Arguments, [KeyValuePair.Create("OPS_PLAN", run.Plan), KeyValuePair.Create("OPS_RUN", run.Id.ToString(CultureInfo.InvariantCulture)), KeyValuePair.Create("OPS_DRILL", run.Drill ? "1" : "0")], cancel);
            return new(exit == 0, Phrase.Of("run.ended", exit.ToString(CultureInfo.InvariantCulture)), output);
        }
        catch (Win32Exception e) { return new(false, Phrase.Of("run.unreachable", e.Message), null); }
    }
}
