using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>What a plan's drills have shown. Pure.</summary>
/// <param name="LastGood">The last drill or real run that ended well.</param>
/// <param name="Last">The last drill that is over.</param>
public sealed record DrillProof(RecoveryRun? LastGood, RecoveryRun? Last)
{
    /// <summary>What is wrong with it, in the order of urgency; null: nothing.</summary>
    /// <param name="knownSince">Since when the plan has been there.</param>
    public Phrase? Trouble(RecoveryPlanInput plan, TimeSpan? rto, TimeSpan? rpo, DateTimeOffset knownSince, DateTimeOffset now)
    {
        if (Last is { State: RunState.Failed or RunState.Aborted } failed) return Phrase.Of("drill.failed", plan.Shown, failed.Id);
        if (plan.Drill is { } drill && (LastGood?.EndedAt ?? knownSince) + drill.OverdueAfter <= now) return LastGood is null ? Phrase.Of("drill.never", plan.Shown, drill.OverdueAfter) : Phrase.Of("drill.overdue", plan.Shown, LastGood.EndedAt, drill.OverdueAfter);
        if (LastGood is { Took: { } took } && rto is { } target && took > target) return Phrase.Of("drill.too_slow", plan.Shown, took, target);
        return LastGood is { MeasuredRpo: { } lost } && rpo is { } most && lost > most ? Phrase.Of("drill.lost_too_much", plan.Shown, lost, most) : null;
    }
}
