using CsCheck;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Tests.Core.Primitives;

public class LabelSetTests
{
    private static readonly Gen<KeyValuePair<string, string>[]> _labels =
        Gen.Select(Gen.String[Gen.Char["abc"], 1, 3], Gen.String[Gen.Char["xyz"], 0, 2]).Select((n, v) => KeyValuePair.Create(n, v)).Array[0, 6];

    [Fact]
    public void The_empty_set_has_the_fingerprint_of_nothing() =>
        Assert.Equal("cbf29ce484222325", LabelSet.Empty.Fingerprint()); // the FNV-1a offset basis

    [Fact]
    public void Order_of_writing_does_not_matter() =>
        _labels.Sample(labels =>
        {
            var distinct = labels.DistinctBy(l => l.Key).ToArray();
            var there = LabelSet.Of(distinct);
            var back = LabelSet.Of(distinct.Reverse());
            return there.Equals(back) && there.Fingerprint() == back.Fingerprint() && there.GetHashCode() == back.GetHashCode();
        });

    [Fact]
    public void Another_value_is_another_alert() =>
        Assert.NotEqual(LabelSet.Of(("a", "1")).Fingerprint(), LabelSet.Of(("a", "2")).Fingerprint());

    [Fact]
    public void Names_and_values_do_not_run_together() =>
        Assert.NotEqual(LabelSet.Of(("a", "bc")).Fingerprint(), LabelSet.Of(("ab", "c")).Fingerprint());

    [Fact]
    public void An_empty_value_is_no_label() =>
        Assert.Equal(LabelSet.Of(("a", "1")), LabelSet.Of(("a", "1"), ("b", "")));

    [Fact]
    public void An_absent_label_reads_as_empty() => Assert.Equal("", LabelSet.Of(("a", "1"))["b"]);
}
