using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>What is remembered of a plan between two looks. One row per plan.</summary>
public sealed class PlanState
{
    public string Plan { get; set; } = "";

    /// <summary>Since when it has been known: before its first drill, it is overdue counted from here.</summary>
    public DateTimeOffset KnownSince { get; set; }

    /// <summary>When the next drill starts by itself; null: never.</summary>
    public DateTimeOffset? DrillAt { get; set; }

    /// <summary>The calendar that <see cref="DrillAt"/> was read from.</summary>
    public string? Calendar { get; set; }

    /// <summary>What is told of its drills at the moment: the key of the alert's words; null: nothing.</summary>
    public string? Told { get; set; }

    /// <summary>The incident on which it was last written why the plan did not start by itself, and why.</summary>
    public long? RefusedIncident { get; set; }

    public string? Refused { get; set; }

    /// <summary>The plan as two people last stood by it, when one administrator has made it laxer since; null: nobody has.</summary>
    public RecoveryPlanInput? Agreed { get; set; }

    /// <summary>Who made it laxer last; or, when that was a program, the first administrator who agreed to it.</summary>
    public string? LaxBy { get; set; }

    /// <summary>The person that <see cref="LaxBy"/> is; null: a program, whose word is nobody's.</summary>
    public long? LaxById { get; set; }

    public DateTimeOffset? LaxAt { get; set; }

    /// <summary>How many administrators have yet to agree to it as it is.</summary>
    public int Missing(RecoveryPlanInput plan) => !IsLaxer(plan) ? 0 : LaxById is null ? 2 : 1;

    /// <summary>One administrator wants it laxer, and no other has agreed.</summary>
    public bool IsLaxer(RecoveryPlanInput plan) => Agreed is not null && plan.IsLaxerThan(Agreed);

    /// <summary>The plan as it may be run now.</summary>
    public RecoveryPlanInput Guard(RecoveryPlanInput plan) => IsLaxer(plan) ? plan.Guarded : plan;

    /// <summary>
    /// An administrator changes it, or (null) takes it away. A laxer one counts only when another has agreed; one that is as strict again needs nobody.
    /// Whoever went furthest last stands by all that they wrote; whoever only mended words stands by nothing.
    /// </summary>
    public void Change(RecoveryPlanInput? before, RecoveryPlanInput? after, Actor by, DateTimeOffset now)
    {
        if (Agreed is null)
        {
            if (before is null || !(after?.IsLaxerThan(before) ?? before.People > 1)) return;
            Agreed = before;
        }
        else if (after is null || (before is not null && IsLaxer(after) && !after.GoesBeyond(before))) return;
        else if (!IsLaxer(after))
        {
            Settle();
            return;
        }
        (LaxBy, LaxById, LaxAt) = (by.Name, by.Kind == ActorKind.Person ? by.Id : null, now);
    }

    /// <summary>Somebody agrees to it as it is; answers why their word does not count, or null. What a program made laxer takes two people.</summary>
    public Phrase? Agree(Actor by, DateTimeOffset now)
    {
        if (by.Kind != ActorKind.Person) return Phrase.Of("recovery.agree_program", by.Name);
        if (by.Id == LaxById) return Phrase.Of("recovery.agree_yourself", by.Name);
        if (LaxById is null) (LaxBy, LaxById, LaxAt) = (by.Name, by.Id, now);
        else Settle();
        return null;
    }

    /// <summary>It counts as it is written.</summary>
    public void Settle() => (Agreed, LaxBy, LaxById, LaxAt) = (null, null, null, null);
}

internal sealed class PlanStateMapping : IEntityTypeConfiguration<PlanState>
{
    public void Configure(EntityTypeBuilder<PlanState> builder)
    {
        builder.ToTable("recovery_plan_states");
        builder.HasKey(p => p.Plan);
        builder.Property(p => p.Plan).HasMaxLength(100);
        builder.Property(p => p.Calendar).HasMaxLength(250);
        builder.Property(p => p.Told).HasMaxLength(50);
        builder.Property(p => p.Refused).HasMaxLength(50);
        builder.Property(p => p.Agreed).HasJson();
        builder.Property(p => p.LaxBy).HasMaxLength(100);
    }
}
