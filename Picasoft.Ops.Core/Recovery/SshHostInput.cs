using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Kinds;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>A machine on which recovery plans may run commands, and which: <c>{name: alice, host: 10.0.0.1, user: ops, key_file: …, host_key: "SHA256:…", commands: {restart-mail: "systemctl restart postfix"}}</c>.</summary>
public sealed record SshHostInput : IChecked
{
    [Setting(Required = true, Name = true, Example = "alice")]
    public string Name { get; init; } = "";

    [Setting(Required = true, MaxLength = 253, Example = "10.0.0.1")]
    public string Host { get; init; } = "";

    [Setting(Min = "1", Max = "65535")]
    public int Port { get; init; } = 22;

    [Setting(Required = true, MaxLength = 100, Example = "ops")]
    public string User { get; init; } = "";

    /// <summary>A file on the product's machine with a private key (OpenSSH or PEM) that has no passphrase.</summary>
    [Setting(Required = true, MaxLength = 500, Example = "/run/secrets/ops.ssh")]
    public string KeyFile { get; init; } = "";

    /// <summary>Fingerprint of the machine's key, as <c>ssh-keygen -lf</c> writes it: any other is refused.</summary>
    [Setting(Required = true, MaxLength = 100, Example = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8")]
    public string HostKey { get; init; } = "";

    /// <summary>The whole list of what may be run, by name; each is given to the account's login shell as it stands.</summary>
    [Setting(Required = true, MaxLength = 4096)]
    public IReadOnlyDictionary<string, string> Commands { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Run in a second session of the same connection when a command is cut short, to end it: where sshd hands on no signal, as for <c>root</c> and for forced commands. Null: signals only.
    /// </summary>
    [Setting(MaxLength = 4096, Example = "systemctl stop restore")]
    public string? End { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (HostKey.Length > 0 && SshCommandProbe.Fingerprint(HostKey) is null) yield return new("host_key", Phrase.Of("probe.input.host_key"));
    }
}
