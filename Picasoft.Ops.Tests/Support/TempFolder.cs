namespace Picasoft.Ops.Tests.Support;

/// <summary>A folder of the test's own, gone at its end. Others may pass through it: servers of an unprivileged account live inside.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory(Remains.FolderPrefix).FullName;

    public TempFolder() => File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try { Directory.Delete(Path, recursive: true); }
        catch (IOException) { } // a server that is still going down writes into it
    }
}
