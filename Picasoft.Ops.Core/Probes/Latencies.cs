namespace Picasoft.Ops.Core.Probes;

/// <summary>
/// Response times as counts in buckets whose bounds grow by a tenth, so that hours and days can be added up and percentiles asked of the whole: an average of
/// percentiles is none. A percentile read from them is at most 5 % off. The way of DDSketch (Masson, Rim and Lee, VLDB 2019), without its limit of buckets: from
/// 0.1 ms to five minutes there are 157. Pure.
/// </summary>
public sealed class Latencies
{
    /// <summary>Everything faster, in milliseconds, is in bucket 0.</summary>
    public const double Least = 0.1;

    /// <summary>By how much each bound is above the one before.</summary>
    public const double Growth = 1.1;

    /// <summary>The bucket of <c>ms</c>, as SQL: the same as <see cref="BucketOf"/>.</summary>
    public const string BucketSql = "greatest(0, ceil(ln(greatest(ms, 0.1)::float8 / 0.1) / ln(1.1) - 1e-9))::smallint";

    private readonly SortedDictionary<short, long> _counts = [];

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    public static short BucketOf(double ms) => (short)Math.Max(0, Math.Ceiling((Math.Log(Math.Max(ms, Least) / Least) / Math.Log(Growth)) - 1e-9));

    public void Add(double ms) => Add(BucketOf(ms), 1);

    /// <summary>Those of another span of time.</summary>
    public void Add(IReadOnlyList<short> buckets, IReadOnlyList<int> counts)
    {
        for (var i = 0; i < Math.Min(buckets.Count, counts.Count); i++) Add(buckets[i], counts[i]);
    }

    /// <summary>The value below which <paramref name="share"/> (0 to 1) of them are, in milliseconds; null: there are none.</summary>
    public double? Quantile(double share)
    {
        if (Count == 0) return null;
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        foreach (var (bucket, count) in _counts)
            if ((rank -= count) <= 0) return bucket == 0 ? Least : Least * 2 * Math.Pow(Growth, bucket) / (Growth + 1); // as near to one bound as to the other
        return null;
    }

    private void Add(short bucket, long count)
    {
        if (count <= 0) return;
        _counts[bucket] = _counts.GetValueOrDefault(bucket) + count;
        Count += count;
    }
}
