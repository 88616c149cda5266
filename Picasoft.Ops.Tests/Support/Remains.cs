using System.Globalization;
using Picasoft.Ops.Tests.Drills;

namespace Picasoft.Ops.Tests.Support;

/// <summary>
/// What runs of the tests and of the drill left behind that were killed themselves: servers, network namespaces, routes, mounts, folders. Each carries the number of the process that
/// owned it, in its environment or its name; only when that process is no more is anything touched.
/// </summary>
public static class Remains
{
    private const string Mark = "PICASOFT_OPS_TESTS_OWNER";

    /// <summary>Every server that is started from now on says whose it is.</summary>
    public static void Sign() => Environment.SetEnvironmentVariable(Mark, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Ends and takes away what belongs to nobody any more; says what.</summary>
    public static async Task<IReadOnlyList<string>> ClearAsync()
    {
        var gone = new List<string>();
        foreach (var (id, owner) in Servers())
            if (!IsAlive(owner))
            {
                gone.Add($"process {id}");
                Signals.Send(id, Signals.Kill);
            }
        if (Environment.IsPrivilegedProcess)
            foreach (var network in Network.Orphans().ToList())
            {
                gone.Add($"network {network.Prefix}");
                await DrillCommand.RemoveAsync(network);
            }
        if (Environment.IsPrivilegedProcess)
            foreach (var route in await NoRoute.OrphansAsync())
            {
                gone.Add($"route {route.Address}");
                await route.DisposeAsync();
            }
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), TempFolder.Mark + "*"))
            if (NumberAt(Path.GetFileName(folder), TempFolder.Mark.Length, '-') is { } owner && !IsAlive(owner))
            {
                gone.Add(folder);
                await DeleteAsync(folder);
            }
        return gone;
    }

    /// <summary>Whether a process is a run of the tests or of the drill that goes on; another that happens to have its number now is not.</summary>
    public static bool IsAlive(int owner)
    {
        try { return File.ReadAllText($"/proc/{owner}/cmdline").Contains("Picasoft.Ops.Tests", StringComparison.Ordinal); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return Directory.Exists($"/proc/{owner}") && e is UnauthorizedAccessException; }
    }

    /// <summary>By what they were told, or by the folder that they work in: a PostgreSQL is started with an empty environment.</summary>
    private static IEnumerable<(int Id, int Owner)> Servers()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName))
        {
            if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == Environment.ProcessId) continue;
            if ((OwnerIn($"/proc/{id}/environ", Mark + "=", '\0') ?? OwnerIn($"/proc/{id}/cmdline", "/" + TempFolder.Mark, '-')) is { } owner) yield return (id, owner);
        }
    }

    private static int? OwnerIn(string file, string before, char after)
    {
        try
        {
            var text = File.ReadAllText(file);
            var at = text.IndexOf(before, StringComparison.Ordinal);
            return at < 0 ? null : NumberAt(text, at + before.Length, after);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; } // ended, or somebody else's
    }

    private static int? NumberAt(string text, int start, char after)
    {
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
        return end < text.Length && text[end] == after && int.TryParse(text.AsSpan(start, end - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static async Task DeleteAsync(string folder)
    {
        // A Docker Engine mounts its folder onto itself.
        foreach (var mount in File.ReadLines("/proc/mounts").Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(folder + "/", StringComparison.Ordinal) || m == folder).Reverse().ToList())
            await Shell.TryAsync("umount", "--lazy", mount);
        try { Directory.Delete(folder, recursive: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { } // somebody else's, or a server is still going down: the next run tries again
    }
}
