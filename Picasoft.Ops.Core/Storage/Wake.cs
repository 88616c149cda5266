namespace Picasoft.Ops.Core.Storage;

/// <summary>Lets a worker sleep until one of its topics moves, somebody rings, or a time has passed. What moves while it works makes the next wait return at once.</summary>
public sealed class Wake : IDisposable
{
    private readonly TimeProvider _time;
    private readonly IDisposable? _subscription;
    private TaskCompletionSource _moved = New();

    public Wake(ChangeSignal? signal, TimeProvider time, params string[] topics)
    {
        _time = time;
        _subscription = signal?.Subscribe(_ => Ring(), topics);
    }

    public void Ring() => Volatile.Read(ref _moved).TrySetResult();

    /// <summary>Returns when it is time to look again; never throws, also not when cancelled.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        await _moved.Task.WaitAsync(atMost, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_moved.Task.IsCompleted) Volatile.Write(ref _moved, New());
    }

    public void Dispose() => _subscription?.Dispose();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
