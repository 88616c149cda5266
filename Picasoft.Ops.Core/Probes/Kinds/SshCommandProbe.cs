using System.Text;
using Picasoft.Ops.Core.Primitives;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>What to run where, and what it should say.</summary>
public sealed record SshCommandSettings : IChecked
{
    [Setting(Required = true, MaxLength = 253, Example = "alice.example.org")]
    public string Host { get; init; } = "";

    [Setting(Min = "1", Max = "65535")]
    public int Port { get; init; } = 22;

    [Setting(Required = true, MaxLength = 100, Example = "probe")]
    public string User { get; init; } = "";

    public Secret? Password { get; init; }

    /// <summary>A private key in OpenSSH's or PEM format.</summary>
    [Setting(MaxLength = 16384, Multiline = true)]
    public Secret? PrivateKey { get; init; }

    public Secret? Passphrase { get; init; }

    /// <summary>Fingerprint of the host's key, as <c>ssh-keygen -lf</c> writes it: any other host is refused.</summary>
    [Setting(Required = true, MaxLength = 100, Example = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8")]
    public string HostKey { get; init; } = "";

    /// <summary>Given to the login shell of that account as it stands.</summary>
    [Setting(Required = true, MaxLength = 4096, Example = "systemctl is-active nginx")]
    public string Command { get; init; } = "";

    /// <summary>The exit status that is good.</summary>
    [Setting(Min = "0", Max = "255")]
    public int Exit { get; init; }

    /// <summary>Text that must appear in what it says.</summary>
    [Setting(MaxLength = 1024)]
    public string? Expect { get; init; }

    /// <summary>It is a Nagios plugin: its status 0 to 3 is the verdict, its performance data is measured.</summary>
    public bool Plugin { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Password is null or { IsEmpty: true } && PrivateKey is null or { IsEmpty: true }) yield return new("private_key", Phrase.Of("probe.input.password_or_key"));
        if (HostKey.Length > 0 && SshCommandProbe.Fingerprint(HostKey) is null) yield return new("host_key", Phrase.Of("probe.input.host_key"));
    }
}

/// <summary>What a command on another host said, and how it ended.</summary>
/// <param name="Exit">Null: a signal ended it.</param>
internal sealed record SshSaid(int? Exit, string? Signal, string Output, string Error);

/// <summary>A command on another host ends as it should and says what it should.</summary>
public sealed class SshCommandProbe : Probe<SshCommandSettings>
{
    public override string Kind => "ssh_command";

    public override ProbeGroup Group => ProbeGroup.Hosts;

    protected override string Target(SshCommandSettings settings) => $"{settings.User}@{TcpProbe.Endpoint(settings.Host, settings.Port)}: {settings.Command}";

    protected override async ValueTask<Observation> CheckAsync(SshCommandSettings settings, ProbeContext context, CancellationToken cancel)
    {
        var (trouble, said) = await RunAsync(settings, context.Timeout, signInOnly: false, cancel);
        return trouble ?? Judge(settings, said!);
    }

    /// <summary>Signs in and runs the command; either why that was not possible, or what it said.</summary>
    /// <param name="signInOnly">Runs nothing.</param>
    /// <param name="execute">How the command is run to its end; null: when it is cut short, it is asked to end, and not waited for.</param>
    internal static async Task<(Observation? Trouble, SshSaid? Said)> RunAsync(SshCommandSettings settings, TimeSpan timeout, bool signInOnly, CancellationToken cancel, Func<SshClient, SshCommand, CancellationToken, Task>? execute = null)
    {
        var at = TcpProbe.Endpoint(settings.Host, settings.Port);
        string? stranger = null;
        try
        {
            // Whether somebody is there at all is asked first, and told in our words.
            using (await TcpProbe.ConnectAsync(settings.Host, settings.Port, IpVersion.Any, cancel)) { }
            using var client = new SshClient(Connection(settings, timeout));
            client.HostKeyReceived += (_, e) =>
            {
                e.CanTrust = Fingerprint(e.FingerPrintSHA256) == Fingerprint(settings.HostKey);
                if (!e.CanTrust) stranger = e.FingerPrintSHA256;
            };
            await client.ConnectAsync(cancel);
            if (signInOnly) return (null, new(0, null, "", ""));
            using var command = client.CreateCommand(settings.Command, Encoding.UTF8);
            await (execute?.Invoke(client, command, cancel) ?? command.ExecuteAsync(cancel));
            return (null, new(command.ExitStatus, command.ExitSignal, command.Result, command.Error));
        }
        catch (Exception) when (stranger is not null)
        {
            return (Observation.Down("probe.ssh_stranger", at, $"SHA256:{Fingerprint(stranger)}"), null);
        }
        catch (SshAuthenticationException e) when (!cancel.IsCancellationRequested)
        {
            return (Observation.Down("probe.sign_in_refused", at, ProbeReasons.Shown(e.Message)), null);
        }
        catch (SshPassPhraseNullOrEmptyException) when (!cancel.IsCancellationRequested)
        {
            return (Observation.Down("probe.ssh_passphrase"), null);
        }
        catch (SshConnectionException e) when (!cancel.IsCancellationRequested && e.Message.Contains("identification string", StringComparison.Ordinal))
        {
            return (Observation.Down("probe.not_protocol", at, "SSH"), null);
        }
        catch (SshException e) when (!cancel.IsCancellationRequested)
        {
            return (Observation.Down("probe.answered_error", at, ProbeReasons.Shown(e.Message)), null);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return (new Observation(false, ProbeReasons.Of(e, settings.Host, settings.Port)), null);
        }
    }

    private static Observation Judge(SshCommandSettings settings, SshSaid answer)
    {
        var (exit, signal, output, error) = answer;
        var said = output.Length > 0 ? output : error;
        if (settings.Plugin) return PluginProbe.Judge(exit ?? -1, PluginOutput.Parse(said));
        var first = ProbeReasons.Shown(said.Trim());
        if (exit is not { } status) return Observation.Down("probe.command_killed", signal ?? "?", first);
        if (status != settings.Exit) return Observation.Down("probe.command_exit", status, settings.Exit, first);
        return !string.IsNullOrEmpty(settings.Expect) && !output.Contains(settings.Expect, StringComparison.Ordinal) ? Observation.Down("probe.text_missing", ProbeReasons.Shown(settings.Expect)) : Observation.Up;
    }

    private static ConnectionInfo Connection(SshCommandSettings settings, TimeSpan timeout)
    {
        var ways = new List<AuthenticationMethod>();
        if (settings.PrivateKey is { IsEmpty: false } key)
        {
            using var text = new MemoryStream(Encoding.UTF8.GetBytes(key.Reveal().Trim().Replace("\r", "", StringComparison.Ordinal) + "\n"));
            try
            {
                ways.Add(new PrivateKeyAuthenticationMethod(settings.User, new PrivateKeyFile(text, settings.Passphrase is { IsEmpty: false } phrase ? phrase.Reveal() : null)));
            }
            catch (Exception e) when (e is not SshPassPhraseNullOrEmptyException)
            {
                throw new ProbeFailure(Phrase.Of("probe.ssh_key")); // nobody was asked yet: it is not the server's word
            }
        }
        if (settings.Password is { IsEmpty: false } password) ways.Add(new PasswordAuthenticationMethod(settings.User, password.Reveal()));
        return new(settings.Host, settings.Port, settings.User, [.. ways]) { Timeout = timeout, RetryAttempts = 1, Encoding = Encoding.UTF8 };
    }

    /// <summary>The bare base64 of a SHA-256 fingerprint, without padding; null when it is none.</summary>
    internal static string? Fingerprint(string written)
    {
        var text = written.Trim();
        if (text.StartsWith("SHA256:", StringComparison.OrdinalIgnoreCase)) text = text[7..];
        text = text.TrimEnd('=');
        return text.Length == 43 && Convert.TryFromBase64String(text + "=", new byte[32], out var length) && length == 32 ? text : null;
    }
}
