using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;

namespace Picasoft.Ops.Tests.Core.Recovery;

/// <summary>When one administrator has made a plan laxer on which two people must agree.</summary>
public sealed class LaxerPlanTests
{
    private static readonly Actor _camille = new(ActorKind.Person, 1, "camille");
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
        state.Change(_two, lax, _camille, _now);
        Assert.Equal(("camille", true), (state.LaxBy, state.IsLaxer(lax)));
        var guarded = state.Guard(lax);
        Assert.Equal((2, 4), (guarded.People, guarded.Steps.Count));
        Assert.Equal([false, false, true, true], guarded.Steps.Select(s => s.Destructive));

        // A second edit does not make the first one the rule.
        state.Change(lax, lax with { Title = "Another" }, _camille, _now);
        Assert.True(state.IsLaxer(lax));
        Assert.Null(state.Agree(new(ActorKind.Person, 2, "sacha"), _now));
        Assert.Same(lax, state.Guard(lax));
    }

    [Fact]
    public void As_strict_again_it_needs_nobody_and_taken_away_it_is_not_forgotten()
    {
        var (state, lax) = (new PlanState(), _two with { People = 1 });
        state.Change(_two, lax, _camille, _now);
        state.Change(lax, _two, _camille, _now);
        Assert.Null(state.Agreed);

        state.Change(_two, null, _camille, _now);
        state.Change(null, lax, _camille, _now);
        Assert.True(state.IsLaxer(lax));
    }

    /// <summary>
    /// Who does what, one after the other, and of whom one more is wanted then: a and b are administrators, t is a program's key.
    /// strict: as two stood by it; words: other words; one: one person is enough; bare: the last step no longer asks; both; more: one is enough, and a step more; gone: taken away; yes: agrees.
    /// </summary>
    [Theory]
    [InlineData("a:one", "a")]
    [InlineData("a:one b:yes", "")]
    [InlineData("a:one a:yes", "a recovery.agree_yourself")]
    [InlineData("a:one t:yes", "a recovery.agree_program")]
    [InlineData("a:words", "")]
    [InlineData("a:one b:words", "a")] // who only mends words stands by nothing: else a could agree to what a wrote
    [InlineData("a:one b:words a:yes", "a recovery.agree_yourself")]
    [InlineData("a:one b:words b:yes", "")]
    [InlineData("a:one b:both", "b")] // b went further, and stands by all of it: a agrees to that
    [InlineData("a:one b:both b:yes", "b recovery.agree_yourself")]
    [InlineData("a:one b:both a:yes", "")]
    [InlineData("a:bare b:one", "b")]
    [InlineData("a:both b:one", "a")] // stricter than a's, and laxer still than what two stood by
    [InlineData("a:both b:bare", "a")]
    [InlineData("a:one b:more", "b")] // a step that b put in, where one is enough
    [InlineData("a:one b:more b:yes", "b recovery.agree_yourself")]
    [InlineData("a:one b:both a:more", "a")]
    [InlineData("a:one b:strict", "")]
    [InlineData("a:one b:strict a:one", "a")]
    [InlineData("a:gone", "a")]
    [InlineData("a:gone b:one", "b")] // who writes it anew went furthest last
    [InlineData("a:gone b:one b:yes", "b recovery.agree_yourself")]
    [InlineData("a:one b:gone a:one", "a")]
    [InlineData("a:one b:gone b:strict", "")]
    [InlineData("t:one", "?")] // a program's word is nobody's: two people
    [InlineData("t:one a:yes", "a")]
    [InlineData("t:one a:yes a:yes", "a recovery.agree_yourself")]
    [InlineData("t:one a:yes b:yes", "")]
    [InlineData("t:one a:yes t:both", "?")] // what a agreed to is no more
    [InlineData("t:one a:yes t:words", "a")]
    [InlineData("a:one t:both a:yes", "a")]
    [InlineData("a:one b:yes a:bare", "")] // one was enough before
    public void Of_two_words_none_is_given_twice(string deeds, string expected)
    {
        var plans = new Dictionary<string, RecoveryPlanInput?>(StringComparer.Ordinal)
        {
            ["strict"] = _two,
            ["words"] = _two with { Title = "Another" },
            ["one"] = _two with { People = 1 },
            ["bare"] = _two with { Steps = [_look, _restart, _wipe with { Destructive = false }] },
            ["both"] = _two with { People = 1, Steps = [_look, _restart, _wipe with { Destructive = false }] },
            ["more"] = _two with { People = 1, Steps = [_look, _restart, _wipe, _restart with { Destructive = true, Docker = _restart.Docker! with { Container = "other" } }] },
            ["gone"] = null,
        };
        var actors = new Dictionary<string, Actor>(StringComparer.Ordinal) { ["a"] = new(ActorKind.Person, 1, "a"), ["b"] = new(ActorKind.Person, 2, "b"), ["t"] = new(ActorKind.Token, 1, "a") };
        var (state, plan) = (new PlanState(), (RecoveryPlanInput?)_two);
        Phrase? refused = null;
        foreach (var (who, what) in deeds.Split(' ').Select(d => d.Split(':')).Select(d => (d[0], d[1])))
        {
            if (what == "yes")
            {
                refused = state.Agree(actors[who], _now);
                continue;
            }
            // Other words keep what the plan does.
            var after = what == "words" && plan is not null ? plan with { Title = (plan.Title ?? "") + "!" } : plans[what];
            state.Change(plan, after, actors[who], _now);
            plan = after;
        }
        var missing = plan is null ? state.Agreed is null ? 0 : 1 : state.Missing(plan);
        Assert.Equal(expected, string.Join(' ', new[] { missing switch { 0 => "", 2 => "?", _ => state.LaxBy }, refused?.Key }.Where(w => !string.IsNullOrEmpty(w))));
    }
}
