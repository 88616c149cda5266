using Picasoft.Ops.Core.Recovery;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>When one administrator has made a plan laxer on which two people must agree.</summary>
public sealed class LaxerPlanTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 3, 0, 0, TimeSpan.Zero);
    private static readonly RecoveryStepInput _look = new() { Title = "Look", Check = new() { Url = "http://127.0.0.1/" } };
    private static readonly RecoveryStepInput _tell = new() { Title = "Tell people", Manual = "Tell them." };
    private static readonly RecoveryStepInput _restart = new() { Title = "Restart", Docker = new() { Container = "wiki", Action = DockerAction.Restart } };
    private static readonly RecoveryStepInput _wipe = new() { Title = "Wipe", Destructive = true, Plugin = new() { Command = "wipe", Arguments = ["--all"] } };
    private static readonly RecoveryPlanInput _two = new() { Name = "plan", Service = "wiki", People = 2, Steps = [_look, _restart, _wipe] };

    [Fact]
    public void Fewer_people_or_an_act_that_nobody_is_asked_for_is_laxer()
    {
        Assert.True((_two with { People = 1 }).IsLaxerThan(_two));
        Assert.True((_two with { Steps = [_look, _restart, _wipe with { Destructive = false }] }).IsLaxerThan(_two));
        Assert.True((_two with { Steps = [_look, _restart, _wipe, _restart with { Docker = _restart.Docker! with { Container = "other" } }] }).IsLaxerThan(_two));
    }

    [Fact]
    public void Words_order_what_looks_and_what_more_must_be_asked_for_is_not()
    {
        Assert.False((_two with { Title = "Another", Steps = [_wipe with { Title = "Empty it", Timeout = TimeSpan.FromMinutes(2) }, _restart with { Title = "Again" }, _tell, _look, _look] }).IsLaxerThan(_two));
        Assert.False((_two with { Steps = [_restart with { Destructive = true }] }).IsLaxerThan(_two));
        Assert.False((_two with { People = 1 }).IsLaxerThan(_two with { People = 1, Steps = [_wipe] }), "one person could before");
    }

    [Fact]
    public void Until_another_agrees_two_must_agree_to_whatever_acts()
    {
        var (state, lax) = (new PlanState(), _two with { People = 1, Steps = [_look, _tell, _restart, _wipe with { Destructive = false }] });
        state.Change(_two, lax, "camille", _now);
        Assert.Equal(("camille", true), (state.LaxBy, state.IsLaxer(lax)));
        var guarded = state.Guard(lax);
        Assert.Equal((2, 4), (guarded.People, guarded.Steps.Count));
        Assert.Equal([false, false, true, true], guarded.Steps.Select(s => s.Destructive));

        // A second edit does not make the first one the rule.
        state.Change(lax, lax with { Title = "Another" }, "camille", _now);
        Assert.True(state.IsLaxer(lax));
        state.Agree();
        Assert.Same(lax, state.Guard(lax));
    }

    [Fact]
    public void As_strict_again_it_needs_nobody_and_taken_away_it_is_not_forgotten()
    {
        var (state, lax) = (new PlanState(), _two with { People = 1 });
        state.Change(_two, lax, "camille", _now);
        state.Change(lax, _two, "camille", _now);
        Assert.Null(state.Agreed);

        state.Change(_two, null, "camille", _now);
        state.Change(null, lax, "camille", _now);
        Assert.True(state.IsLaxer(lax));
    }
}
