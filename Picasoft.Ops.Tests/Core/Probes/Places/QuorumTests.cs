using CsCheck;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Places;

namespace Picasoft.Ops.Tests.Core.Probes.Places;

public class QuorumTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
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
    public void A_quorum_decides_among_those_that_are_heard(string words, int? quorum, ProbeStatus together)
    {
        Assert.Equal(together, Together(words.Split(' ', StringSplitOptions.RemoveEmptyEntries), 3, quorum, new() { Status = ProbeStatus.Up }));
        Assert.Equal(together, Together(words.Split(' ', StringSplitOptions.RemoveEmptyEntries), 3, quorum, new() { Status = ProbeStatus.Unknown, Since = _now.AddSeconds(-91) })); // they had their time
    }

    [Theory]
    [InlineData("down", 2, 2, ProbeStatus.Unknown)] // the other may see it otherwise
    [InlineData("down", 2, null, ProbeStatus.Unknown)]
    [InlineData("warning", 2, 2, ProbeStatus.Unknown)]
    [InlineData("down unknown", 2, 2, ProbeStatus.Unknown)] // it has failed there too, not often enough yet
    [InlineData("down", 2, 1, ProbeStatus.Down)]
    [InlineData("down down", 3, 2, ProbeStatus.Down)]
    [InlineData("down down", 3, 3, ProbeStatus.Unknown)]
    [InlineData("up", 2, 2, ProbeStatus.Up)]
    [InlineData("down up", 3, 2, ProbeStatus.Up)]
    public void Of_a_new_probe_nobody_decides_alone_before_the_others_had_time_to_speak(string words, int locations, int? quorum, ProbeStatus together)
    {
        Assert.Equal(together, Together(words.Split(' '), locations, quorum, null));
        Assert.Equal(together, Together(words.Split(' '), locations, quorum, new() { Status = ProbeStatus.Unknown, Since = _now.AddSeconds(-90) }));
    }

    [Theory]
    [InlineData(1, 10, true)]
    [InlineData(1, 11, false)]
    [InlineData(30, 90, true)]
    [InlineData(30, 91, false)]
    public void A_word_counts_for_three_intervals_and_ten_seconds_at_least(int interval, int age, bool counts) =>
        Assert.Equal(counts ? ProbeStatus.Up : ProbeStatus.Unknown, Quorum.Of(new() { Interval = TimeSpan.FromSeconds(interval), Locations = ["a"] }, new() { Status = ProbeStatus.Up }, [new("a", ProbeStatus.Up, _now.AddSeconds(-age))], _now).Status);

    [Fact]
    public void One_more_that_says_down_never_makes_it_up() => Gen.Select(Gen.Int[0, 4].Select(i => _words[i]).List[1, 6], Gen.Int[1, 6], Gen.Int[0, 5]).Sample((words, quorum, which) =>
    {
        var before = Together(words, 6, quorum, new() { Status = ProbeStatus.Up });
        if (words[which % words.Count] is "old" or "unknown") return; // one more voice is another matter
        words[which % words.Count] = "down";
        Assert.True(Together(words, 6, quorum, new() { Status = ProbeStatus.Up }) >= before);
    });

    private static ProbeStatus Together(IEnumerable<string> words, int locations, int? quorum, ProbeState? state) =>
        Quorum.Of(new() { Interval = TimeSpan.FromSeconds(30), Quorum = quorum, Locations = [.. Enumerable.Range(0, locations).Select(i => $"place-{i}")] }, state, [.. words.Select(Word)], _now).Status;

    private static LocationWord Word(string word, int index) =>
        new($"place-{index}", word == "old" ? ProbeStatus.Down : Enum.Parse<ProbeStatus>(word, ignoreCase: true), _now.AddSeconds(word == "old" ? -91 : -90));
}
