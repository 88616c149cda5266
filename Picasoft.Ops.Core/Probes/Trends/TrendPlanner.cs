using System.Globalization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>What is known about one measurement of one probe.</summary>
/// <param name="Subject">The probe.</param>
/// <param name="Host">Host of its service.</param>
/// <param name="Title">What people call the thing.</param>
/// <param name="Series">The measurement.</param>
/// <param name="Days">Least and most of each day, oldest first; today last, if anything was measured.</param>
/// <param name="Hours">Least of each hour of the last day.</param>
public sealed record TrendFacts(ProbeDefinition Subject, string? Host, string Title, ProbeSeries Series, IReadOnlyList<(DateOnly Day, double Least, double Most)> Days, IReadOnlyList<(DateTimeOffset Hour, double Least)> Hours);

/// <summary>Turns trends into warnings. Pure.</summary>
public static class TrendPlanner
{
    /// <summary><see cref="Alert.Source"/> of these alerts.</summary>
    public const string Source = "trend";

    public const string Full = "trend_full", Slot = "trend_slot", Slow = "trend_slow";

    /// <summary>A disk, a table, a quota that will be full.</summary>
    /// <param name="isWarned">It was warned of before: that ends when it is half as far again.</param>
    /// <param name="horizon">Warned of when it is this near, unless the probe says otherwise.</param>
    public static AlertSignal? OfLimit(TrendFacts facts, bool isWarned, TimeSpan horizon, DateTimeOffset now)
    {
        var series = facts.Series;
        // Days left fall by themselves, counters only ever grow, and times have no end.
        if (series.Unit is "d" or "c" or "s" or "ms" or "us" or "ns" || (series.Max ?? series.Crit ?? (series.Unit == "%" ? 100 : null)) is not { } limit || facts.Days.Count == 0) return null;
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var rises = limit >= facts.Days[^1].Most;
        var days = facts.Days.Where(d => d.Day < today).Select(d => (d.Day, rises ? d.Most : d.Least)).ToList();
        if (Forecast.Of(days, limit, now) is not { } forecast) return null;
        var left = forecast.At - now;
        if (left > (facts.Subject.Forecast ?? horizon) * (isWarned ? 1.5 : 1)) return null;
        var culture = CultureInfo.InvariantCulture;
        return Signal(facts, Full, Phrase.Of("trend.full", facts.Title, series.Name, Units.Text(limit, series.Unit, culture), left, forecast.At, Units.Text(forecast.PerDay, series.Unit, culture), forecast.Days),
            new TrendPicture([.. days.Select(d => d.Item2)], new DateTimeOffset(days[0].Day, TimeOnly.MinValue, TimeSpan.Zero), now, limit, forecast.At, series.Unit), now);
    }

    /// <summary>A replication slot that nobody reads.</summary>
    public static AlertSignal? OfSlot(TrendFacts facts, DateTimeOffset now)
    {
        if (facts.Subject.Type != "postgres" || !facts.Series.Name.StartsWith("slot ", StringComparison.Ordinal) || SlotGrowth.Of(facts.Hours) is not { } growth) return null;
        var culture = CultureInfo.InvariantCulture;
        return Signal(facts, Slot, Phrase.Of("trend.slot", facts.Title, facts.Series.Name, Units.Text(growth.From, "B", culture), Units.Text(growth.To, "B", culture), growth.Over),
            new TrendPicture([.. facts.Hours.Select(h => h.Least)], facts.Hours[0].Hour, now, facts.Series.Crit, null, "B"), now);
    }

    /// <summary>Answers that became slow.</summary>
    /// <param name="medians">See <see cref="Drift.Of"/>.</param>
    public static AlertSignal? OfLatency(ProbeDefinition probe, string? host, string title, IReadOnlyDictionary<DateTimeOffset, double> medians, DateTimeOffset now)
    {
        if (Drift.Of(medians, now) is not { } drift) return null;
        var recent = medians.Where(m => m.Key >= now.AddDays(-7)).OrderBy(m => m.Key).ToList();
        var facts = new TrendFacts(probe, host, title, new ProbeSeries { Name = "" }, [], []);
        return Signal(facts, Slow, Phrase.Of("trend.slow", title, TimeSpan.FromMilliseconds(drift.Is), TimeSpan.FromMilliseconds(drift.Was), drift.Weeks),
            new TrendPicture([.. recent.Select(r => r.Value)], recent[0].Key, now, null, null, "ms"), now);
    }

    private static AlertSignal Signal(TrendFacts facts, string name, Phrase summary, TrendPicture picture, DateTimeOffset now) => new(
        LabelSet.Of(("alertname", name), ("probe", facts.Subject.Name), ("measurement", facts.Series.Name), ("service", facts.Subject.Service ?? ""), ("host", facts.Host ?? ""),
            ("severity", Words.Of(facts.Subject.Severity < Severity.Medium ? facts.Subject.Severity : Severity.Medium))),
        LabelSet.Of(("summary", summary.In(CultureInfo.InvariantCulture)), (TrendPicture.Annotation, picture.ToString())),
        now, null, Source, summary);
}
