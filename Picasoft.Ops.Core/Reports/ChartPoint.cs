using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Core.Reports;

/// <summary>A piece of a chart of one probe.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Checks">How many checks began in it.</param>
/// <param name="Failed">How many of them failed.</param>
/// <param name="P50">Half of the good checks were faster, in milliseconds; null: there were none.</param>
/// <param name="P95">95 of a hundred were.</param>
/// <param name="P99">99 of a hundred were.</param>
public sealed record ChartPoint(DateTimeOffset At, int Checks, int Failed, double? P50, double? P95, double? P99)
{
    /// <summary>From the counts of several spans.</summary>
    public static ChartPoint Of(DateTimeOffset at, IEnumerable<ProbeSpan> spans)
    {
        var (times, checks, failed) = (new Latencies(), 0, 0);
        foreach (var span in spans)
        {
            times.Add(span.Buckets, span.Counts);
            (checks, failed) = (checks + span.Checks, failed + span.Failed);
        }
        return new(at, checks, failed, times.Quantile(.5), times.Quantile(.95), times.Quantile(.99));
    }

    /// <summary>Divides [from, to) into <paramref name="count"/> equal pieces; only those with checks are answered. Pure.</summary>
    public static IReadOnlyList<ChartPoint> Of(IEnumerable<ProbeResult> results, DateTimeOffset from, DateTimeOffset to, int count)
    {
        var step = (to - from) / count;
        return
        [
            .. results.Where(r => r.At >= from && r.At < to).GroupBy(r => (int)((r.At - from) / step)).OrderBy(g => g.Key).Select(g =>
            {
                var times = new Latencies();
                foreach (var result in g) if (result.Ok) times.Add(result.Ms);
                return new ChartPoint(from + (g.Key * step), g.Count(), g.Count(r => !r.Ok), times.Quantile(.5), times.Quantile(.95), times.Quantile(.99));
            }),
        ];
    }
}

/// <summary>An incident over a chart.</summary>
public sealed record ChartIncident(long Number, string Title, Severity Severity, DateTimeOffset From, DateTimeOffset? To);

/// <summary>How one probe did over a span of time.</summary>
/// <param name="From">Where the chart begins.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Step">The length of each point.</param>
/// <param name="Points">Those with checks, oldest first.</param>
/// <param name="Incidents">Of the probe's service, in the span, oldest first.</param>
public sealed record ProbeChart(DateTimeOffset From, DateTimeOffset To, TimeSpan Step, IReadOnlyList<ChartPoint> Points, IReadOnlyList<ChartIncident> Incidents);
