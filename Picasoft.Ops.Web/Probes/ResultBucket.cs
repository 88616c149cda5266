using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Web.Probes;

/// <summary>One piece of a chart.</summary>
/// <param name="Ms">Slowest good check, in milliseconds; null: none.</param>
/// <param name="Checks">How many checks began in it.</param>
/// <param name="Failed">How many of them failed.</param>
public readonly record struct ResultBucket(float? Ms, int Checks, int Failed)
{
    /// <summary>Divides a span of time into equal pieces, oldest first. Pure.</summary>
    public static IReadOnlyList<ResultBucket> Of(IEnumerable<ProbeResult> results, DateTimeOffset from, DateTimeOffset to, int count)
    {
        var buckets = new ResultBucket[count];
        foreach (var result in results)
        {
            var index = (int)((result.At - from) / (to - from) * count);
            if (index < 0 || index >= count) continue;
            var was = buckets[index];
            buckets[index] = new(result.Ok ? Math.Max(was.Ms ?? 0, result.Ms) : was.Ms, was.Checks + 1, was.Failed + (result.Ok ? 0 : 1));
        }
        return buckets;
    }
}
