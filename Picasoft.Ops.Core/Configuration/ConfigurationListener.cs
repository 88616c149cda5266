using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>
/// Loads the configuration file again when it changed, or on SIGHUP. It looks every few seconds instead of asking the system to be told:
/// that also works on network file systems, with editors that replace the file, and with links that are switched.
/// </summary>
public sealed class ConfigurationListener(ConfigurationRunner runner, OpsSettings settings, TimeProvider time, ILogger<ConfigurationListener> log) : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Config is not { } path) return;
        using var asked = new SemaphoreSlim(0);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true; // else the process would end
            asked.Release();
        });
        using var timer = new PeriodicTimer(_every, time);
        var seen = Stamp(path); // it was loaded at the start
        var forced = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = Stamp(path);
            forced |= await asked.WaitAsync(0, CancellationToken.None);
            if (now == seen && !forced) continue;
            try
            {
                await runner.LoadAsync(path, stoppingToken);
                (seen, forced) = (now, false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { return; }
            catch (Exception e) { ConfigurationLog.LoadFailed(log, e); } // the database is away: what was seen and asked stays, so it is tried again
        }
    }

    /// <summary>What the file and everything in the folders beside it looked like: a runbook belongs to the configuration too.</summary>
    internal static string Stamp(string path)
    {
        try
        {
            var files = Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "*.md", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, IgnoreInaccessible = true }).Take(1000).Order(StringComparer.Ordinal).Prepend(path);
            return string.Join('\n', files.Select(f => new FileInfo(f)).Select(f => f.Exists ? $"{f.FullName} {f.LastWriteTimeUtc.Ticks} {f.Length}" : f.FullName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }
}
