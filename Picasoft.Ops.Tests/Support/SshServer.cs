namespace Picasoft.Ops.Tests.Support;

/// <summary>Debian's sshd on loopback, with a host key of its own and one key that opens it.</summary>
public sealed class SshServer : IAsyncDisposable
{
    private readonly RealProgram _program;

    private SshServer(RealProgram program, string print, string key) => (_program, Print, Key) = (program, print, key);

    public int Port => _program.Port;

    /// <summary>The fingerprint of its host key.</summary>
    public string Print { get; }

    /// <summary>The file of the private key that opens it.</summary>
    public string Key { get; }

    /// <summary>Starts it, or skips the test where nobody may.</summary>
    /// <param name="pam">Debian's own way, by which an account without a password may sign in by key.</param>
    /// <param name="authorized">Further public keys that open it.</param>
    /// <param name="more">Further options.</param>
    public static async Task<SshServer> StartAsync(TempFolder folder, bool pam = false, string authorized = "", params string[] more)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/sbin/sshd"), "sshd needs root");
        foreach (var key in new[] { "host", "user" })
            if (!File.Exists(folder[key])) await MakeKeyAsync(folder[key]);
        await File.WriteAllTextAsync(folder["authorized"], await File.ReadAllTextAsync(folder["user.pub"]) + authorized);
        Directory.CreateDirectory("/run/sshd"); // Debian's sshd wants it, whoever starts it
        string[] options = ["ListenAddress=127.0.0.1", $"AuthorizedKeysFile={folder["authorized"]}", "StrictModes=no", "PidFile=none", $"UsePAM={(pam ? "yes" : "no")}", "PermitRootLogin=prohibit-password", .. more];
        var program = await RealProgram.StartAsync("/usr/sbin/sshd", port => ["-D", "-e", "-f", "/dev/null", "-p", $"{port}", "-h", folder["host"], .. options.SelectMany(o => new[] { "-o", o })], RealProgram.ListensAsync);
        return new(program, (await RealProgram.RunAsync("ssh-keygen", "-lf", folder["host.pub"])).Split(' ')[1], folder["user"]);
    }

    /// <summary>A new pair of keys; the public one beside it, as <c>.pub</c>.</summary>
    public static Task MakeKeyAsync(string file, string passphrase = "") => RealProgram.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", file);

    public ValueTask DisposeAsync() => _program.DisposeAsync();
}
