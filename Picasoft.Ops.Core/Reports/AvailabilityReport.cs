using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Inventory;

namespace Picasoft.Ops.Core.Reports;

/// <summary>How a service was in a span of time, and what was promised.</summary>
/// <param name="Availability">Share of good checks of its worst probe, 0 to 1; null: nothing checked it.</param>
/// <param name="Checks">Of that probe.</param>
/// <param name="Promised">Share that was promised, 0 to 1; null: nothing was.</param>
/// <param name="Incidents">Opened in the span.</param>
/// <param name="ToAcknowledge">Median from opened to acknowledged, of those that were.</param>
/// <param name="ToResolve">Median from opened to resolved, of those that are.</param>
public sealed record AvailabilityRow(string Service, string Title, double? Availability, long Checks, long Failed, double? Promised, int Incidents, TimeSpan? ToAcknowledge, TimeSpan? ToResolve)
{
    /// <summary>Kept what was promised; null: nothing was promised, or nothing checked it.</summary>
    public bool? Kept => Availability >= Promised is var kept && Availability is not null && Promised is not null ? kept : null;

    /// <summary>What is left of the errors that the promise allows, as a share of them: 1 is all, below 0 it is broken; null: nothing to tell (<see href="https://sre.google/workbook/error-budget-policy/">error budget</see>).</summary>
    public double? BudgetLeft => Availability is { } was && Promised is { } promised and < 1 ? 1 - ((1 - was) / (1 - promised)) : null;

    /// <summary>One row for each service, by name. Pure.</summary>
    public static IReadOnlyList<AvailabilityRow> Of(IReadOnlyList<Service> services, ILookup<string, ProbeShare> shares, ILookup<string, Incident> incidents) =>
        [.. services.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s =>
        {
            var worst = shares[s.Name].MinBy(p => p.Availability);
            var mine = incidents[s.Name].ToList();
            return new AvailabilityRow(s.Name, s.Shown, worst?.Availability, worst?.Checks ?? 0, worst?.Failed ?? 0, s.SloAvailability / 100, mine.Count,
                Median(mine.Select(i => i.AcknowledgedAt - i.OpenedAt)), Median(mine.Where(i => i.State == IncidentState.Resolved).Select(i => i.ResolvedAt - i.OpenedAt)));
        })];

    private static TimeSpan? Median(IEnumerable<TimeSpan?> times)
    {
        var sorted = times.OfType<TimeSpan>().Order().ToList();
        return sorted.Count == 0 ? null : sorted[sorted.Count / 2];
    }
}
