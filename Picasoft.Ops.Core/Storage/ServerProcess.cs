using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// Whether a PostgreSQL of a data folder lives, judged by <c>/proc</c>. PostgreSQL itself trusts <c>postmaster.pid</c> as long as that process id exists:
/// after a kill -9 it may belong to a zombie (a container whose first process does not reap) or to a stranger, and the server would never start again.
/// </summary>
internal static class ServerProcess
{
    /// <summary>The living server of <paramref name="data"/>, or null.</summary>
    public static int? Of(string data) =>
        WrittenIn(PidFile(data)) is { } pid && IsPostgres(pid) && WorksIn(pid, data) != false ? pid : null;

    /// <summary>Removes what a dead server left behind, when it would keep the next one from starting.</summary>
    public static void RemoveLeftovers(string data, string sockets)
    {
        var file = PidFile(data);
        // A pid that is gone is left to PostgreSQL: it sees that by itself, and uses the file to wait for orphaned backends.
        if (WrittenIn(file) is { } pid && !Directory.Exists($"/proc/{pid}")) return;
        if (!File.Exists(file)) return;
        if (Orphans(data).FirstOrDefault() is var orphan and not 0)
            throw new PlainError($"PostgreSQL's process {orphan} still works in {data}, but its server is dead: wait a moment and start again, or end it with: kill {orphan}");
        File.Delete(file);
        File.Delete(Path.Combine(sockets, ".s.PGSQL.5432.lock"));
    }

    private static IEnumerable<int> Orphans(string data) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let pid = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0
        where pid > 0 && IsPostgres(pid) && WorksIn(pid, data) == true
        select pid;

    private static string PidFile(string data) => Path.Combine(data, "postmaster.pid");

    private static int? WrittenIn(string file)
    {
        try
        {
            return int.TryParse(File.ReadLines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static bool IsPostgres(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat"); // "12 (postgres) S …"
            var name = stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')];
            return name is "postgres" or "postmaster" && stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Null when we may not look (root in a container without SYS_PTRACE).</summary>
    private static bool? WorksIn(int pid, string data)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/cwd", returnFinalTarget: false)?.FullName is { } folder ? folder == data : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
