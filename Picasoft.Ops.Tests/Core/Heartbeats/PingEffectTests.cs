using Picasoft.Ops.Core.Heartbeats;

namespace Picasoft.Ops.Tests.Core.Heartbeats;

public class PingEffectTests
{
    private static readonly DateTimeOffset _noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid _a = Guid.NewGuid(), _b = Guid.NewGuid();

    private static readonly HeartbeatFacts _nothing = new(_noon.AddDays(-1), null, null, []);

    [Fact]
    public void A_run_lasts_from_its_start_to_its_end()
    {
        var done = After((PingKind.Start, null, 0), (PingKind.Success, null, 7));
        Assert.Equal((TimeSpan.FromMinutes(7), 0, null), (done.Duration, done.Facts.Runs.Count, done.Facts.Failure));
    }

    [Fact]
    public void Runs_that_overlap_are_told_apart_by_their_ids()
    {
        var done = After((PingKind.Start, _a, 0), (PingKind.Start, _b, 5), (PingKind.Success, _a, 20));
        Assert.Equal((TimeSpan.FromMinutes(20), _b), (done.Duration, Assert.Single(done.Facts.Runs).Rid));
    }

    [Fact]
    public void The_end_of_an_unknown_run_has_no_duration_and_ends_no_other()
    {
        var done = After((PingKind.Start, _a, 0), (PingKind.Success, _b, 5));
        Assert.Equal((null, _a), (done.Duration, Assert.Single(done.Facts.Runs).Rid));
    }

    [Fact]
    public void A_success_without_an_id_ends_all_runs() => Assert.Empty(After((PingKind.Start, _a, 0), (PingKind.Start, _b, 1), (PingKind.Success, null, 5)).Facts.Runs);

    [Fact]
    public void A_failure_ends_all_runs_and_says_with_which_status()
    {
        var done = PingEffect.Of(After((PingKind.Start, _a, 0), (PingKind.Start, _b, 1)).Facts, PingKind.Fail, 3, _b, _noon.AddMinutes(3));
        Assert.Equal((0, "heartbeat.failed_exit", TimeSpan.FromMinutes(2)), (done.Facts.Runs.Count, done.Facts.Failure?.Key, done.Duration));
    }

    [Theory]
    [InlineData(PingKind.Log)]
    [InlineData(PingKind.Ignored)]
    public void Others_change_nothing(PingKind kind)
    {
        var before = After((PingKind.Start, null, 0)).Facts;
        Assert.Equal(before, PingEffect.Of(before, kind, null, null, _noon).Facts);
    }

    [Fact]
    public void The_oldest_runs_are_those_that_are_remembered()
    {
        var facts = _nothing;
        for (var i = 0; i < 100; i++) facts = PingEffect.Of(facts, PingKind.Start, null, Guid.NewGuid(), _noon.AddMinutes(i)).Facts;
        Assert.Equal((PingEffect.MaxRuns, _noon), (facts.Runs.Count, facts.Runs[0].At));
    }

    [Theory]
    [InlineData("ERROR: done", PingKind.Fail)]
    [InlineData("done", PingKind.Success)]
    [InlineData("begin", PingKind.Start)]
    [InlineData("nothing of these", PingKind.Ignored)]
    [InlineData("", PingKind.Ignored)]
    public void Words_in_the_body_are_looked_for_failure_first(string body, PingKind kind) =>
        Assert.Equal(kind, new KeywordsInput { Failure = ["ERROR"], Success = ["done"], Start = ["begin"] }.Meaning(body));

    private static PingEffect After(params (PingKind Kind, Guid? Rid, int Minute)[] pings)
    {
        var effect = new PingEffect(_nothing, null);
        foreach (var (kind, rid, minute) in pings) effect = PingEffect.Of(effect.Facts, kind, null, rid, _noon.AddMinutes(minute));
        return effect;
    }
}
