using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>What becomes of a run when something happens to it. Pure: it changes the run it is given, and nothing else.</summary>
public static class RunMachine
{
    /// <summary>A new run, standing at its first step.</summary>
    public static RecoveryRun Begin(RecoveryPlanInput plan, bool drill, bool dryRun, Actor by, DateTimeOffset now, long? incident = null, bool automatic = false)
    {
        var run = new RecoveryRun
        {
            Plan = plan.Name,
            Service = plan.Service,
            Definition = plan,
            Drill = drill,
            DryRun = dryRun,
            Automatic = automatic,
            IncidentNumber = incident,
            Resources = [.. plan.Resources],
            StartedBy = by.Name,
            StarterId = by.Kind == ActorKind.Person ? by.Id : null,
            StartedAt = now,
        };
        Stand(run, now);
        return run;
    }

    /// <summary>A node takes up the step.</summary>
    public static void Take(RecoveryRun run, string node, DateTimeOffset lease, DateTimeOffset now)
    {
        run.LeaseUntil = lease;
        run.Records = [.. run.Records, new(run.Step, StepState.Running, now, null, node, null, null)];
    }

    /// <summary>The step was done, well or not, or cut short. A dry run goes on after a check that does not hold: it is there to find all of them.</summary>
    public static void Finish(RecoveryRun run, StepOutcome outcome, DateTimeOffset now)
    {
        var (isWell, output) = (outcome.IsWell, outcome.Output);
        EndRecord(run, isWell ? StepState.Done : outcome.WasCut ? StepState.Interrupted : StepState.Failed, outcome.Words, output, now);
        if (run.IsOver) return; // aborted meanwhile
        if (RpoOf(output) is { } rpo && (run.MeasuredRpo is not { } known || rpo > known)) run.MeasuredRpo = rpo;
        if (isWell || run.DryRun) Advance(run, now);
        else (run.State, run.Reason, run.AgreedBy) = (RunState.Waiting, Phrase.Of("run.step_failed", run.Step + 1), []); // what was agreed to was that one attempt
    }

    /// <summary>The node that did the step fell silent. What only looks is looked at again; whether anything else was done, a person must see.</summary>
    public static void Interrupt(RecoveryRun run, DateTimeOffset now)
    {
        EndRecord(run, StepState.Interrupted, Phrase.Of("run.interrupted"), null, now);
        run.LeaseUntil = null;
        if (run.Current?.Check is not null || run.DryRun) return;
        (run.State, run.Reason, run.Confirmed, run.AgreedBy) = (RunState.Waiting, Phrase.Of("run.interrupted_wait", run.Step + 1), false, []);
    }

    /// <summary>A person agrees: the manual step is done, or the step may be done, or tried again.</summary>
    public static Outcome<RecoveryRun> Confirm(RecoveryRun run, Actor by, string? comment, DateTimeOffset now)
    {
        if (run.State != RunState.Waiting || run.Current is not { } step) return Refusal.Conflict(Phrase.Of("run.not_waiting"));
        if (step.Destructive && run.Definition.People > 1)
        {
            if (by.Kind != ActorKind.Person) return Refusal.Conflict(Phrase.Of("run.program", by.Name));
            List<long> agreed = [.. run.AgreedBy];
            if (run.StarterId is { } starter && !agreed.Contains(starter)) agreed.Add(starter);
            if (agreed.Contains(by.Id)) return Refusal.Conflict(Phrase.Of("run.somebody_else", by.Name));
            run.AgreedBy = [.. run.AgreedBy, by.Id];
            if (agreed.Count + 1 < run.Definition.People)
            {
                run.Reason = Phrase.Of("run.confirm_more", by.Name);
                return run;
            }
        }
        if (step.Manual is not null)
        {
            run.Records = [.. run.Records, new(run.Step, StepState.Done, now, now, by.Name, null, comment)];
            Advance(run, now);
        }
        else (run.State, run.Reason, run.Confirmed) = (RunState.Running, null, true);
        return run;
    }

    /// <summary>A person passes over the step.</summary>
    public static Outcome<RecoveryRun> Skip(RecoveryRun run, string by, string? comment, DateTimeOffset now)
    {
        if (run.State != RunState.Waiting) return Refusal.Conflict(Phrase.Of("run.not_waiting"));
        run.Records = [.. run.Records, new(run.Step, StepState.Skipped, now, now, by, null, comment)];
        Advance(run, now);
        return run;
    }

    /// <summary>No further step is begun; its node cuts short what is being done.</summary>
    public static Outcome<RecoveryRun> Abort(RecoveryRun run, string by, DateTimeOffset now)
    {
        if (run.IsOver) return Refusal.Conflict(Phrase.Of("run.over"));
        (run.State, run.Reason, run.EndedAt) = (RunState.Aborted, Phrase.Of("run.aborted", by), now);
        return run;
    }

    /// <summary>A person takes note of a run that started by itself: its plan may do so again.</summary>
    public static Outcome<RecoveryRun> See(RecoveryRun run, string by, DateTimeOffset now)
    {
        if (!run.Automatic || run.SeenAt is not null) return Refusal.Conflict(Phrase.Of("run.seen_already"));
        (run.SeenBy, run.SeenAt) = (by, now);
        return run;
    }

    /// <summary>Reads <c>rpo=12s</c> in what a step said; null: it measured nothing.</summary>
    public static TimeSpan? RpoOf(string? output) =>
        (output ?? "").Split((char[])[' ', '\n', '\r', '\t', ','], StringSplitOptions.RemoveEmptyEntries).LastOrDefault(w => w.StartsWith("rpo=", StringComparison.Ordinal)) is { } word && DurationText.TryParse(word[4..], out var rpo) ? rpo : null;

    private static void Advance(RecoveryRun run, DateTimeOffset now)
    {
        run.AgreedBy = [];
        (run.Step, run.Confirmed, run.LeaseUntil) = (run.Step + 1, false, null);
        if (!run.IsOver) Stand(run, now);
    }

    private static void Stand(RecoveryRun run, DateTimeOffset now)
    {
        if (run.Current is not { } step)
        {
            var isWell = run.Records.GroupBy(r => r.Step).All(g => g.Last().State is StepState.Done or StepState.Skipped);
            (run.State, run.Reason, run.EndedAt) = (isWell ? RunState.Done : RunState.Failed, null, now);
            return;
        }
        if (run.DryRun) (run.State, run.Reason) = (RunState.Running, null);
        else if (step.Manual is not null) (run.State, run.Reason) = (RunState.Waiting, Phrase.Of("run.manual"));
        else if (step.Destructive) (run.State, run.Reason) = (RunState.Waiting, Phrase.Of(run.Definition.People == 1 ? "run.confirm" : run.StarterId is null ? "run.confirm_both" : "run.confirm_two"));
        else (run.State, run.Reason) = (RunState.Running, null);
    }

    private static void EndRecord(RecoveryRun run, StepState state, Phrase? words, string? output, DateTimeOffset now)
    {
        if (run.Records.Count > 0 && run.Records[^1] is { State: StepState.Running or StepState.Interrupted } last) run.Records = [.. run.Records.SkipLast(1), last with { State = state, EndedAt = now, Words = words, Output = output }];
        run.LeaseUntil = null;
    }
}
