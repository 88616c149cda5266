namespace Picasoft.Ops.Core.Logs.Syslog;

/// <summary>
/// Datagrams that were taken from the kernel and are still to be looked at: blocks, of which the last is filled further while nobody has taken it. Bounded: then whoever adds waits,
/// and the kernel's own buffer fills. For one thread on either side.
/// </summary>
internal sealed class DatagramQueue
{
    /// <summary>Most blocks that wait: 32 MB, more than a second of a flood.</summary>
    private const int MaxBlocks = 256;

    /// <summary>Blocks kept for use again; more were of a flood, and are given back.</summary>
    private const int MaxSpare = 16;

    /// <summary>Who waits looks up so often whether it should go on.</summary>
    private static readonly TimeSpan _lookUp = TimeSpan.FromMilliseconds(500);

    private readonly object _sync = new(); // Monitor: waits and wakes
    private readonly Queue<DatagramBlock> _waiting = [];
    private readonly Stack<DatagramBlock> _spare = [];
    private DatagramBlock? _last;

    /// <exception cref="OperationCanceledException">There was no room, and there will be none.</exception>
    public void Add(DatagramReceiver received, int count, DateTimeOffset now, CancellationToken cancel)
    {
        lock (_sync)
        {
            for (var i = 0; i < count; i++)
            {
                if (_last?.TryAdd(received.Sender(i), received.Message(i)) == true) continue;
                while (_waiting.Count >= MaxBlocks) Wait(cancel);
                _last = _spare.TryPop(out var spare) ? spare : new();
                _last.Received = now;
                _last.TryAdd(received.Sender(i), received.Message(i));
                _waiting.Enqueue(_last);
            }
            Monitor.PulseAll(_sync);
        }
    }

    /// <summary>Waits for a block.</summary>
    /// <exception cref="OperationCanceledException">None will come.</exception>
    public DatagramBlock Take(CancellationToken cancel)
    {
        lock (_sync)
        {
            while (_waiting.Count == 0) Wait(cancel);
            var block = _waiting.Dequeue();
            if (block == _last) _last = null;
            Monitor.PulseAll(_sync);
            return block;
        }
    }

    /// <summary>It was looked at.</summary>
    public void Return(DatagramBlock block)
    {
        block.Clear();
        lock (_sync)
            if (_spare.Count < MaxSpare) _spare.Push(block);
    }

    private void Wait(CancellationToken cancel)
    {
        Monitor.Wait(_sync, _lookUp);
        cancel.ThrowIfCancellationRequested();
    }
}
