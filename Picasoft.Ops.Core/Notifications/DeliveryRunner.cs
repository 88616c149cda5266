using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>
/// Empties the outbox. A delivery is claimed for the length of a lease, handed to its channel, and its outcome recorded. While it is under way its node renews the lease;
/// when that node dies, the lease ends and another goes on.
/// Each channel has its own few places, so a mail server that hangs holds up nobody else's messages. To one recipient the messages of one incident go one after the other:
/// an end never arrives before its beginning.
/// </summary>
public sealed class DeliveryRunner(IDbContextFactory<OpsDbContext> contexts, DeliveryJob job, ChangeSignal signal, TimeProvider time, ILogger<DeliveryRunner> log) : BackgroundService
{
    /// <summary>Topic of <see cref="ChangeSignal"/>.</summary>
    public const string Topic = "deliveries";

    /// <summary>How long a node may be silent before another takes over what it was sending.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _renewal = TimeSpan.FromSeconds(3);

    /// <summary>Sends at once through one channel.</summary>
    private const int PlacesPerChannel = 4;

    private static readonly TimeSpan _poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestSend = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan _longestStorm = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromHours(1);

    private readonly Beat _clock = new(time, TimeSpan.FromSeconds(30));

    private readonly ConcurrentDictionary<long, (long Channel, Task Task)> _underWay = new();

    // While the database was away nobody could renew: silence says nothing until everybody had time to.
    private DateTimeOffset _silenceCountsFrom;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var wake = new Wake(signal, time, Topic);
        using var aborted = new CancellationTokenSource();
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _poll;
            try
            {
                await RenewAsync(stoppingToken);
                if (_clock.IsDue)
                {
                    await FollowClockAsync(stoppingToken);
                    _clock.Done();
                }
                var claimed = await ClaimAsync(stoppingToken);
                foreach (var delivery in claimed) Start(delivery, wake, aborted.Token);
                if (claimed.Count > 0) continue;
                pause = await UntilNextAsync(stoppingToken);
                if (!_underWay.IsEmpty && pause > _renewal) pause = _renewal;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { break; }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or InvalidOperationException or TimeoutException)
            {
                _silenceCountsFrom = time.GetUtcNow() + Lease;
                pause = TimeSpan.FromSeconds(1);
                NotificationsLog.RoundFailed(log, e);
            }
            await wake.WaitAsync(pause, stoppingToken);
        }
        // What is on its way may arrive; what is cut short is given back, so that another node need not wait for the lease.
        await Task.WhenAll(_underWay.Values.Select(u => u.Task)).WaitAsync(_goodbye, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await aborted.CancelAsync();
        await Task.WhenAll(_underWay.Values.Select(u => u.Task)).WaitAsync(_goodbye, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>After a clock that was wrong went back, nothing waits longer than it would have from now on: a first try not at all, another an hour, a lease its length.</summary>
    public async Task FollowClockAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await db.Database.ExecuteSqlAsync($"""
            update deliveries set next_attempt_at = {now} where state = 'Pending' and next_attempt_at > {now} and reason <> 'later'
                and ((attempts = 0 and reason <> 'storm') or (attempts = 0 and next_attempt_at > {now + _longestStorm}) or next_attempt_at > {now + _longestPause})
            """, cancel);
        await db.Database.ExecuteSqlAsync($"update deliveries set lease_until = {now + Lease} where state = 'Sending' and lease_until > {now + 2 * Lease}", cancel);
    }

    /// <summary>Sends what is due, and waits for it; returns how many were tried.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        var claimed = await ClaimAsync(cancel);
        await Task.WhenAll(claimed.Select(d => job.SendAsync(d, cancel, CancellationToken.None)));
        return claimed.Count;
    }

    private async Task<List<Delivery>> ClaimAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var lease = now + Lease;
        var silentSince = now >= _silenceCountsFrom ? now : DateTimeOffset.UnixEpoch;
        var busy = _underWay.Values.GroupBy(u => u.Channel).Where(g => g.Count() >= PlacesPerChannel).Select(g => g.Key).ToArray();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Deliveries.FromSql($"""
            update deliveries set state = 'Sending', attempts = attempts + 1, lease_until = {lease}
            where id in (
                select due.id from channels c cross join lateral (
                    select d.id from deliveries d
                    where d.channel_id = c.id
                      and ((d.state = 'Pending' and d.next_attempt_at <= {now}) or (d.state = 'Sending' and d.lease_until <= {silentSince}))
                      and not exists (
                        select 1 from deliveries before
                        where before.incident_number = d.incident_number and before.channel_id = d.channel_id and before.recipient = d.recipient
                          and before.id < d.id and before.state in ('Pending', 'Sending') and before.reason <> 'later')
                      and (d.reason not in ('later', 'storm') or not exists (
                        select 1 from deliveries first
                        where first.reason = d.reason and first.channel_id = d.channel_id and first.recipient = d.recipient and first.id < d.id and first.state in ('Pending', 'Sending')))
                    order by d.next_attempt_at, d.id limit {PlacesPerChannel} for update skip locked) due
                where c.id <> all({busy}))
            returning *
            """).AsNoTracking().ToListAsync(cancel);
    }

    private async Task RenewAsync(CancellationToken cancel)
    {
        if (_underWay.IsEmpty) return;
        var mine = _underWay.Keys.ToArray();
        var lease = time.GetUtcNow() + Lease;
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await db.Deliveries.Where(d => mine.Contains(d.Id) && d.State == DeliveryState.Sending).ExecuteUpdateAsync(set => set.SetProperty(d => d.LeaseUntil, lease), cancel);
    }

    /// <summary>How long until something is due, if nothing new comes.</summary>
    private async Task<TimeSpan> UntilNextAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        var next = await db.Deliveries.Where(d => (d.State == DeliveryState.Pending && d.NextAttemptAt > now) || (d.State == DeliveryState.Sending && d.LeaseUntil > now))
            .MinAsync(d => d.State == DeliveryState.Pending ? (DateTimeOffset?)d.NextAttemptAt : d.LeaseUntil, cancel);
        return next is { } at && at - now < _poll ? at - now + TimeSpan.FromMilliseconds(1) : _poll;
    }

    private void Start(Delivery delivery, Wake wake, CancellationToken aborted)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _underWay[delivery.Id] = (delivery.ChannelId, started.Task);
        _ = Task.Run(async () =>
        {
            try
            {
                using var limit = new CancellationTokenSource(_longestSend, time);
                await job.SendAsync(delivery, limit.Token, aborted);
            }
            catch (Exception e)
            {
                NotificationsLog.SendFailed(log, delivery.Id, e); // its lease ends, and it is tried again
            }
            finally
            {
                _underWay.TryRemove(delivery.Id, out _);
                started.SetResult();
                wake.Ring(); // the next message to the same recipient, or the same channel's next, may go now
            }
        }, CancellationToken.None);
    }
}
