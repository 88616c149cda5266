using System.Collections.Concurrent;
using System.Net;

namespace Picasoft.Ops.Core.Probes;

/// <summary>
/// Looks names up on threads of its own. The system's resolver blocks, for seconds when its server is gone; on the shared threads it would hold up every other check.
/// It is the system's nevertheless: what is in <c>/etc/hosts</c> counts for us as it does for everybody on this machine.
/// </summary>
internal static class LookupRunner
{
    // Each holds a name that hangs, and nothing else: as many may hang at once before one that would not has to wait. They end as soon as nobody asks.
    private const int MaxThreads = 1024;
    private const int StackBytes = 256 * 1024;
    private static readonly ConcurrentDictionary<string, Task<IPAddress[]>> _running = new(StringComparer.OrdinalIgnoreCase);
    private static readonly ConcurrentQueue<(string Host, TaskCompletionSource<IPAddress[]> Answer)> _waiting = new();
    private static int _threads;

    /// <summary>The addresses of a host; a literal address is itself. Those who ask for the same name at the same time share the answer; nothing is kept.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">There is no such name, or nobody who could say.</exception>
    public static ValueTask<IPAddress[]> FindAsync(string host, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host, out var literal)) return new([literal]);
        return new(_running.GetOrAdd(host, Start).WaitAsync(cancel));
    }

    private static Task<IPAddress[]> Start(string host)
    {
        var answer = new TaskCompletionSource<IPAddress[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        // GetOrAdd may start a second lookup of one name in a race; it is answered like the first.
        _waiting.Enqueue((host, answer));
        if (Interlocked.Increment(ref _threads) <= MaxThreads) new Thread(Work, StackBytes) { IsBackground = true, Name = "lookup" }.Start();
        else Interlocked.Decrement(ref _threads);
        return answer.Task;
    }

    private static void Work()
    {
        do
        {
            while (_waiting.TryDequeue(out var job))
            {
                try
                {
                    var addresses = Dns.GetHostAddresses(job.Host);
                    _running.TryRemove(job.Host, out _);
                    job.Answer.SetResult(addresses);
                }
                catch (Exception e)
                {
                    _running.TryRemove(job.Host, out _);
                    job.Answer.SetException(e);
                }
            }
            Interlocked.Decrement(ref _threads);
            // One that came between the empty queue and the decrement must not be left lying there.
        } while (!_waiting.IsEmpty && Interlocked.Increment(ref _threads) <= MaxThreads);
    }
}
