using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>
/// Tells whoever's turn begins that it does (<see cref="ShiftWriter"/>), by the ways they chose; each turn once, whichever node does it. It wakes nobody: in quiet hours it waits
/// for their end, and a turn that was over before anybody could be told is no news.
/// </summary>
public sealed class ShiftRunner(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, ChangeSignal signal, TimeProvider time, ILogger<ShiftRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(30), signal, OnCallActions.Topic)
{
    /// <summary>A period that goes on is written down every minute: one that did not grow for so long is over.</summary>
    private static readonly TimeSpan _over = TimeSpan.FromMinutes(5);

    private const int AtOnce = 50;

    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => EscalationsLog.RoundFailed(log, exception);

    /// <summary>Writes what is to be told; returns of how many turns.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var now = Time.GetUtcNow();
        var (told, last) = (0, 0L);
        // Whoever sleeps waits: however many do, those behind them are told.
        while (await db.OnCallPeriods.FromSql($"select * from on_call_periods where not told and id > {last} order by id limit {AtOnce} for update skip locked").ToListAsync(cancel) is { Count: > 0 } periods)
        {
            told += await WriteAsync(db, periods, now, cancel);
            last = periods[^1].Id;
        }
        if (told > 0) await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        return told;
    }

    private async Task<int> WriteAsync(OpsDbContext db, List<OnCallPeriod> periods, DateTimeOffset now, CancellationToken cancel)
    {
        var names = periods.Select(p => p.Person!).Distinct(StringComparer.Ordinal).ToList();
        var book = await AddressBookQueries.OfPeopleAsync(db, kinds, names, cancel);
        var told = 0;
        foreach (var period in periods)
        {
            var ways = period.EndsAt < now - _over ? [] : book.Find([new(NotifyTarget.Person, period.Person!)], now);
            if (ways.Any(w => NoticePlanner.Waits(w, Severity.Low, now) is not null)) continue;
            db.Deliveries.AddRange(ways.Select(way => way.Message(ShiftLetter.KeyOf(period), DeliveryReason.Shift, now)));
            period.Told = true;
            told++;
        }
        await db.SaveChangesAsync(cancel);
        return told;
    }
}
