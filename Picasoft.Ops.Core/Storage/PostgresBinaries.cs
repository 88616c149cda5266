using System.Globalization;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>Where PostgreSQL's programs are on this machine.</summary>
public static class PostgresBinaries
{
    private const int Oldest = 15;

    /// <summary>The folder that holds <paramref name="program"/>: <c>OPS_PG_BIN</c>, else Debian's newest, else the one on the PATH.</summary>
    public static string Folder(string program = "initdb", string? chosen = null)
    {
        chosen ??= Environment.GetEnvironmentVariable("OPS_PG_BIN");
        if (!string.IsNullOrEmpty(chosen))
            return File.Exists(Path.Combine(chosen, program)) ? chosen
                : throw new PlainError($"OPS_PG_BIN is {chosen}, but there is no {program} in it: name the folder that holds PostgreSQL's programs, such as /usr/lib/postgresql/15/bin.");
        return Debian().Concat(OnPath()).FirstOrDefault(folder => File.Exists(Path.Combine(folder, program)))
            ?? throw new PlainError($"PostgreSQL ≥ {Oldest} is not on this machine (no {program}). Install it with: sudo apt-get install postgresql — or name its programs in OPS_PG_BIN, or a server in ConnectionStrings__Ops.");
    }

    public static string Program(string name) => Path.Combine(Folder(name), name);

    private static IEnumerable<string> Debian() =>
        !Directory.Exists("/usr/lib/postgresql") ? [] :
        from folder in Directory.EnumerateDirectories("/usr/lib/postgresql")
        let version = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0
        where version >= Oldest
        orderby version descending
        select Path.Combine(folder, "bin");

    private static IEnumerable<string> OnPath() =>
        from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        // A link on the PATH leads to the real folder: initdb looks for its neighbours beside itself.
        let program = Path.Combine(folder, "initdb")
        where File.Exists(program)
        select Path.GetDirectoryName(File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program)!;
}
