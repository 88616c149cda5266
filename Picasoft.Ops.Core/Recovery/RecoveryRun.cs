using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>Where a run of a plan stands.</summary>
public enum RunState
{
    /// <summary>A node does the step.</summary>
    Running,
    /// <summary>A person must do, confirm or decide something.</summary>
    Waiting,
    Done,
    Failed,
    Aborted,
}

/// <summary>What became of a step.</summary>
public enum StepState
{
    Running,
    Done,
    Failed,
    Skipped,
    /// <summary>The product ended while it was being done: nobody knows how far it got.</summary>
    Interrupted,
}

/// <summary>What was done, when, by whom, and what came of it.</summary>
public sealed record StepRecord(int Step, StepState State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string By, Phrase? Words, string? Output);

/// <summary>One run of a recovery plan; the plan as it was then is kept with it.</summary>
public sealed class RecoveryRun
{
    public long Id { get; set; }

    public string Plan { get; set; } = "";

    public string Service { get; set; } = "";

    public RecoveryPlanInput Definition { get; set; } = new();

    /// <summary>An exercise: marked so wherever it is shown.</summary>
    public bool Drill { get; set; }

    /// <summary>Checks are made; nothing else is done.</summary>
    public bool DryRun { get; set; }

    public RunState State { get; set; }

    /// <summary>The step it stands at, from 0.</summary>
    public int Step { get; set; }

    /// <summary>Why it waits or ended; null: nothing to say.</summary>
    public Phrase? Reason { get; set; }

    /// <summary>Somebody agreed to the step it stands at.</summary>
    public bool Confirmed { get; set; }

    public string StartedBy { get; set; } = "";

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Until when the node that does the step may be silent.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    public IReadOnlyList<StepRecord> Records { get; set; } = [];

    public bool IsOver => State is RunState.Done or RunState.Failed or RunState.Aborted;

    public RecoveryStepInput? Current => Step < Definition.Steps.Count ? Definition.Steps[Step] : null;
}

internal sealed class RecoveryRunMapping : IEntityTypeConfiguration<RecoveryRun>
{
    public void Configure(EntityTypeBuilder<RecoveryRun> builder)
    {
        builder.ToTable("recovery_runs");
        builder.Property(r => r.Plan).HasMaxLength(100);
        builder.Property(r => r.Service).HasMaxLength(100);
        builder.Property(r => r.StartedBy).HasMaxLength(100);
        builder.Property(r => r.State).HasConversion<string>().HasMaxLength(10);
        builder.Property(r => r.Definition).HasJson();
        builder.Property(r => r.Reason).HasJson();
        builder.Property(r => r.Records).HasJson();
        builder.Ignore(r => r.Current);
        // Two plans never work on one service at once.
        builder.HasIndex(r => r.Service).IsUnique().HasFilter("state in ('Running', 'Waiting')");
        builder.HasIndex(r => new { r.Plan, r.Id });
    }
}
