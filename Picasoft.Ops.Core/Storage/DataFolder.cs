using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>The state directory: our private PostgreSQL, <c>secret.key</c>, and the lock that says who uses it.</summary>
public static class DataFolder
{
    /// <summary><c>/var/lib</c> for root, since PostgreSQL's account cannot enter <c>/root</c>; else the XDG state folder.</summary>
    public static string Default()
    {
        if (Environment.IsPrivilegedProcess) return "/var/lib/picasoft-ops";
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (string.IsNullOrEmpty(state)) state = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(state, "picasoft-ops");
    }

    /// <summary>Makes it, closed to others. For root they may pass through (not list): PostgreSQL's account must reach its own folder inside.</summary>
    public static string Make(string path)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        const UnixFileMode pass = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            if (!Directory.Exists(path)) Directory.CreateDirectory(path, Environment.IsPrivilegedProcess ? owner | pass : owner);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PlainError($"The state directory {path} cannot be made ({e.Message}): name another with --data DIR or OPS_DATA.", e);
        }
    }

    /// <summary>Writes a file that only we may read, whole or not at all.</summary>
    public static void WriteSecret(string file, string text)
    {
        var part = file + ".part";
        File.Delete(part);
        using (var stream = new FileStream(part, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        using (var writer = new StreamWriter(stream)) writer.Write(text);
        File.Move(part, file, overwrite: true);
    }
}
