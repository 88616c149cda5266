using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;

namespace Picasoft.Ops.Tests.Core.Recovery;

public sealed class RunMachineTests
{
    private static readonly Actor _camille = new(ActorKind.Person, 1, "camille");
    private static readonly Actor _sacha = new(ActorKind.Person, 2, "sacha");
    private static readonly Actor _program = new(ActorKind.Token, 3, "deploy");
    private static readonly DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly RecoveryStepInput _check = new() { Title = "look", Check = new() { Url = "http://127.0.0.1/" } };
    private static readonly RecoveryStepInput _manual = new() { Title = "walk", Manual = "Go there." };
    private static readonly RecoveryStepInput _call = new() { Title = "call", Http = new() { Url = "http://127.0.0.1/" }, Destructive = true };

    [Fact]
    public void It_goes_by_itself_waits_for_people_and_ends()
    {
        var run = Begin(1, _check, _manual);
        Assert.Equal(RunState.Running, run.State);
        Do(run, true);
        Assert.Equal((RunState.Waiting, 1), (run.State, run.Step));
        Assert.True(RunMachine.Confirm(run, _camille, "done", _now).IsDone);
        Assert.Equal(RunState.Done, run.State);
        Assert.Equal(["alice", "camille"], run.Records.Select(r => r.By));
    }

    [Fact]
    public void What_fails_waits_and_may_be_tried_again_or_passed_over()
    {
        var run = Begin(1, _check, _check);
        Do(run, false);
        Assert.Equal((RunState.Waiting, 0), (run.State, run.Step));
        Assert.True(RunMachine.Confirm(run, _camille, null, _now).IsDone);
        Do(run, true);
        Do(run, false);
        Assert.True(RunMachine.Skip(run, "camille", "known", _now).IsDone);
        Assert.Equal(RunState.Done, run.State);
        Assert.False(RunMachine.Skip(run, "camille", null, _now).IsDone);
    }

    /// <summary>Whose words count, where two people must agree.</summary>
    [Theory]
    [InlineData("sacha", "camille", "+")]
    [InlineData("sacha", "sacha", "run.somebody_else")]
    [InlineData("sacha", "deploy", "run.program")]
    [InlineData("sacha", "Picasoft.Ops", "run.program")]
    [InlineData("sacha", "deploy camille", "run.program +")]
    [InlineData("deploy", "deploy", "run.program")]
    [InlineData("deploy", "camille", "more")] // whoever made that key, perhaps
    [InlineData("deploy", "camille camille deploy sacha", "more run.somebody_else run.program +")]
    [InlineData("Picasoft.Ops", "sacha sacha camille", "more run.somebody_else +")]
    public void Where_two_people_must_agree_only_people_count_and_each_once(string starter, string words, string expected)
    {
        Actor[] all = [_camille, _sacha, _program, Actor.System];
        Actor Find(string name) => all.Single(a => a.Name == name);
        var run = RunMachine.Begin(Plan(2, _call), drill: false, dryRun: false, Find(starter), _now);
        Assert.Equal((RunState.Waiting, starter == "sacha" ? "run.confirm_two" : "run.confirm_both"), (run.State, run.Reason!.Key));
        var came = words.Split(' ').Select(name => RunMachine.Confirm(run, Find(name), null, _now) is { Refusal: { } refusal } ? refusal.Errors[0].Message.Key : run.State == RunState.Running ? "+" : "more").ToList();
        Assert.Equal(expected, string.Join(' ', came));
        Assert.Equal(expected.EndsWith('+') ? RunState.Running : RunState.Waiting, run.State);
    }

    [Fact]
    public void Two_of_one_name_are_two_and_one_who_took_another_name_is_one()
    {
        var run = Begin(2, _call);
        Assert.False(RunMachine.Confirm(run, _sacha with { Name = "Sacha B." }, null, _now).IsDone);
        Assert.True(RunMachine.Confirm(run, _camille with { Name = "sacha" }, null, _now).IsDone);
    }

    [Fact]
    public void Where_one_is_enough_it_may_be_a_program()
    {
        var run = Begin(1, _call);
        Assert.True(RunMachine.Confirm(run, _program, null, _now).IsDone);
        Assert.Equal(RunState.Running, run.State);
    }

    [Fact]
    public void Somebody_takes_note_of_a_run_that_began_by_itself_once()
    {
        var run = RunMachine.Begin(Plan(2, _call), drill: false, dryRun: false, Actor.System, _now, incident: 7, automatic: true);
        Assert.True(RunMachine.See(run, "sacha", _now).IsDone);
        Assert.False(RunMachine.See(run, "camille", _now).IsDone);
    }

    [Fact]
    public void Checks_come_before_the_first_step_and_a_run_holds_what_it_touches()
    {
        var run = RunMachine.Begin(Plan(1, _manual) with { Preflight = [new() { Title = "look", Check = _check.Check }], Shares = ["mail"] }, drill: false, dryRun: false, _sacha, _now);
        Assert.Equal(("look", RunState.Running), (run.Current!.Title, run.State));
        Do(run, true);
        Assert.Equal("walk", run.Current!.Title);
        Assert.Equal(["postgres", "mail"], run.Resources);
    }

    [Fact]
    public void A_step_that_was_cut_short_is_looked_at_by_a_person_unless_it_only_looked()
    {
        var looked = Begin(1, _check);
        RunMachine.Take(looked, "alice", _now, _now);
        RunMachine.Interrupt(looked, _now);
        Assert.Equal((RunState.Running, StepState.Interrupted), (looked.State, looked.Records[0].State));

        var called = Begin(1, _call);
        RunMachine.Confirm(called, _camille, null, _now);
        RunMachine.Take(called, "alice", _now, _now);
        RunMachine.Interrupt(called, _now);
        Assert.Equal((RunState.Waiting, 0), (called.State, called.Step));
    }

    [Fact]
    public void Who_was_only_silent_for_a_while_still_says_what_came_of_it()
    {
        var run = Begin(1, _call, _check);
        RunMachine.Confirm(run, _camille, null, _now);
        RunMachine.Take(run, "alice", _now, _now);
        RunMachine.Interrupt(run, _now);
        RunMachine.Finish(run, new(true, null, "moved"), _now);
        Assert.Equal((RunState.Running, 1), (run.State, run.Step));
        Assert.Equal((StepState.Done, "moved"), (Assert.Single(run.Records).State, run.Records[0].Output));
    }

    [Fact]
    public void A_dry_run_stops_at_nothing_and_tells_that_a_check_does_not_hold()
    {
        var run = RunMachine.Begin(Plan(2, _check, _manual, _call), drill: false, dryRun: true, _sacha, _now);
        Do(run, false);
        Do(run, true);
        Do(run, true);
        Assert.Equal(RunState.Failed, run.State);
    }

    [Fact]
    public void Aborting_ends_it_also_for_the_step_that_is_still_being_done()
    {
        var run = Begin(1, _check, _check);
        RunMachine.Take(run, "alice", _now, _now);
        Assert.True(RunMachine.Abort(run, "camille", _now).IsDone);
        RunMachine.Finish(run, new(true, null, null), _now);
        Assert.Equal(RunState.Aborted, run.State);
        Assert.Equal(StepState.Done, run.Records[0].State);
    }

    private static void Do(RecoveryRun run, bool isWell)
    {
        RunMachine.Take(run, "alice", _now, _now);
        RunMachine.Finish(run, new(isWell, null, null), _now);
    }

    private static RecoveryRun Begin(int people, params RecoveryStepInput[] steps) => RunMachine.Begin(Plan(people, steps), drill: false, dryRun: false, _sacha, _now);

    private static RecoveryPlanInput Plan(int people, params RecoveryStepInput[] steps) => new() { Name = "plan", Service = "postgres", People = people, Steps = steps };
}
