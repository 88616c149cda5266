using System.Globalization;

namespace Picasoft.Ops.Tests.Support;

/// <summary>A folder of the test's own, gone at its end. Others may pass through it: servers of an unprivileged account live inside.</summary>
public sealed class TempFolder : IDisposable
{
    /// <summary>How the name of each begins; the number of the process that owns it follows.</summary>
    public const string Mark = "ops-test-";

    public string Path { get; } = Directory.CreateTempSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{Mark}{Environment.ProcessId}-")).FullName;

    public TempFolder() => File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try { Directory.Delete(Path, recursive: true); }
        catch (IOException) { } // a server that is still going down writes into it
    }
}
