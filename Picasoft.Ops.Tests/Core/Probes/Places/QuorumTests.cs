using CsCheck;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Places;

namespace Picasoft.Ops.Tests.Core.Probes.Places;

public class QuorumTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(30);
    private static readonly string[] _words = ["up", "down", "warning", "old", "unknown"];

    [Theory]
    [InlineData("down", null, ProbeStatus.Down)]
    [InlineData("down up", null, ProbeStatus.Up)]
    [InlineData("down down up", null, ProbeStatus.Down)]
    [InlineData("down up up", null, ProbeStatus.Up)]
    [InlineData("down up up", 1, ProbeStatus.Down)]
    [InlineData("down down up", 3, ProbeStatus.Up)]
    [InlineData("down down", 3, ProbeStatus.Down)] // of fewer words than the quorum all must agree
    [InlineData("down old", 2, ProbeStatus.Down)] // the other's word no longer counts
    [InlineData("up old old", 1, ProbeStatus.Up)]
    [InlineData("old", null, ProbeStatus.Unknown)]
    [InlineData("unknown", null, ProbeStatus.Unknown)]
    [InlineData("warning warning up", null, ProbeStatus.Warning)]
    [InlineData("down warning up", null, ProbeStatus.Warning)]
    [InlineData("", 1, ProbeStatus.Unknown)]
    public void A_quorum_decides_among_those_that_are_heard(string words, int? quorum, ProbeStatus together) =>
        Assert.Equal(together, Quorum.Of([.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Word)], quorum, _interval, _now).Status);

    [Fact]
    public void One_more_that_says_down_never_makes_it_up() => Gen.Select(Gen.Int[0, 4].Select(i => _words[i]).List[1, 6], Gen.Int[1, 6], Gen.Int[0, 5]).Sample((words, quorum, which) =>
    {
        var before = Quorum.Of([.. words.Select(Word)], quorum, _interval, _now);
        if (words[which % words.Count] is "old" or "unknown") return; // one more voice is another matter
        words[which % words.Count] = "down";
        Assert.True(Quorum.Of([.. words.Select(Word)], quorum, _interval, _now).Status >= before.Status);
    });

    private static LocationWord Word(string word, int index) =>
        new($"place-{index}", word == "old" ? ProbeStatus.Down : Enum.Parse<ProbeStatus>(word, ignoreCase: true), _now.AddSeconds(word == "old" ? -91 : -90));
}
