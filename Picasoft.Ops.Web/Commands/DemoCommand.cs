using System.Security.Cryptography;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Demo;

namespace Picasoft.Ops.Web.Commands;

internal static class DemoCommand
{
    public static Verb Verb { get; } = new("demo", [], [RunCommand.Urls],
        "Starts the product with a small simulated infrastructure that breaks and recovers by itself; everything is thrown away at the end, unless --data says where it stays.", RunAsync);

    private static async Task<int> RunAsync(Arguments arguments, CancellationToken cancel)
    {
        var chosen = arguments["--data"];
        if (chosen is not null && Directory.Exists(chosen) && Directory.EnumerateFileSystemEntries(chosen).Any())
            throw new PlainError($"The demo needs an empty directory, and {chosen} is not: name another, or leave --data away.");
        var read = SettingsReader.Read(arguments);
        // Not a known one: somebody may let the demo listen beyond this machine.
        var password = read.BootstrapAdmin is null or { IsEmpty: true } ? RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 12) : null;
        var settings = read with
        {
            Data = Path.GetFullPath(chosen ?? TemporaryFolder()),
            ConnectionString = null,
            Config = null,
            BootstrapAdmin = password is null ? read.BootstrapAdmin : new($"demo@example.org:{password}"),
        };
        try
        {
            Console.WriteLine(password is null ? "Sign in as OPS_BOOTSTRAP_ADMIN says" : $"Sign in as demo@example.org with the password {password}");
            return await RunCommand.ServeAsync(settings, cancel, builder => builder.Services.AddSingleton<DemoSeed>().AddSingleton<DemoHistory>().AddSingleton<DemoBeats>().AddHostedService<DemoWorld>());
        }
        finally
        {
            if (chosen is null) Directory.Delete(settings.Data, recursive: true);
        }
    }

    /// <summary>Its name cannot be guessed, but it can be passed through: as root, the database inside belongs to another account.</summary>
    private static string TemporaryFolder() => Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"picasoft-ops-demo-{RandomNumberGenerator.GetHexString(12, lowercase: true)}"),
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute).FullName;
}
