namespace Picasoft.Ops.Core.OnCall;

/// <summary>How much of it somebody carries.</summary>
/// <param name="Hours">On call in all.</param>
/// <param name="NightHours">Of these between 22:00 and 07:00.</param>
/// <param name="WeekendHours">Of these on Saturdays and Sundays.</param>
/// <param name="Share">Of all hours of everybody, 0 to 1.</param>
public sealed record Burden(string Person, double Hours, double NightHours, double WeekendHours, double Share);

/// <summary>Counts who carries how much. Pure.</summary>
public static class Fairness
{
    private static readonly HoursInput[] _nights = [new() { From = "22:00", To = "07:00" }];
    private static readonly HoursInput[] _weekends = [new() { Days = [Weekday.Saturday, Weekday.Sunday], From = "00:00", To = "00:00" }];

    /// <summary>Whoever carries most comes first.</summary>
    /// <param name="people">Also those without an hour.</param>
    public static IReadOnlyList<Burden> Of(IEnumerable<(string Person, Span Span)> served, IEnumerable<string> people, WallClock clock)
    {
        var all = served.GroupBy(s => s.Person, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(s => s.Span).ToList(), StringComparer.Ordinal);
        var total = all.Values.SelectMany(s => s).Sum(s => s.Length.TotalHours);
        return [.. all.Keys.Union(people, StringComparer.Ordinal).Select(p =>
        {
            var spans = all.GetValueOrDefault(p) ?? [];
            var hours = spans.Sum(s => s.Length.TotalHours);
            return new Burden(p, hours, Within(spans, _nights, clock), Within(spans, _weekends, clock), total > 0 ? hours / total : 0);
        }).OrderByDescending(b => b.Hours).ThenBy(b => b.Person, StringComparer.Ordinal)];
    }

    private static double Within(List<Span> spans, IReadOnlyList<HoursInput> hours, WallClock clock) =>
        spans.Sum(s => clock.Windows(hours, s.Start, s.End).Sum(w => Math.Max(0, w.And(s).Length.TotalHours)));
}
