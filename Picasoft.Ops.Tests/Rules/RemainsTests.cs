using System.Diagnostics;
using System.Globalization;
using Picasoft.Ops.Tests.Drills;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>A run that was killed leaves nothing for ever: the next one takes it away, and touches nothing of one that goes on.</summary>
public sealed class RemainsTests
{
    private const string Mark = "PICASOFT_OPS_TESTS_OWNER";

    [Fact]
    public async Task What_a_dead_run_left_is_taken_away_and_what_is_ours_stays()
    {
        // A number that no process can have: beyond the kernel's largest.
        const int dead = 2_000_000_000;
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"ops-test-{dead}-{Guid.NewGuid():N}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "left"), "");
        using var ours = Wait(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        using var left = Wait($"{dead}");
        using var byFolder = Wait("", folder);
        using var mine = new TempFolder();
        var network = new Network(Network.PrefixOf(dead));
        var mayMake = Environment.IsPrivilegedProcess && (File.Exists("/usr/sbin/ip") || File.Exists("/usr/bin/ip"));
        if (mayMake) await Shell.RunAsync("ip", "netns", "add", network.Prefix + Network.Client);
        var (lost, kept) = mayMake ? (await NoRoute.MakeAsync(dead), await NoRoute.MakeAsync()) : (null, null);
        async Task<bool> IsThereAsync(NoRoute route, int owner) => (await Shell.RunAsync("ip", "route", "show", "type", "unreachable")).Split('\n').Any(l => l.Contains($" {route.Address} ", StringComparison.Ordinal) && l.Contains($" metric {owner} ", StringComparison.Ordinal));
        if (lost is not null) Assert.True(await IsThereAsync(lost, dead));

        await Remains.ClearAsync();
        Assert.True(left.WaitForExit(TimeSpan.FromMinutes(1)) && byFolder.WaitForExit(TimeSpan.FromMinutes(1)));
        Assert.False(Directory.Exists(folder));
        Assert.False(File.Exists(network.Path(Network.Client)));
        Assert.False(ours.HasExited);
        if (lost is not null) Assert.False(await IsThereAsync(lost, dead));
        if (kept is not null)
        {
            Assert.True(await IsThereAsync(kept, Environment.ProcessId));
            await kept.DisposeAsync();
        }
        Assert.True(Directory.Exists(mine.Path));
        ours.Kill();
    }

    private static Process Wait(string owner, string? folder = null)
    {
        var info = new ProcessStartInfo("/bin/sh", ["-c", "read line", folder is null ? "waits" : folder + "/data"]) { WorkingDirectory = "/", RedirectStandardInput = true };
        info.Environment[Mark] = owner;
        return Process.Start(info)!;
    }
}
