using System.Diagnostics;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Commands;

/// <summary>
/// <c>./ops run</c> on a machine without PostgreSQL: in a mount namespace of its own, in which PostgreSQL's folders are empty and <c>apt-get</c> and <c>dotnet</c>
/// are scripts that write down what they were asked. What Debian's own apt-get makes of these commands was seen in a bare root made by mmdebstrap.
/// </summary>
public sealed class InstallTests
{
    // A machine that has neither PostgreSQL nor what Debian's package brings; what is written there is gone with the namespace.
    private const string Bare = """
        set -e
        mount --make-rprivate /
        for folder in /usr/lib/postgresql /etc/postgresql-common /usr/sbin; do mkdir -p $folder; mount -t tmpfs none $folder; done
        cd "$1"; shift
        exec "$@"
        """;

    private const string AptGet = """
        #!/bin/bash
        echo "DEBIAN_FRONTEND=$DEBIAN_FRONTEND apt-get $*" >>SAID
        [[ $1 == install ]] || exit 0
        echo "cluster: $(cat /etc/postgresql-common/createcluster.d/picasoft-ops.conf)" >>SAID
        echo "policy: $(/usr/sbin/policy-rc.d; echo $?)" >>SAID
        mkdir -p /usr/lib/postgresql/15/bin && touch /usr/lib/postgresql/15/bin/initdb
        """;

    private const string Dotnet = """
        #!/bin/bash
        echo "dotnet $1 after $(ls /usr/sbin /etc/postgresql-common/createcluster.d | grep -c 'picasoft\|policy') leftovers" >>SAID
        while [[ $# -gt 0 ]]; do [[ $1 != -o ]] || mkdir -p "$2"; shift; done
        """;

    [Fact]
    public async Task What_is_missing_is_said_and_installed_and_debian_starts_no_server_of_its_own()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, for a mount namespace");
        using var folder = new TempFolder();
        var said = await RunAsync(folder, "./ops", "run");
        Assert.Equal((0, "Installing with apt-get: postgresql"), (said.Exit, said.Error.Split('\n')[0]));
        Assert.Equal(
            [
                "DEBIAN_FRONTEND= apt-get update -qq",
                "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql",
                "cluster: create_main_cluster = false",
                "policy: 101",
                "dotnet publish after 0 leftovers",
                $"dotnet {folder[".out"]}/app/Picasoft.Ops.Web.dll after 0 leftovers",
            ],
            await File.ReadAllLinesAsync(folder["said"]));
    }

    [Fact]
    public async Task Whoever_may_not_install_is_told_the_command()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, for a mount namespace");
        using var folder = new TempFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        var said = await RunAsync(folder, "setpriv", "--reuid=nobody", "--clear-groups", "./ops", "run");
        Assert.Equal(1, said.Exit);
        Assert.Equal("postgresql must be installed, and you are not root: have this run, then start again: sudo apt-get install -y --no-install-recommends postgresql\n", said.Error);
        Assert.False(File.Exists(folder["said"]));
    }

    private static async Task<Said> RunAsync(TempFolder folder, params string[] command)
    {
        File.Copy(Path.Combine(Repository.Root, "ops"), folder["ops"]);
        Directory.CreateDirectory(folder["bin"]);
        foreach (var (name, script) in new[] { ("bin/apt-get", AptGet), ("bin/dotnet", Dotnet) })
        {
            await File.WriteAllTextAsync(folder[name], script.Replace("SAID", folder["said"], StringComparison.Ordinal));
            File.SetUnixFileMode(folder[name], (UnixFileMode)0b111_101_101);
        }
        var info = new ProcessStartInfo("unshare", ["--mount", "bash", "-c", Bare, "bash", folder.Path, .. command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["PATH"] = $"{folder["bin"]}:/usr/bin:/bin";
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("OPS_", StringComparison.Ordinal) || k.StartsWith("ConnectionStrings", StringComparison.Ordinal) || k == "DEBIAN_FRONTEND").ToList()) info.Environment.Remove(name);
        using var process = Process.Start(info)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }
}
