using System.Diagnostics;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>Runs a short command to its end.</summary>
internal static class Shell
{
    /// <returns>What it printed; throws what it said when it fails.</returns>
    public static async Task<string> RunAsync(string file, params string[] arguments)
    {
        var (exit, output, error) = await TryAsync(file, arguments);
        return exit == 0 ? output : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} failed ({exit}): {error}{output}");
    }

    public static async Task<(int Exit, string Output, string Error)> TryAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
