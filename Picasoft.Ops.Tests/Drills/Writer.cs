using System.Collections.Concurrent;

namespace Picasoft.Ops.Tests.Drills;

/// <summary>
/// Writes all the time, as people do, and keeps what was acknowledged. Several hands write one after the other, so that one that waits for a dead
/// connection does not hide that others get through.
/// </summary>
internal abstract class Writer(string service, int hands, TimeSpan pause) : IDisposable
{
    private readonly ConcurrentQueue<(long Id, DateTimeOffset At)> _acknowledged = new();
    private long _nextId;

    public string Service => service;

    public int Acknowledged => _acknowledged.Count;

    /// <summary>The longest it may be without an acknowledgement.</summary>
    public virtual TimeSpan Limit(bool isPlanned) => TimeSpan.FromSeconds(isPlanned ? 4 : 15);

    public string LastError { get; private set; } = "";

    public async Task RunAsync(CancellationToken cancel) => await Task.WhenAll(Enumerable.Range(0, hands).Select(h => Task.Run(() => HandAsync(h, cancel), CancellationToken.None)));

    /// <summary>Longest time without an acknowledgement, among those that touch the window.</summary>
    public TimeSpan LongestGap(DateTimeOffset from, DateTimeOffset to)
    {
        var inside = _acknowledged.Select(a => a.At).Order().ToList();
        var before = inside.LastOrDefault(a => a <= from, from);
        var last = before;
        var longest = TimeSpan.Zero;
        foreach (var at in inside.Where(a => a > from && a <= to).Append(to))
        {
            if (at - last > longest) longest = at - last;
            last = at;
        }
        return longest;
    }

    /// <summary>What was acknowledged and is not there.</summary>
    public async Task<IReadOnlyList<long>> LostAsync(CancellationToken cancel)
    {
        var wanted = _acknowledged.Select(a => a.Id).ToList();
        var present = await PresentAsync(cancel);
        return [.. wanted.Where(id => !present.Contains(id))];
    }

    /// <summary>Makes the place that it writes to; asked again until it is there.</summary>
    public virtual Task<bool> TryCreateAsync(CancellationToken cancel) => Task.FromResult(true);

    /// <returns>Whether the server acknowledged it. Throws when it said no, or nothing.</returns>
    protected abstract Task<bool> WriteAsync(int hand, long id, CancellationToken cancel);

    /// <summary>Everything that is there, on whatever would be asked now.</summary>
    protected abstract Task<IReadOnlySet<long>> PresentAsync(CancellationToken cancel);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) { }

    private async Task HandAsync(int hand, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var id = Interlocked.Increment(ref _nextId);
            try
            {
                if (await WriteAsync(hand, id, cancel)) _acknowledged.Enqueue((id, TimeProvider.System.GetUtcNow()));
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                LastError = e.GetBaseException().Message;
            }
            catch (Exception) { return; }
            await Task.Delay(pause, CancellationToken.None);
        }
    }
}
