using CsCheck;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class ProbeVerdictTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 22, 18, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Two_failures_in_a_row_are_an_alert_and_the_first_is_looked_at_again_soon()
    {
        var rules = new ProbeDefinition { Failures = 2, RetryInterval = TimeSpan.FromSeconds(2) };
        var first = ProbeVerdict.Of(new() { Status = ProbeStatus.Up, Since = _start }, false, _start.AddMinutes(1), rules);
        Assert.Equal((ProbeStatus.Up, ProbeEvent.None, TimeSpan.FromSeconds(2)), (first.Status, first.Event, first.RecheckIn));

        var second = ProbeVerdict.Of(After(first), false, _start.AddMinutes(2), rules);
        Assert.Equal((ProbeStatus.Down, ProbeEvent.WentDown, null), (second.Status, second.Event, second.RecheckIn));
        Assert.Equal(_start.AddMinutes(2), second.Since);
    }

    [Fact]
    public void A_probe_never_checked_before_can_go_down_and_does_not_come_back_from_nothing()
    {
        var rules = new ProbeDefinition { Failures = 1 };
        Assert.Equal(ProbeEvent.WentDown, ProbeVerdict.Of(null, false, _start, rules).Event);
        Assert.Equal((ProbeStatus.Up, ProbeEvent.None), (ProbeVerdict.Of(null, true, _start, rules).Status, ProbeVerdict.Of(null, true, _start, rules).Event));
    }

    [Fact]
    public void A_recheck_never_waits_longer_than_the_interval() =>
        Assert.Equal(TimeSpan.FromSeconds(1), ProbeVerdict.Of(null, false, _start, new() { Failures = 2, Interval = TimeSpan.FromSeconds(1), RetryInterval = TimeSpan.FromSeconds(2) }).RecheckIn);

    /// <summary>Against the plainest reading of the rules: look back at the last checks.</summary>
    [Fact]
    public void Any_sequence_of_checks_is_judged_by_the_last_failures_or_recoveries_in_a_row() =>
        Gen.Select(Gen.Bool.Array[0, 60], Gen.Int[1, 5], Gen.Int[1, 5]).Sample((checks, failures, recoveries) =>
        {
            var rules = new ProbeDefinition { Failures = failures, Recoveries = recoveries };
            var state = new ProbeState { Status = ProbeStatus.Unknown };
            var down = false;
            for (var i = 0; i < checks.Length; i++)
            {
                var verdict = ProbeVerdict.Of(state, checks[i], _start.AddSeconds(i), rules);
                var falls = !down && i + 1 >= failures && checks[(i + 1 - failures)..(i + 1)].All(ok => !ok);
                var rises = down && i + 1 >= recoveries && checks[(i + 1 - recoveries)..(i + 1)].All(ok => ok);
                Assert.Equal(falls ? ProbeEvent.WentDown : rises ? ProbeEvent.CameBack : ProbeEvent.None, verdict.Event);
                down = falls || (down && !rises);
                Assert.Equal(down, verdict.Status == ProbeStatus.Down);
                Assert.Equal(!checks[i] && !down, verdict.RecheckIn is not null);
                verdict.CopyTo(state);
            }
        });

    private static ProbeState After(ProbeVerdict verdict)
    {
        var state = new ProbeState();
        verdict.CopyTo(state);
        return state;
    }
}
