using CsCheck;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class ProbeVerdictTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 22, 18, 0, 0, TimeSpan.Zero);
    private static readonly Observation _bad = Observation.Down("probe.closed");
    private static readonly Observation _warned = Observation.Warn("probe.closed");

    [Fact]
    public void Two_failures_in_a_row_are_an_alert_and_the_first_is_looked_at_again_soon()
    {
        var rules = new ProbeDefinition { Failures = 2, RetryInterval = TimeSpan.FromSeconds(2) };
        var first = ProbeVerdict.Of(new() { Status = ProbeStatus.Up, Since = _start }, _bad, _start.AddMinutes(1), rules);
        Assert.Equal((ProbeStatus.Up, ProbeEvent.None, TimeSpan.FromSeconds(2)), (first.Status, first.Event, first.RecheckIn));

        var second = ProbeVerdict.Of(After(first), _bad, _start.AddMinutes(2), rules);
        Assert.Equal((ProbeStatus.Down, ProbeEvent.WentDown, null), (second.Status, second.Event, second.RecheckIn));
        Assert.Equal(_start.AddMinutes(2), second.Since);
    }

    [Fact]
    public void A_probe_never_checked_before_can_go_down_and_does_not_come_back_from_nothing()
    {
        var rules = new ProbeDefinition { Failures = 1 };
        Assert.Equal(ProbeEvent.WentDown, ProbeVerdict.Of(null, _bad, _start, rules).Event);
        Assert.Equal((ProbeStatus.Up, ProbeEvent.None), (ProbeVerdict.Of(null, Observation.Up, _start, rules).Status, ProbeVerdict.Of(null, Observation.Up, _start, rules).Event));
    }

    [Fact]
    public void A_recheck_never_waits_longer_than_the_interval() =>
        Assert.Equal(TimeSpan.FromSeconds(1), ProbeVerdict.Of(null, _bad, _start, new() { Failures = 2, Interval = TimeSpan.FromSeconds(1), RetryInterval = TimeSpan.FromSeconds(2) }).RecheckIn);

    [Fact]
    public void A_warning_is_an_alert_of_its_own_and_a_failure_takes_its_place_once_confirmed()
    {
        var rules = new ProbeDefinition { Failures = 2, Recoveries = 2 };
        var state = new ProbeState { Status = ProbeStatus.Up, Since = _start };
        List<(ProbeStatus, ProbeEvent)> seen = [];
        foreach (var check in new[] { _warned, _warned, _warned, _bad, _warned, _bad, _bad, _warned, _bad, _warned, _warned, Observation.Up, _warned, Observation.Up, Observation.Up })
        {
            var verdict = ProbeVerdict.Of(state, check, _start, rules);
            verdict.CopyTo(state);
            seen.Add((verdict.Status, verdict.Event));
        }
        Assert.Equal(
        [
            (ProbeStatus.Up, ProbeEvent.None), (ProbeStatus.Warning, ProbeEvent.WentDown), (ProbeStatus.Warning, ProbeEvent.None), // two warnings
            (ProbeStatus.Warning, ProbeEvent.None), (ProbeStatus.Warning, ProbeEvent.None), // one failure is not enough
            (ProbeStatus.Warning, ProbeEvent.None), (ProbeStatus.Down, ProbeEvent.Changed), // two are
            (ProbeStatus.Down, ProbeEvent.None), (ProbeStatus.Down, ProbeEvent.None), (ProbeStatus.Down, ProbeEvent.None), (ProbeStatus.Warning, ProbeEvent.Changed),
            (ProbeStatus.Warning, ProbeEvent.None), (ProbeStatus.Warning, ProbeEvent.None), (ProbeStatus.Warning, ProbeEvent.None), (ProbeStatus.Up, ProbeEvent.CameBack),
        ], seen);
    }

    [Fact]
    public void A_warning_that_turns_bad_at_once_is_told_as_what_it_is_now() =>
        Assert.Equal((ProbeStatus.Down, ProbeEvent.WentDown), Of(ProbeVerdict.Of(After(ProbeVerdict.Of(null, _warned, _start, new())), _bad, _start, new())));

    private static (ProbeStatus, ProbeEvent) Of(ProbeVerdict verdict) => (verdict.Status, verdict.Event);

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
                var verdict = ProbeVerdict.Of(state, checks[i] ? Observation.Up : _bad, _start.AddSeconds(i), rules);
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
