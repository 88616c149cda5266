using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>One check that was made.</summary>
/// <param name="Probe">As it was when it was checked.</param>
/// <param name="At">When the check began.</param>
/// <param name="Ms">How long it took, in milliseconds.</param>
/// <param name="Seen">What it found.</param>
/// <param name="Stored">Told when it is committed, if somebody waits.</param>
public sealed record CheckDone(ProbeDefinition Probe, DateTimeOffset At, float Ms, Observation Seen, TaskCompletionSource? Stored = null);

/// <summary>
/// Stores results: many in one transaction, twice a second, or at once when one of them may change what is known.
/// While the database is away they wait in memory, up to <see cref="Capacity"/>; then the oldest go first, and the log says how many.
/// </summary>
public sealed class ProbeResultIntake : BackgroundService
{
    /// <summary>Topic of <see cref="ChangeSignal"/>: there are new results; at most once a second.</summary>
    public const string Topic = "probe-results";

    /// <summary>Most results that wait.</summary>
    public const int Capacity = 50_000;

    private const int MaxBatch = 5000;
    private const int MaxRefusals = 3;
    private static readonly TimeSpan _flushEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _tellEvery = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger<ProbeResultIntake> _log;
    private readonly string _node;
    private readonly string? _location;
    private readonly Channel<CheckDone> _waiting;
    private readonly SemaphoreSlim _urgent = new(0, 1);
    private readonly MeasurementIntake _measured = new();
    private long _lost;
    private DateTimeOffset _told;

    public ProbeResultIntake(NpgsqlDataSource source, OpsSettings settings, TimeProvider time, ILogger<ProbeResultIntake> log)
    {
        (_source, _node, _location, _time, _log) = (source, settings.Node, settings.Location, time, log);
        _waiting = Channel.CreateBounded<CheckDone>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, dropped =>
        {
            Interlocked.Increment(ref _lost);
            dropped.Stored?.TrySetCanceled();
        });
    }

    /// <summary>A first failure should be looked at again at this instant.</summary>
    public event Action<long, DateTimeOffset>? RecheckWanted;

    public void Add(CheckDone done, bool urgent)
    {
        if (!_waiting.Writer.TryWrite(done)) done.Stored?.TrySetCanceled();
        if (!urgent || _urgent.CurrentCount > 0) return;
        try { _urgent.Release(); }
        catch (SemaphoreFullException) { } // somebody was faster with the same news
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<CheckDone>();
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                await _urgent.WaitAsync(_flushEvery, stoppingToken);
                await DrainAsync(batch, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    /// <summary>What was found before the stop is stored as well, if the database answers.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        try { await DrainAsync([], limit.Token); }
        catch (OperationCanceledException) { ProbeLog.Lost(_log, _waiting.Reader.Count); }
    }

    private async Task DrainAsync(List<CheckDone> batch, CancellationToken cancel)
    {
        do
        {
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var done)) batch.Add(done);
            if (batch.Count > 0) await StoreAsync(batch, cancel);
            batch.Clear();
        } while (_waiting.Reader.Count >= MaxBatch);
        if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost) ProbeLog.Lost(_log, lost);
    }

    private async Task StoreAsync(List<CheckDone> batch, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await StoreOnceAsync(batch, cancel);
                return;
            }
            catch (PostgresException e) when (!e.IsTransient && attempt >= MaxRefusals)
            {
                ProbeLog.GivenUp(_log, batch.Count, e);
                foreach (var done in batch) done.Stored?.TrySetException(e);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException && !cancel.IsCancellationRequested)
            {
                if (attempt == 1) ProbeLog.NotStored(_log, batch.Count, e);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, cancel);
            }
        }
    }

    private async Task StoreOnceAsync(List<CheckDone> batch, CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        await using var connection = await _source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var rechecks = await ProbeStateIntake.ApplyAsync(connection, batch, _node, _location, now, cancel);
        await _measured.StoreAsync(connection, batch, cancel);
        var tell = now - _told >= _tellEvery;
        if (tell) await ChangeSignal.PublishAsync(connection, Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        _measured.Remember();
        if (tell) _told = now;
        foreach (var done in batch) done.Stored?.TrySetResult();
        foreach (var (id, at) in rechecks) RecheckWanted?.Invoke(id, at);
    }

    public override void Dispose()
    {
        _urgent.Dispose();
        base.Dispose();
    }
}
