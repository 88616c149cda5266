namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>Answers that have become slower than they were at the same hours of past weeks. Pure.</summary>
/// <param name="Was">Usual at these hours, in milliseconds.</param>
/// <param name="Is">Now.</param>
/// <param name="Weeks">With how many weeks it was compared.</param>
public sealed record Drift(double Was, double Is, int Weeks)
{
    /// <summary>The last so many whole hours are looked at.</summary>
    public const int Hours = 6;

    /// <summary>Weeks that are compared, and how many there must be at least.</summary>
    public const int MaxWeeks = 4, MinWeeks = 2;

    private const double Times = 2;
    private const double LeastMs = 50;

    /// <summary>
    /// The same weekday and hour is the yardstick, because Monday mornings and nightly backups are slow every week. Five of the last six hours must be twice as
    /// slow as the median of those hours, slower than each of them, and by 50 ms or more: a drift, not a bad minute.
    /// </summary>
    /// <param name="medians">Median response time of each hour, by the beginning of the hour.</param>
    /// <param name="now">The hour that it lies in is not over, and not looked at.</param>
    public static Drift? Of(IReadOnlyDictionary<DateTimeOffset, double> medians, DateTimeOffset now)
    {
        var thisHour = new DateTimeOffset(now.UtcDateTime.Date.AddHours(now.UtcDateTime.Hour), TimeSpan.Zero);
        var compared = new List<(double Was, double Is, int Weeks, bool Slower)>();
        for (var back = 1; back <= Hours; back++)
        {
            var hour = thisHour.AddHours(-back);
            if (!medians.TryGetValue(hour, out var current)) continue;
            var past = Enumerable.Range(1, MaxWeeks).Select(w => medians.TryGetValue(hour.AddDays(-7 * w), out var then) ? then : double.NaN).Where(double.IsFinite).ToList();
            if (past.Count < MinWeeks) continue;
            var usual = TheilSen.Median([.. past]);
            compared.Add((usual, current, past.Count, current >= usual * Times && current - usual >= LeastMs && current > past.Max()));
        }
        return compared.Count >= Hours - 1 && compared.Count(c => c.Slower) >= Hours - 1
            ? new(TheilSen.Median([.. compared.Select(c => c.Was)]), TheilSen.Median([.. compared.Select(c => c.Is)]), compared.Max(c => c.Weeks))
            : null;
    }
}
