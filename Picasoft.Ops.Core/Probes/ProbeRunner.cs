using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Places;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>A definition with its settings opened, ready to be checked; replaced when its version changes.</summary>
internal sealed record LoadedProbe(ProbeDefinition Definition, IProbe? Kind, object? Settings, Phrase? Broken);

/// <summary>
/// Checks. Claims what is due a little ahead of time, so that each check can begin at its own instant, whatever the database does meanwhile;
/// a claim moves the slot, so no other node makes the same check. A node that dies takes at most <see cref="Ahead"/> of claimed checks with it.
/// While the database is away each node goes on with what it claimed last (<see cref="LastClaims"/>).
/// </summary>
public sealed class ProbeRunner : IDisposable
{
    /// <summary>How far ahead checks are claimed. More than the pause between two claims.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromSeconds(2.5);

    /// <summary>Most checks under way at a time: a guard against running out of files, far above what slow targets can hold up.</summary>
    public const int MaxUnderWay = 20_000;

    private const int ClaimBatch = 1000;

    private readonly NpgsqlDataSource _source;
    private readonly IDbContextFactory<OpsDbContext> _contexts;
    private readonly ProbeKinds _kinds;
    private readonly ProbeResultIntake _results;
    private readonly TimeProvider _time;
    private readonly ILogger<ProbeRunner> _log;
    private readonly NetworkRunner _network;
    private readonly string _location;
    private readonly SlotRunner _slots;
    private readonly WatchRunner _watches;
    private readonly ConcurrentDictionary<long, LoadedProbe> _loaded = new();
    private readonly LastClaims _last = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _underWay;
    private bool _databaseAway;

    public ProbeRunner(NpgsqlDataSource source, IDbContextFactory<OpsDbContext> contexts, ProbeKinds kinds, ProbeResultIntake results, NetworkRunner network, OpsSettings settings, TimeProvider time, ILogger<ProbeRunner> log)
    {
        (_source, _contexts, _kinds, _results, _time, _log) = (source, contexts, kinds, results, time, log);
        (_network, _location) = (network, settings.Location ?? "");
        (_slots, _watches) = (new(time), new(time));
        results.RecheckWanted += Recheck;
    }

    /// <summary>How many targets are watched (<see cref="WatchRunner"/>) from here.</summary>
    public int Watched => _watches.Count;

    /// <summary>Claims what is due soon and lines it up. Called every second, once at a time.</summary>
    public async Task ClaimAsync(CancellationToken cancel)
    {
        try
        {
            var begun = _time.GetUtcNow();
            int count;
            do
            {
                var claims = await ClaimBatchAsync(cancel);
                await LoadAsync([.. claims.Where(c => !_loaded.TryGetValue(c.Id, out var known) || known.Definition.Version != c.Version).Select(c => c.Id)], cancel);
                foreach (var claim in claims)
                    if (_loaded.TryGetValue(claim.Id, out var probe))
                    {
                        LineUp(probe, claim.At, claim.Status);
                        _last.Add(claim.Id, probe.Definition.Interval, claim.Next, claim.Status);
                    }
                count = claims.Count;
            } while (count == ClaimBatch);
            _last.Settle(begun, begun + Ahead);
            if (_databaseAway) ProbeLog.DatabaseBack(_log);
            _databaseAway = false;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException && !cancel.IsCancellationRequested)
        {
            if (!_databaseAway) ProbeLog.DatabaseAway(_log, e);
            _databaseAway = true;
            GoOn(_time.GetUtcNow());
        }
    }

    private void GoOn(DateTimeOffset now)
    {
        foreach (var (id, at, status) in _last.Due(now, now + Ahead))
            if (_loaded.TryGetValue(id, out var probe)) LineUp(probe, at, status);
    }

    /// <summary>Checks once, now; stored like any other check. Null when there is no such probe.</summary>
    public async Task<Observation?> RunNowAsync(long id, CancellationToken cancel)
    {
        await LoadAsync([id], cancel);
        if (!_loaded.TryGetValue(id, out var probe)) return null;
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var observation = await CheckAsync(probe, null, stored);
        await stored.Task.WaitAsync(cancel);
        return observation;
    }

    private void LineUp(LoadedProbe probe, DateTimeOffset at, ProbeStatus status) => _slots.Add(at, () => _ = CheckInTurnAsync(probe, status));

    private async Task CheckInTurnAsync(LoadedProbe probe, ProbeStatus status)
    {
        if (await CheckAsync(probe, status, null) is { IsUp: true }) Watch(probe, again: true);
    }

    /// <summary>Its good check was due: from now on its end is heard, until a few checks have been missed.</summary>
    /// <param name="again">Also once more, when the check at that end is good.</param>
    private void Watch(LoadedProbe probe, bool again)
    {
        if (probe.Kind?.Watched(probe.Settings!, probe.Definition.Interval) is not { } endpoint) return;
        var id = probe.Definition.Id;
        _watches.Keep(id, endpoint, WatchFor(probe.Definition.Interval), () => _ = CheckAtEndAsync(id, again));
    }

    private async Task CheckAtEndAsync(long id, bool again)
    {
        if (_loaded.TryGetValue(id, out var known) && await CheckAsync(known, ProbeStatus.Unknown, null) is { IsUp: true } && again) Watch(known, again: false);
    }

    private static TimeSpan WatchFor(TimeSpan interval) => 3 * interval + Ahead;

    /// <summary>A first failure is looked at again soon, unless its next slot comes first.</summary>
    private void Recheck(long id, DateTimeOffset at)
    {
        if (!_loaded.TryGetValue(id, out var probe)) return;
        var now = _time.GetUtcNow();
        if (ProbeSchedule.Next(id, probe.Definition.Interval, now) > at) LineUp(probe, at, ProbeStatus.Unknown);
    }

    /// <summary>Makes one check and hands its result on. Never throws.</summary>
    /// <param name="status">What was known when it was claimed; null: somebody waits for the result.</param>
    private async Task<Observation?> CheckAsync(LoadedProbe probe, ProbeStatus? status, TaskCompletionSource? stored)
    {
        if (Interlocked.Increment(ref _underWay) > MaxUnderWay)
        {
            Interlocked.Decrement(ref _underWay);
            ProbeLog.TooManyUnderWay(_log, MaxUnderWay, probe.Definition.Name);
            stored?.TrySetResult();
            return null;
        }
        try
        {
            var at = _time.GetUtcNow();
            var begun = _time.GetTimestamp();
            var seen = await ObserveAsync(probe, at);
            if (seen is null)
            {
                stored?.TrySetCanceled();
                return null; // stopping
            }
            var ms = (float)_time.GetElapsedTime(begun).TotalMilliseconds;
            // A node without a network would blame everybody, and warn of what nobody answers it: it does neither, and its own alert says why.
            if (seen.Level != CheckLevel.Fine && await _network.IsLostAsync(_stopping.Token))
            {
                stored?.TrySetResult();
                return Observation.Down("probe.own_network");
            }
            // What may change the state is stored at once; that all is as it was can wait for company.
            var known = seen.Level switch { CheckLevel.Fine => status is ProbeStatus.Up or ProbeStatus.Unknown, CheckLevel.Warned => status is ProbeStatus.Warning, _ => status is ProbeStatus.Down };
            var urgent = stored is not null || !known;
            _results.Add(new(probe.Definition, at, ms, seen, stored), urgent);
            return seen;
        }
        catch (Exception e)
        {
            ProbeLog.CheckFailed(_log, probe.Definition.Name, e);
            stored?.TrySetException(e);
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task<Observation?> ObserveAsync(LoadedProbe probe, DateTimeOffset at)
    {
        if (probe.Broken is { } broken) return new(false, broken);
        var timeout = probe.Definition.Timeout;
        using var limit = new CancellationTokenSource(timeout, _time);
        using var stop = _stopping.Token.UnsafeRegister(static limit => ((CancellationTokenSource)limit!).Cancel(), limit);
        try
        {
            var check = probe.Kind!.CheckAsync(probe.Settings!, new(at, timeout), limit.Token);
            // Also when a kind does not listen to its token.
            return check.IsCompletedSuccessfully ? check.Result : await check.AsTask().WaitAsync(limit.Token);
        }
        catch (Exception) when (limit.IsCancellationRequested)
        {
            return _stopping.IsCancellationRequested ? null : Observation.Down("probe.timeout", timeout);
        }
        catch (Exception e)
        {
            ProbeLog.CheckFailed(_log, probe.Definition.Name, e);
            return Observation.Down("probe.failed", ProbeReasons.Shown(e.Message));
        }
    }

    private async Task<List<Claimed>> ClaimBatchAsync(CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        await using var connection = await _source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var claims = new List<Claimed>();
        await using (var select = new NpgsqlCommand("""
            select s.probe_id, s.next_due_at, p.interval, p.xmin, coalesce(t.status, 'Unknown'), s.location
            from probe_slots s join probes p on p.id = s.probe_id left join probe_states t on t.probe_id = s.probe_id
            where s.next_due_at <= $1 and p.enabled and (s.location = '' or s.location = $3) order by s.next_due_at limit $2 for update of s skip locked
            """, connection, transaction) { Parameters = { new() { Value = now + Ahead }, new() { Value = ClaimBatch }, new() { Value = _location } } })
        await using (var reader = await select.ExecuteReaderAsync(cancel))
            while (await reader.ReadAsync(cancel))
            {
                var id = reader.GetInt64(0);
                var (at, next) = ProbeSchedule.Claim(id, reader.GetFieldValue<TimeSpan>(2), reader.GetFieldValue<DateTimeOffset>(1), now);
                claims.Add(new(id, at, next, reader.GetFieldValue<uint>(3), Enum.Parse<ProbeStatus>(reader.GetString(4)), reader.GetString(5)));
            }
        if (claims.Count == 0) return claims;
        await using (var move = new NpgsqlCommand("update probe_slots s set next_due_at = c.at from unnest($1, $2, $3) c (id, at, location) where s.probe_id = c.id and s.location = c.location", connection, transaction)
        {
            Parameters =
            {
                new() { Value = claims.ConvertAll(c => c.Id).ToArray() },
                new() { Value = claims.ConvertAll(c => c.Next).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new() { Value = claims.ConvertAll(c => c.Location).ToArray() },
            },
        })
            await move.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        return claims;
    }

    private async Task LoadAsync(long[] ids, CancellationToken cancel)
    {
        if (ids.Length == 0) return;
        await using var db = await _contexts.CreateDbContextAsync(cancel);
        var found = await db.Probes.AsNoTracking().Where(p => ids.Contains(p.Id)).ToListAsync(cancel);
        foreach (var gone in ids.Except(found.Select(p => p.Id))) _loaded.TryRemove(gone, out _);
        foreach (var definition in found) _loaded[definition.Id] = Open(definition);
    }

    private LoadedProbe Open(ProbeDefinition definition)
    {
        try
        {
            var settings = _kinds.Open(definition);
            return new(definition, _kinds.Find(definition.Type), settings, settings is null ? Phrase.Of("probe.unknown_kind", definition.Type) : null);
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException)
        {
            ProbeLog.SettingsUnreadable(_log, definition.Name, e);
            return new(definition, null, null, Phrase.Of("probe.secrets_locked"));
        }
    }

    public void Dispose()
    {
        _results.RecheckWanted -= Recheck;
        _slots.Dispose();
        _watches.Dispose();
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private sealed record Claimed(long Id, DateTimeOffset At, DateTimeOffset Next, uint Version, ProbeStatus Status, string Location);
}
