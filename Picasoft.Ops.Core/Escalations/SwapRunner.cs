using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>Tells who is asked for a swap that they are, and who asked what came of it: by the ways each chose. Each change is told once, whichever node does it.</summary>
public sealed class SwapRunner(IDbContextFactory<OpsDbContext> contexts, ChannelKinds kinds, ChangeSignal signal, TimeProvider time, ILogger<SwapRunner> log)
    : RoundRunner(time, TimeSpan.FromSeconds(30), signal, OnCallActions.Topic)
{
    protected override Task RoundAsync(CancellationToken cancel) => RunOnceAsync(cancel);

    protected override void RoundFailed(Exception exception) => EscalationsLog.RoundFailed(log, exception);

    /// <summary>Writes what is to be told; returns of how many swaps.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var swaps = await db.OnCallSwaps.FromSql($"select * from on_call_swaps where told is distinct from state order by id limit 50 for update skip locked").ToListAsync(cancel);
        if (swaps.Count == 0) return 0;
        var now = Time.GetUtcNow();
        var names = swaps.SelectMany(s => new[] { s.Asker, s.Asked }).Distinct(StringComparer.Ordinal).ToList();
        var book = await AddressBookQueries.OfPeopleAsync(db, kinds, names, cancel);
        foreach (var swap in swaps)
        {
            var other = swap.State is SwapState.Proposed or SwapState.Withdrawn ? swap.Asked : swap.Asker;
            // Withdrawn before the other was told that they are asked: there is nothing to take back.
            var isNews = swap is not { State: SwapState.Withdrawn, Told: null };
            if (isNews) db.Deliveries.AddRange(book.Find([new(NotifyTarget.Person, other)], now).Select(way => Message(swap, way, now)));
            swap.Told = swap.State;
        }
        await db.SaveChangesAsync(cancel);
        await ChangeSignal.PublishAsync(db, DeliveryRunner.Topic, 0, cancel);
        await transaction.CommitAsync(cancel);
        return swaps.Count;
    }

    private static Delivery Message(OnCallSwap swap, NoticeTarget way, DateTimeOffset now)
    {
        var message = way.Message(string.Create(CultureInfo.InvariantCulture, $"swap:{swap.Id}:{Words.Of(swap.State)}"), DeliveryReason.Swap, now);
        message.SwapId = swap.Id;
        return message;
    }
}
