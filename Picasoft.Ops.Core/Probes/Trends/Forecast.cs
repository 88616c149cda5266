namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>When something that fills will be full. Pure.</summary>
/// <param name="At">When the limit is reached if it goes on like this.</param>
/// <param name="PerDay">Growth a day; negative when it falls towards the limit.</param>
/// <param name="Days">Over how many days that was seen.</param>
public sealed record Forecast(DateTimeOffset At, double PerDay, int Days)
{
    /// <summary>Fewer days say nothing: a weekend, a backup.</summary>
    public const int MinDays = 5;

    /// <summary>This much of all pairs of days must go the same way: Kendall's tau.</summary>
    private const double MinTau = 0.6;

    /// <summary>
    /// Looks at the worst value of each day, so that what fills and is emptied again within a day (logs, caches, snapshots: a sawtooth) is as high as its teeth,
    /// and only at the days after the last clean-up, so that a disk somebody made room on begins anew. Null: it does not come nearer, or nobody can say.
    /// </summary>
    /// <param name="days">Worst value of each whole day, oldest first; days may lack.</param>
    /// <param name="limit">Where it is full, or empty.</param>
    /// <param name="now">Today, which is not over and not among the days.</param>
    public static Forecast? Of(IReadOnlyList<(DateOnly Day, double Worst)> days, double limit, DateTimeOffset now)
    {
        if (days.Count < MinDays) return null;
        var sign = limit >= days[^1].Worst ? 1 : -1;
        var first = days[0].Day.DayNumber;
        var points = SinceCleanUp([.. days.Select(d => ((double)(d.Day.DayNumber - first), d.Worst * sign))]);
        if (points.Count < MinDays || TheilSen.Through(points) is not { Slope: > 0 } line || line.Tau < MinTau) return null;
        var (from, to) = (points[0].X, points[^1].X);
        // Growth that drowns in the ups and downs of the days is none.
        if (line.Slope * (to - from) < 3 * line.Spread) return null;
        var today = (now.UtcDateTime - days[0].Day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)).TotalDays;
        var level = Math.Max(line.At(to), points[^1].Y);
        var ahead = ((limit * sign) - level) / line.Slope;
        // The worst of a day was somewhere within it: its middle stands for it.
        var at = to + 0.5 + ahead;
        if (!double.IsFinite(at) || at > today + 3650) return null;
        return new(now.AddDays(Math.Max(0, at - today)), line.Slope * sign, (int)(to - from) + 1);
    }

    /// <summary>The days after the last fall that is larger than what days usually differ by.</summary>
    private static List<(double X, double Y)> SinceCleanUp(List<(double X, double Y)> points)
    {
        var steps = points.Zip(points.Skip(1), (a, b) => b.Y - a.Y).ToList();
        var usual = TheilSen.Median([.. steps.Select(Math.Abs)]);
        for (var i = steps.Count - 1; i >= 0; i--)
            if (steps[i] < 0 && -steps[i] > 4 * usual && -steps[i] > 0.02 * Math.Abs(points[i].Y)) return points[(i + 1)..];
        return points;
    }
}
