using System.Globalization;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>
/// Debian as an image, made of what this machine has installed: no registry is needed. Its <c>apt-get</c> unpacks what a Dockerfile asks for from <c>/packages</c>,
/// with all that it depends on and nothing else, and knows no package that Debian does not have, nor another version. All else in a Dockerfile is done by the real engine.
/// </summary>
internal static class DebianImage
{
    private const string AptGet = """
        #!/bin/sh
        set -eu
        [ "$1" = install ] || exit 0
        shift
        for word in "$@"; do
            case $word in -*) continue ;; esac
            name=${word%%=*}
            [ -e "/packages/$name.files" ] || { echo "E: Unable to locate package $name" >&2; exit 100; }
            case $word in
                *=*) case $(cat "/packages/$name.version") in ${word#*=}) ;; *) echo "E: Version '${word#*=}' for '$name' was not found: there is $(cat "/packages/$name.version")" >&2; exit 100 ;; esac ;;
            esac
            tar -C /packages/root -cf - --no-recursion -T "/packages/$name.files" | tar -C / -xf -
        done

        """;

    /// <summary>Writes the image's files.</summary>
    /// <param name="packages">What its <c>apt-get</c> can install.</param>
    /// <param name="always">What it has from the start, beside what Debian always has.</param>
    public static async Task WriteAsync(string root, string[] packages, params string[] always)
    {
        var known = await InstalledAsync();
        var basis = Closure([.. known.Where(p => p.Value.IsEssential).Select(p => p.Key), "ca-certificates", .. always], known);
        Directory.CreateDirectory(Path.Combine(root, "packages", "root"));
        foreach (var folder in new[] { "proc", "sys", "dev", "tmp", "run", "var/tmp" }) Directory.CreateDirectory(Path.Combine(root, folder));
        await UnpackAsync(await FilesAsync(basis), root);
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var package in packages.Where(known.ContainsKey))
        {
            var more = Closure([package], known).Except(basis).ToList();
            var files = more.Count == 0 ? [] : await FilesAsync(more);
            await File.WriteAllLinesAsync(Path.Combine(root, "packages", package + ".files"), files);
            await File.WriteAllTextAsync(Path.Combine(root, "packages", package + ".version"), known[package].Version);
            all.UnionWith(files);
        }
        await UnpackAsync(all, Path.Combine(root, "packages", "root"));
        foreach (var file in new[] { "/etc/passwd", "/etc/group", "/etc/ld.so.cache" }) File.Copy(file, root + file, overwrite: true);
        await Shell.RunAsync("cp", "-a", "/etc/alternatives", root + "/etc/");
        File.Delete(root + "/usr/bin/apt-get");
        await File.WriteAllTextAsync(root + "/usr/bin/apt-get", AptGet);
        await Shell.RunAsync("chmod", "755", root, root + "/usr/bin/apt-get");
        await Shell.RunAsync("chmod", "1777", root + "/tmp");
    }

    private static async Task UnpackAsync(IEnumerable<string> files, string root)
    {
        using var folder = new TempFolder();
        await File.WriteAllLinesAsync(folder["files"], files);
        // Debian's merged folders; and what a package lists and the machine's administrator took away is left out.
        await Shell.RunAsync("bash", "-c", "for d in bin sbin lib lib64; do mkdir -p \"$1/usr/$d\"; [[ -e $1/$d ]] || ln -s \"usr/$d\" \"$1/$d\"; done; tar -C / --no-recursion --ignore-failed-read -cf - -T \"$0\" 2>/dev/null | tar -C \"$1\" -xf -", folder["files"], root);
    }

    private static async Task<IReadOnlyList<string>> FilesAsync(IEnumerable<string> packages) =>
        [.. (await Shell.RunAsync("dpkg-query", ["-L", .. packages])).Split('\n').Where(f => f.StartsWith('/') && f.Length > 2)
            .Where(f => !f.StartsWith("/usr/share/doc/", StringComparison.Ordinal) && !f.StartsWith("/usr/share/man/", StringComparison.Ordinal) && !f.StartsWith("/usr/share/locale/", StringComparison.Ordinal))
            .Select(Merged).Where(f => f is not ("usr/bin" or "usr/sbin" or "usr/lib" or "usr/lib64") && (File.Exists("/" + f) || Directory.Exists("/" + f) || new FileInfo("/" + f).LinkTarget is not null)).Distinct(StringComparer.Ordinal)];

    private static string Merged(string file) => file.Split('/')[1] is "bin" or "sbin" or "lib" or "lib64" ? "usr" + file : file[1..];

    private static HashSet<string> Closure(IEnumerable<string> packages, Dictionary<string, Installed> known)
    {
        var closure = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(packages);
        while (open.TryDequeue(out var name))
            if (known.TryGetValue(name, out var package) && closure.Add(name)) foreach (var needed in package.Needs) open.Enqueue(needed);
        return closure;
    }

    private static async Task<Dictionary<string, Installed>> InstalledAsync()
    {
        var installed = new Dictionary<string, Installed>(StringComparer.Ordinal);
        foreach (var line in (await Shell.RunAsync("dpkg-query", "-W", "-f", "${db:Status-Abbrev}\t${Package}\t${Version}\t${Essential}\t${Pre-Depends}, ${Depends}\n")).Split('\n'))
            if (line.Split('\t') is [var status, var name, var version, var essential, var needs] && status.StartsWith("ii", StringComparison.Ordinal))
                installed[name] = new(version, essential == "yes", [.. needs.Split(',', '|').Select(n => n.Split('(')[0].Split(':')[0].Trim())]);
        return installed;
    }

    private sealed record Installed(string Version, bool IsEssential, string[] Needs);
}
