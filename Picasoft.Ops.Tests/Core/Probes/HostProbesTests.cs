using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Kinds;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

/// <summary>With a real sshd.</summary>
public sealed class HostProbesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly IProbe _ssh = new SshCommandProbe();

    [Fact]
    public async Task A_command_on_another_host_is_run_and_judged()
    {
        await SshServer.MakeKeyAsync(_folder["locked"], "open sesame");
        await using var server = await SshServer.StartAsync(_folder, authorized: await File.ReadAllTextAsync(_folder["locked.pub"]));
        var settings = new SshCommandSettings { Host = "127.0.0.1", Port = server.Port, User = "root", PrivateKey = new(await File.ReadAllTextAsync(server.Key)), HostKey = server.Print, Command = "echo all is well" };
        var at = $"127.0.0.1:{server.Port}";

        Assert.Equal("", await _ssh.ReasonOf(settings with { Expect = "well" }));
        Assert.Equal("text “ill” not found in the answer", await _ssh.ReasonOf(settings with { Expect = "ill" }));
        Assert.Equal("the command ended with status 3 instead of 0: too bad", await _ssh.ReasonOf(settings with { Command = "echo too bad >&2; exit 3" }));
        Assert.Equal("", await _ssh.ReasonOf(settings with { Command = "exit 3", Exit = 3 }));
        Assert.Equal("", await _ssh.ReasonOf(settings with { PrivateKey = new(await File.ReadAllTextAsync(_folder["locked"])), Passphrase = new("open sesame") }));
        var plugin = await _ssh.CheckAsync(settings with { Plugin = true, Command = "echo 'LOAD WARNING | load1=3;2;4'; exit 1" });
        Assert.Equal("warning: LOAD WARNING", plugin.Words());
        Assert.Equal(3, plugin.Value("load1"));

        Assert.Equal($"{at} shows another host key than the expected one: {server.Print}", await _ssh.ReasonOf(settings with { HostKey = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8" }));
        Assert.StartsWith($"{at} refuses the sign-in", await _ssh.ReasonOf(settings with { PrivateKey = null, Password = new("wrong") }));
        const string unreadable = "the private key cannot be read: it is damaged, or its passphrase is wrong";
        var locked = settings with { PrivateKey = new(await File.ReadAllTextAsync(_folder["locked"])) };
        Assert.Equal("the private key needs its passphrase", await _ssh.ReasonOf(locked));
        Assert.Equal(unreadable, await _ssh.ReasonOf(locked with { Passphrase = new("open barley") }));
        Assert.Equal(unreadable, await _ssh.ReasonOf(settings with { PrivateKey = new("-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense\n-----END OPENSSH PRIVATE KEY-----") }));
        await SshServer.MakeKeyAsync(_folder["stranger"]);
        Assert.StartsWith($"{at} refuses the sign-in", await _ssh.ReasonOf(settings with { PrivateKey = new(await File.ReadAllTextAsync(_folder["stranger"])) }));
        Assert.StartsWith($"{at} refuses the sign-in", await _ssh.ReasonOf(settings with { User = "nobody-of-that-name" }));
        Assert.Equal("the command was killed (KILL): half a word", await _ssh.ReasonOf(settings with { Command = "printf 'half a word'; kill -9 $$" }));
        Assert.Equal("the command ended with status 127 instead of 0: bash: line 1: no-such-program: command not found", (await _ssh.ReasonOf(settings with { Command = "no-such-program" })).Replace("sh: 1: no-such-program: not found", "bash: line 1: no-such-program: command not found", StringComparison.Ordinal));
        Assert.StartsWith("the plugin ended with status 127: ", await _ssh.ReasonOf(settings with { Plugin = true, Command = "no-such-program" }));
        using var mail = new RawTarget(_ => "220 mail\r\n"u8.ToArray());
        Assert.Equal($"127.0.0.1:{mail.Port} does not speak SSH", await _ssh.ReasonOf(settings with { Port = mail.Port }, seconds: 5));
        await using var old = await SshServer.StartAsync(_folder, more: ["Ciphers=aes256-ctr", "MACs=umac-128-etm@openssh.com"]);
        Assert.StartsWith($"127.0.0.1:{old.Port} answers: ", await _ssh.ReasonOf(settings with { Port = old.Port })); // no way of proving what was said that both know
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _ssh.CheckAsync(settings with { Command = "sleep 60" }, new(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(2)), limit.Token));
    }

    public void Dispose() => _folder.Dispose();
}
