using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Core.Heartbeats;

/// <summary>How the last days were, from the changes of status. Pure.</summary>
public static class HeartbeatDays
{
    /// <summary>One bar a day (UTC), oldest first, today last: the share of the day that it was not down, of the time that it was watched.</summary>
    /// <param name="flips">In the order of time, the last one before the first day included.</param>
    public static IReadOnlyList<DayBar> Of(IReadOnlyList<HeartbeatFlip> flips, int days, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        return [.. Enumerable.Range(0, days).Select(i => today.AddDays(i + 1 - days)).Select(day => DayBar.Of(day, Share(flips, Begin(day), Least(Begin(day.AddDays(1)), now), now)))];
    }

    private static double? Share(IReadOnlyList<HeartbeatFlip> flips, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now)
    {
        var (watched, down) = (TimeSpan.Zero, TimeSpan.Zero);
        foreach (var (index, flip) in flips.Index())
        {
            var begin = flip.At > from ? flip.At : from;
            var end = Least(index + 1 < flips.Count ? flips[index + 1].At : now, to);
            if (end <= begin || flip.Status is HeartbeatStatus.New or HeartbeatStatus.Paused) continue;
            watched += end - begin;
            if (flip.Status == HeartbeatStatus.Down) down += end - begin;
        }
        return watched == TimeSpan.Zero ? null : 1 - (down / watched);
    }

    private static DateTimeOffset Begin(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);

    private static DateTimeOffset Least(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
