namespace Picasoft.Ops.Core.Probes;

/// <summary>Starts things at their instants, within a few milliseconds: one queue, one timer, and the shared threads for the work itself, so that nothing waits for anything else.</summary>
internal sealed class SlotRunner : IDisposable
{
    /// <summary>What is due within this is started together: waking up for each alone costs more than it is worth.</summary>
    private static readonly TimeSpan _grain = TimeSpan.FromMilliseconds(2);

    private readonly PriorityQueue<Action, DateTimeOffset> _queue = new();
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private DateTimeOffset _armedFor = DateTimeOffset.MaxValue;
    private bool _disposed;

    public SlotRunner(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static self => ((SlotRunner)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>An instant in the past is now.</summary>
    public void Add(DateTimeOffset at, Action start)
    {
        lock (_lock)
        {
            _queue.Enqueue(start, at);
            if (at < _armedFor) Arm(at, _time.GetUtcNow());
        }
    }

    private void Fire()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            while (_queue.TryPeek(out _, out var at) && at <= now + _grain)
                ThreadPool.UnsafeQueueUserWorkItem(static start => start(), _queue.Dequeue(), preferLocal: false);
            if (_queue.TryPeek(out _, out var next)) Arm(next, now);
            else _armedFor = DateTimeOffset.MaxValue;
        }
    }

    private void Arm(DateTimeOffset at, DateTimeOffset now)
    {
        if (_disposed) return;
        _armedFor = at;
        var wait = at > now ? Math.Ceiling((at - now).TotalMilliseconds) : 0; // timers count whole milliseconds and round down
        _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _queue.Clear();
        }
        _timer.Dispose();
    }
}
