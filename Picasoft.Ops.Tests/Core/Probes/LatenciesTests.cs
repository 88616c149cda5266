using CsCheck;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Tests.Core.Probes;

public class LatenciesTests
{
    [Fact]
    public void A_percentile_is_within_a_twentieth_of_the_true_one_however_the_values_are_spread_over_spans() =>
        Gen.Select(Gen.Double[0.1, 300_000].Array[1, 300], Gen.Double[0, 1], Gen.Int[1, 10]).Sample((values, share, spans) =>
        {
            var (whole, merged) = (new Latencies(), new Latencies());
            foreach (var value in values) whole.Add(value);
            foreach (var part in values.Chunk((values.Length + spans - 1) / spans))
            {
                var counted = part.CountBy(Latencies.BucketOf).OrderBy(c => c.Key).ToList();
                merged.Add([.. counted.Select(c => c.Key)], [.. counted.Select(c => c.Value)]);
            }
            Assert.Equal(whole.Quantile(share), merged.Quantile(share));
            var sorted = values.Order().ToArray();
            var exact = sorted[Math.Max(1, (int)Math.Ceiling(share * sorted.Length)) - 1];
            Assert.InRange(merged.Quantile(share)!.Value, exact * 0.95, exact * 1.05);
        });

    [Fact]
    public void Nothing_has_no_percentile_and_what_is_faster_than_the_least_counts_as_that()
    {
        var times = new Latencies();
        Assert.Null(times.Quantile(.5));
        times.Add(0);
        Assert.Equal(Latencies.Least, times.Quantile(.5));
    }
}
