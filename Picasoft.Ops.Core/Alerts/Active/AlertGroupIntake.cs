using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>
/// Takes the alerts of many senders at once: what waits while a transaction commits goes into the next one together (group commit), and is answered after it.
/// An alert that is merely sent again only moves its end. One loop does all of it, so memory and store never disagree about what this node wrote;
/// what others write is read when they say so, and every few seconds besides.
/// </summary>
public sealed class AlertGroupIntake(NpgsqlDataSource source, ActiveAlerts active, ChangeSignal signal, TimeProvider time, ILogger<AlertGroupIntake> log) : BackgroundService
{
    /// <summary>Most bytes of requests that wait or are being read: more is refused.</summary>
    public const long MaxWaiting = 64 * 1024 * 1024;

    private const int MostInGroup = 5000;
    private static readonly TimeSpan _poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _rest = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest that a group waits to become as large as the last one, and how often it looks.</summary>
    private const int MostBeats = 3;
    private static readonly TimeSpan _beat = TimeSpan.FromMilliseconds(1);
    private readonly Channel<Waiting?> _queue = Channel.CreateUnbounded<Waiting?>(new() { SingleReader = true });
    private readonly AlertGroup _group = new(active);
    private long _waiting;
    private int _isStale = 1;
    private int _queued;
    private int _lastGroup;
    private NpgsqlConnection? _connection;

    /// <summary>Makes room for a request of so many bytes; null: there is none, try again shortly. Dispose when it was answered.</summary>
    public IDisposable? Enter(long bytes)
    {
        if (Interlocked.Add(ref _waiting, bytes) <= MaxWaiting) return new Room(this, bytes);
        Interlocked.Add(ref _waiting, -bytes);
        return null;
    }

    /// <summary>Returns when everything in the batch is committed to disk.</summary>
    /// <exception cref="NpgsqlException">The store cannot be reached: nothing is promised.</exception>
    public Task ApplyAsync(AlertBatch batch)
    {
        var waiting = new Waiting(batch);
        Interlocked.Increment(ref _queued);
        return _queue.Writer.TryWrite(waiting) ? waiting.Done.Task : throw new OperationCanceledException("The product is stopping.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = signal.Subscribe(_ => { if (Interlocked.Exchange(ref _isStale, 1) == 0) _queue.Writer.TryWrite(null); }, AlertIntake.Topic);
        await using var timer = time.CreateTimer(_ => { Interlocked.Exchange(ref _isStale, 1); _queue.Writer.TryWrite(null); }, null, _poll, _poll);
        var (readAt, took) = (0L, TimeSpan.Zero);
        _queue.Writer.TryWrite(null);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken))
            {
                // Reading costs as much as there are alerts: never more than a tenth of the time.
                if (Volatile.Read(ref _isStale) == 1)
                {
                    var wait = (took * 10 > _rest ? took * 10 : _rest) - time.GetElapsedTime(readAt);
                    if (readAt == 0 || wait <= TimeSpan.Zero)
                    {
                        readAt = time.GetTimestamp();
                        // Waiting for a store that is away costs nothing: looked at again soon.
                        took = await ReloadAsync(stoppingToken) ? time.GetElapsedTime(readAt) : TimeSpan.Zero;
                    }
                    else _ = WakeAsync(wait, stoppingToken);
                }
                await CommitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
        finally
        {
            _queue.Writer.TryComplete();
            await DropAsync();
            while (_queue.Reader.TryRead(out var left)) left?.Done.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task WakeAsync(TimeSpan wait, CancellationToken cancel)
    {
        await Task.Delay(wait, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _queue.Writer.TryWrite(null);
    }

    private async Task<bool> ReloadAsync(CancellationToken cancel)
    {
        Interlocked.Exchange(ref _isStale, 0);
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            await ActiveAlertsReader.ReadAsync(connection, active, cancel);
            active.HasLoaded();
            return true;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _isStale, 1);
            AlertsLog.ReloadFailed(log, e);
            return false;
        }
    }

    private async Task CommitAsync(CancellationToken cancel)
    {
        // Many senders who were answered together come back together: one commit for all of them costs a fraction of one each. A lone sender waits for nobody.
        for (var beat = 0; beat < MostBeats && Volatile.Read(ref _queued) is > 0 and var queued && queued < _lastGroup; beat++) await Task.Delay(_beat, cancel);
        var waiting = new List<Waiting>();
        var alerts = 0;
        while (alerts < MostInGroup && _queue.Reader.TryRead(out var next))
        {
            if (next is null) continue;
            waiting.Add(next);
            alerts += next.Batch.Alerts.Count;
        }
        if (waiting.Count == 0) return;
        Interlocked.Add(ref _queued, -waiting.Count);
        _lastGroup = waiting.Count;
        try
        {
            await active.Loaded.WaitAsync(TimeSpan.Zero, cancel); // else every alert would look new
            var now = time.GetUtcNow();
            now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)); // what the store can keep
            // Kept: one from the pool is wiped at every loan, which costs as much as the commit.
            var connection = _connection ??= await source.OpenConnectionAsync(cancel);
            for (var attempt = 0; ; attempt++)
            {
                _group.Clear();
                foreach (var one in CollectionsMarshal.AsSpan(waiting)) _group.Add(one.Batch, now);
                if (await _group.WriteAsync(connection, now, cancel)) break;
                if (attempt == 5) throw new TimeoutException("Other nodes change the same alerts all the time.");
                await ActiveAlertsReader.ReadAsync(connection, active, cancel); // another node ended some of them: look again, then it is right
            }
            foreach (var one in waiting) one.Done.TrySetResult();
        }
        catch (Exception e)
        {
            foreach (var one in waiting) one.Done.TrySetException(e);
            Interlocked.Exchange(ref _isStale, 1);
            await DropAsync();
            if (cancel.IsCancellationRequested) throw;
            AlertsLog.GroupFailed(log, waiting.Count, e);
        }
        finally
        {
            _group.Clear();
        }
    }

    private async Task DropAsync()
    {
        var connection = _connection;
        _connection = null;
        if (connection is not null) await connection.DisposeAsync();
    }

    private sealed class Room(AlertGroupIntake intake, long bytes) : IDisposable
    {
        public void Dispose() => Interlocked.Add(ref intake._waiting, -bytes);
    }

    private sealed record Waiting(AlertBatch Batch)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
