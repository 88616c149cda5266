using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Logs.Windows;

namespace Picasoft.Ops.Tests.Core.Logs;

public sealed class RuleJudgeTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 25, 3, 0, 0, TimeSpan.Zero);

    private static readonly LogRuleInput _rule = new() { Name = "r", Match = "x" };

    [Fact]
    public void A_threshold_counts_what_lies_within_its_time()
    {
        var rule = _rule with { Threshold = new() { Count = 3, Within = TimeSpan.FromMinutes(10) } };
        var after = Hear(rule, null, 0, 9, 18);
        Assert.Equal(RuleTurn.None, after.Turn);
        var fired = Hear(rule, after.State, 18.5);
        Assert.Equal((RuleTurn.Begin, 3, At(9)), (fired.Turn, fired.Count, fired.Since));
        Assert.Equal(At(48.5), fired.State.EndsAt);
    }

    [Fact]
    public void Lines_that_come_late_are_counted_in_their_place()
    {
        var rule = _rule with { Threshold = new() { Count = 3, Within = TimeSpan.FromMinutes(10) } };
        var after = Hear(rule, null, 20, 15);
        Assert.Equal(RuleTurn.Begin, Hear(rule, after.State, 12).Turn);
        Assert.Equal(RuleTurn.None, Hear(rule, after.State, 9).Turn);
    }

    [Fact]
    public void A_flood_needs_no_more_room_than_its_hundredths()
    {
        IReadOnlyList<Tally> window = [];
        for (var i = 0; i < 100_000; i++) window = CountWindow.Add(window, _start.AddMilliseconds(i * 7), 1, TimeSpan.FromMinutes(10));
        Assert.InRange(window.Count, 90, 102);
        Assert.InRange(CountWindow.Sum(window), 84_700, 86_600);
    }

    [Fact]
    public void What_should_come_again_and_again_is_missed()
    {
        var rule = _rule with { AbsentFor = TimeSpan.FromHours(26) };
        var seen = Hear(rule, null, 0).State;
        Assert.Equal(At(26 * 60), RuleJudge.DueAt(rule, _start, seen));
        Assert.Equal(RuleTurn.None, RuleJudge.Waited(rule, _start, seen, At(26 * 60 - 1)).Turn);
        var missed = RuleJudge.Waited(rule, _start, seen, At(26 * 60));
        Assert.Equal((RuleTurn.Begin, At(0)), (missed.Turn, missed.Since));
        Assert.Null(missed.State.EndsAt); // nothing but the line ends it
        Assert.Equal(RuleTurn.None, RuleJudge.Waited(rule, _start, missed.State, At(30 * 60)).Turn);
        Assert.Equal(RuleTurn.End, Hear(rule, missed.State, 31 * 60).Turn);
    }

    [Fact]
    public void What_never_came_is_missed_from_when_the_rule_was_made() =>
        Assert.Equal(RuleTurn.Begin, RuleJudge.Waited(_rule with { AbsentFor = TimeSpan.FromHours(26) }, _start, null, At(26 * 60)).Turn);

    [Fact]
    public void A_beginning_without_an_end_is_told_and_the_end_ends_it()
    {
        var rule = _rule with { FollowedBy = new() { Match = "y", Within = TimeSpan.FromHours(2) } };
        var begun = Hear(rule, null, 0).State;
        Assert.Null(Judge(rule, begun, (LogRole.Follow, 60)).State.WaitingSince);
        var late = RuleJudge.Waited(rule, _start, begun, At(120));
        Assert.Equal((RuleTurn.Begin, At(0)), (late.Turn, late.Since));
        Assert.Equal(RuleTurn.End, Judge(rule, late.State, (LogRole.Follow, 130)).Turn);
    }

    [Fact]
    public void Something_new_is_told_once_and_only_when_it_has_learnt()
    {
        var rule = _rule with { FirstSeen = new() { Fields = ["host"], Learn = TimeSpan.FromHours(1) } };
        Assert.Equal(RuleTurn.None, Hear(rule, null, 30).Turn);
        var found = Hear(rule, null, 61);
        Assert.Equal(RuleTurn.Begin, found.Turn);
        Assert.Equal(RuleTurn.None, Hear(rule, found.State with { Firing = false }, 62).Turn);
    }

    [Fact]
    public void A_line_can_say_that_it_is_over()
    {
        var rule = _rule with { Resolve = new() { Match = "fine" } };
        var fired = Hear(rule, null, 0);
        Assert.Equal((RuleTurn.Begin, null), (fired.Turn, fired.State.EndsAt));
        Assert.Equal(RuleTurn.End, Judge(rule, fired.State, (LogRole.End, 5)).Turn);
        Assert.Equal(RuleTurn.None, Judge(rule, null, (LogRole.Match, 6), (LogRole.End, 6)).Turn);
    }

    [Theory]
    [InlineData(false, 70, 1000, true)] // 20 are usual
    [InlineData(false, 60, 1000, false)]
    [InlineData(false, 15, 20, false)] // too few to matter
    [InlineData(true, 70, 1000, false)] // 7 %, where 3.6 % are usual
    public void More_than_in_the_same_hour_of_past_weeks_is_unusual(bool share, int matched, int all, bool isUnusual)
    {
        (long, long)[] past = share ? [(20, 500), (20, 600)] : [(10, 1000), (30, 1000)];
        Assert.Equal(isUnusual, RuleJudge.Usual(new() { Times = 3, AtLeast = 20, Share = share }, (matched, all), past) is not null);
    }

    [Fact]
    public void Without_a_past_nothing_is_unusual() => Assert.Null(RuleJudge.Usual(new(), (1000, 1000), []));

    private static DateTimeOffset At(double minutes) => _start.AddMinutes(minutes);

    private static RuleVerdict Hear(LogRuleInput rule, RuleState? state, params double[] minutes) => Judge(rule, state, [.. minutes.Select(m => (LogRole.Match, m))]);

    private static RuleVerdict Judge(LogRuleInput rule, RuleState? state, params (LogRole Role, double Minutes)[] events) =>
        RuleJudge.Heard(rule, _start, state, [.. events.Select(e => new RuleEvent(e.Role, At(e.Minutes)))], At(events[^1].Minutes));
}
