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

    /// <summary>Who made it laxer.</summary>
    public string? LaxBy { get; set; }

    public DateTimeOffset? LaxAt { get; set; }

    /// <summary>One administrator wants it laxer, and no other has agreed.</summary>
    public bool IsLaxer(RecoveryPlanInput plan) => Agreed is not null && plan.IsLaxerThan(Agreed);

    /// <summary>The plan as it may be run now.</summary>
    public RecoveryPlanInput Guard(RecoveryPlanInput plan) => IsLaxer(plan) ? plan.Guarded : plan;

    /// <summary>An administrator changes it, or (null) takes it away. A laxer one counts only when another has agreed; one that is as strict again needs nobody.</summary>
    public void Change(RecoveryPlanInput? before, RecoveryPlanInput? after, string by, DateTimeOffset now)
    {
        if (Agreed is null && before is not null && (after?.IsLaxerThan(before) ?? before.People > 1)) (Agreed, LaxBy, LaxAt) = (before, by, now);
        else if (Agreed is not null && after is not null && !IsLaxer(after)) Agree();
    }

    public void Agree() => (Agreed, LaxBy, LaxAt) = (null, null, null);
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
