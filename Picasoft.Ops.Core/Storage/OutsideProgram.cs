using System.ComponentModel;
using System.Diagnostics;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>Runs a program of PostgreSQL or of the system to its end.</summary>
internal static class OutsideProgram
{
    /// <param name="user">The account to run as; only root can choose. Null: ours.</param>
    public static ProcessStartInfo Info(string file, IEnumerable<string> args, string? user = null)
    {
        // "/" because the account that we drop to may not enter the folder we were started in.
        var info = new ProcessStartInfo(file, args) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/" };
        if (user is not null) info.UserName = user;
        info.Environment["LC_MESSAGES"] = "C";
        return info;
    }

    /// <summary>Starts it; a program that is missing is a sentence, not an exception from the depths.</summary>
    public static Process Start(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new PlainError($"{info.FileName} cannot be started: {e.Message}", e);
        }
    }

    /// <returns>Its exit status, and what it said on both outputs.</returns>
    public static async Task<(int Exit, string Said)> RunAsync(ProcessStartInfo info, CancellationToken cancel)
    {
        using var process = Start(info);
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var error = process.StandardError.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, (await output + await error).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Runs it, and throws what it said when it fails.</summary>
    public static async Task CheckAsync(ProcessStartInfo info, CancellationToken cancel)
    {
        var (exit, said) = await RunAsync(info, cancel);
        if (exit != 0) throw new PlainError($"{Path.GetFileName(info.FileName)} failed: {said}");
    }
}
