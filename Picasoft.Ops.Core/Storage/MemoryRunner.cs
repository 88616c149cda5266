using Microsoft.Extensions.Hosting;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// Gives memory back after a flood. .NET collects when somebody allocates, and after a storm of alerts hardly anybody does: what it left would lie there until the next one.
/// Only when it is calm, for the collection stops everything for some tens of milliseconds.
/// </summary>
public sealed class MemoryRunner(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(10);
    private const long MiB = 1024 * 1024;

    /// <summary>Whether the pause is worth it: by more than what lies about between two ordinary collections.</summary>
    /// <param name="allocated">Bytes in the last ten seconds.</param>
    /// <param name="heap">Bytes now, garbage included.</param>
    /// <param name="live">Bytes after the last such collection; 0: there was none.</param>
    public static bool IsDue(long allocated, long heap, long live) => allocated < 50 * MiB && heap > live + (live / 2) + (64 * MiB);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (before, live) = (GC.GetTotalAllocatedBytes(), 0L);
        using var timer = new PeriodicTimer(_every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var allocated = GC.GetTotalAllocatedBytes();
                if (IsDue(allocated - before, GC.GetTotalMemory(forceFullCollection: false), live))
                {
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    live = GC.GetTotalMemory(forceFullCollection: false);
                }
                before = allocated;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }
}
