using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;

namespace Picasoft.Ops.Tests.Core.Recovery;

public sealed class AutomaticPlannerTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly RecoveryPlanInput _plan = new() { Name = "plan", Service = "pads", Automatic = new() { After = TimeSpan.FromSeconds(30), Locations = 2, AtMost = 2, Within = TimeSpan.FromDays(1) } };
    private static readonly AutomaticFacts _facts = new(_now.AddMinutes(-1), Severity.Critical, true, ["toulouse", "compiegne"], [], false, new HashSet<long>(), null);

    [Fact]
    public void It_starts_when_every_guard_allows_it() => Assert.True(AutomaticPlanner.Decide(_plan, _facts, _now).Start);

    [Fact]
    public void It_waits_its_time_and_says_nothing()
    {
        foreach (var facts in new[] { _facts with { OpenedAt = _now.AddSeconds(-29) }, _facts with { Severity = Severity.High }, _facts with { Told = false }, _facts with { HasRun = true } })
            Assert.Equal((false, null), AutomaticPlanner.Decide(_plan, facts, _now));
        Assert.Equal((false, null), AutomaticPlanner.Decide(_plan with { Automatic = null }, _facts, _now));
    }

    [Fact]
    public void What_holds_it_back_is_said()
    {
        var seen = new RecoveryRun { Id = 4, Plan = "plan", Automatic = true, IncidentNumber = 7, StartedAt = _now.AddHours(-2), SeenAt = _now.AddHours(-1) };
        var unseen = new RecoveryRun { Id = 5, Plan = "plan", Automatic = true, IncidentNumber = 8, StartedAt = _now.AddHours(-1) };
        Assert.Equal("auto.locations", Refused(_facts with { Locations = ["toulouse"] }));
        Assert.Equal("auto.locked", Refused(_facts with { Runs = [unseen, seen] }));
        Assert.Equal("auto.at_most", Refused(_facts with { Runs = [unseen, seen], Acknowledged = new HashSet<long> { 8 } }));
        Assert.Equal("auto.busy", Refused(_facts with { Runs = [seen], BusyWith = new() { Id = 6, Plan = "other" } }));
        Assert.True(AutomaticPlanner.Decide(_plan, _facts with { Runs = [seen] }, _now).Start);
        // What lies outside the window counts no more.
        Assert.True(AutomaticPlanner.Decide(_plan, _facts with { Runs = [unseen, seen], Acknowledged = new HashSet<long> { 8 } }, _now.AddDays(1)).Start);
    }

    [Fact]
    public void A_drill_is_overdue_failed_or_too_slow()
    {
        var plan = _plan with { Drill = new() { OverdueAfter = TimeSpan.FromDays(30) } };
        var good = new RecoveryRun { Id = 1, State = RunState.Done, StartedAt = _now.AddDays(-20), EndedAt = _now.AddDays(-20).AddMinutes(10), MeasuredRpo = TimeSpan.FromMinutes(2) };
        string? Trouble(DrillProof proof, TimeSpan? rto = null, TimeSpan? rpo = null, int later = 0) => proof.Trouble(plan, rto, rpo, _now.AddDays(-29), _now.AddDays(later))?.Key;
        Assert.Null(Trouble(new(null, null)));
        Assert.Equal("drill.never", Trouble(new(null, null), later: 1));
        Assert.Null(Trouble(new(good, good), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(2)));
        Assert.Equal("drill.overdue", Trouble(new(good, good), later: 11));
        Assert.Equal("drill.too_slow", Trouble(new(good, good), TimeSpan.FromMinutes(9)));
        Assert.Equal("drill.lost_too_much", Trouble(new(good, good), TimeSpan.FromMinutes(10), TimeSpan.Zero));
        Assert.Equal("drill.failed", Trouble(new(good, new RecoveryRun { Id = 2, Drill = true, State = RunState.Failed })));
    }

    private static string? Refused(AutomaticFacts facts) => AutomaticPlanner.Decide(_plan, facts, _now) is (false, { } refused) ? refused.Key : null;
}
