using System.Collections.Concurrent;
using System.Net.Sockets;
using Picasoft.Ops.Core.Probes.Kinds;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Where one idle connection is kept open, to see its end.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Version">Which kind of address.</param>
public sealed record WatchedEndpoint(string Host, int Port, IpVersion Version);

/// <summary>
/// Keeps one idle connection open to each watched target and says at once when it is closed or reset: a server that stops is noticed then, not at the next check.
/// That end is a reason to check, never a verdict: servers also close connections that do nothing.
/// A watch begins after a good check that was due; after one that a watch asked for it begins once more only, because a server on its way down often still
/// takes connections when it has ended its old ones. So one that hangs up on who does nothing costs two checks more in each interval, not a storm.
/// </summary>
internal sealed class WatchRunner(TimeProvider time) : IDisposable
{
    /// <summary>Whoever checks this often wants to know at once: such a target is watched unless its settings say otherwise.</summary>
    public static readonly TimeSpan Tight = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<long, Watch> _watches = new();

    public int Count => _watches.Count;

    /// <param name="asked">What the settings say; null: nothing.</param>
    public static bool Wanted(bool? asked, TimeSpan interval) => asked ?? interval <= Tight;

    /// <summary>Begins a watch, or lets the one there is go on.</summary>
    /// <param name="atMost">Ends by itself after this, unless it is kept again: the probe may be gone, or checked by another node.</param>
    /// <param name="ended">The other side ended it.</param>
    public void Keep(long probe, WatchedEndpoint endpoint, TimeSpan atMost, Action ended)
    {
        if (_watches.TryGetValue(probe, out var known))
        {
            if (known.Endpoint == endpoint && known.Prolong(atMost, ended)) return;
            known.Stop();
        }
        var watch = new Watch(endpoint, atMost, ended, time);
        _watches[probe] = watch;
        _ = RunAsync(probe, watch);
    }

    private async Task RunAsync(long probe, Watch watch)
    {
        var closed = await watch.WaitAsync();
        _watches.TryRemove(new(probe, watch));
        watch.Dispose();
        if (closed) watch.Ended();
    }

    public void Dispose()
    {
        foreach (var watch in _watches.Values) watch.Stop();
    }

    private sealed class Watch(WatchedEndpoint endpoint, TimeSpan atMost, Action ended, TimeProvider time) : IDisposable
    {
        private readonly CancellationTokenSource _end = new(atMost, time);
        private readonly byte[] _ignored = new byte[256];

        public WatchedEndpoint Endpoint => endpoint;

        public Action Ended { get; private set; } = ended;

        public bool Prolong(TimeSpan atMost, Action ended)
        {
            Ended = ended;
            try { return !_end.IsCancellationRequested && Reset(atMost); }
            catch (ObjectDisposedException) { return false; }
        }

        public void Stop()
        {
            try { _end.Cancel(); }
            catch (ObjectDisposedException) { } // it ended by itself
        }

        /// <returns>False: it was us who ended it.</returns>
        public async Task<bool> WaitAsync()
        {
            try
            {
                using var socket = await TcpProbe.ConnectAsync(endpoint.Host, endpoint.Port, endpoint.Version, _end.Token);
                // What it says, such as a greeting, does not matter.
                while (await socket.ReceiveAsync(_ignored, _end.Token) > 0) { }
                return true;
            }
            catch (Exception) when (_end.IsCancellationRequested) { return false; }
            catch (Exception e) when (e is SocketException or ProbeFailure) { return true; } // also one that cannot be had any more
        }

        public void Dispose() => _end.Dispose();

        private bool Reset(TimeSpan atMost)
        {
            _end.CancelAfter(atMost);
            return true;
        }
    }
}
