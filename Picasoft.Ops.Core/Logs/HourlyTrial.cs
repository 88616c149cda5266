using Picasoft.Ops.Core.Logs.Windows;

namespace Picasoft.Ops.Core.Logs;

/// <summary>
/// How often a rule would have fired on lines of which nothing is left but how many came in each hour. It is about right, and for a rule that wants several lines within less
/// than an hour, or of one value, the most that it can have been. Pure.
/// </summary>
public static class HourlyTrial
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    /// <param name="input">The rule.</param>
    /// <param name="hours">The hours in which it had lines, in their order.</param>
    /// <param name="until">So far silence counts, too.</param>
    /// <returns>Null where it cannot be told: what follows a line, what a value was, what weeks before were like, and silences shorter than two hours are not in the counts.</returns>
    public static int? Fires(LogRuleInput input, IReadOnlyList<(DateTimeOffset Hour, long Lines)> hours, DateTimeOffset until) =>
        input.FollowedBy is not null || input.Unusual is not null || input.FirstSeen is not null ? null
        : input.AbsentFor is { } absent ? absent < 2 * _hour ? null : hours.Zip([.. hours.Skip(1).Select(h => h.Hour), until]).Count(pair => pair.Second - pair.First.Hour >= absent)
        : Bursts(input, hours);

    /// <summary>Whether <see cref="Fires"/> is the most that it can have been.</summary>
    public static bool IsMost(LogRuleInput input) => input.Threshold is { } threshold && (threshold.Count > 1 || threshold.By.Count > 0);

    private static int? Bursts(LogRuleInput input, IReadOnlyList<(DateTimeOffset Hour, long Lines)> hours)
    {
        var threshold = input.Threshold ?? new();
        // What only another line ends goes on for as long as nobody knows.
        if (RuleJudge.EndsAfter(input, threshold.Within > LogRuleInput.DefaultResolve ? threshold.Within : LogRuleInput.DefaultResolve) is not { } after) return null;
        // Lines of one hour and of the next may be a minute apart.
        var apart = after > _hour ? after : _hour;
        var (fires, last, first, sum) = (0, default(DateTimeOffset?), 0, 0L);
        foreach (var (hour, lines) in hours)
        {
            sum += lines;
            while (hours[first].Hour + threshold.Within <= hour) sum -= hours[first++].Lines;
            if (sum < threshold.Count) continue;
            if (last is null || hour - last > apart) fires++;
            last = hour;
        }
        return fires;
    }
}
