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

    /// <summary>It started by itself, under the guards of its plan or by the plan's calendar.</summary>
    public bool Automatic { get; set; }

    /// <summary>The incident it is to end; null: none.</summary>
    public long? IncidentNumber { get; set; }

    /// <summary>What no other run may touch meanwhile; see <see cref="RecoveryPlanInput.Resources"/>.</summary>
    public List<string> Resources { get; set; } = [];

    public RunState State { get; set; }

    /// <summary>The step it stands at, from 0.</summary>
    public int Step { get; set; }

    /// <summary>Why it waits or ended; null: nothing to say.</summary>
    public Phrase? Reason { get; set; }

    /// <summary>Somebody agreed to the step it stands at.</summary>
    public bool Confirmed { get; set; }

    /// <summary>The people who agreed to the step it stands at, if more than one has to.</summary>
    public List<long> AgreedBy { get; set; } = [];

    public string StartedBy { get; set; } = "";

    /// <summary>The person who started it, and so is one of those who must agree; null: a program or the product, whose word is nobody's.</summary>
    public long? StarterId { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Until when the node that does the step may be silent.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>Who has taken note of a run that started by itself: until somebody has, its plan does not start by itself again.</summary>
    public string? SeenBy { get; set; }

    public DateTimeOffset? SeenAt { get; set; }

    /// <summary>Most data, in time, that would have been lost, as a step measured it; null: none did.</summary>
    public TimeSpan? MeasuredRpo { get; set; }

    public IReadOnlyList<StepRecord> Records { get; set; } = [];

    public bool IsOver => State is RunState.Done or RunState.Failed or RunState.Aborted;

    public RecoveryStepInput? Current => Step < Definition.Way.Count ? Definition.Way[Step] : null;

    /// <summary>How long it took from its start to its end, people's time included: what a service would be without.</summary>
    public TimeSpan? Took => EndedAt - StartedAt;
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
        builder.Property(r => r.SeenBy).HasMaxLength(100);
        builder.Ignore(r => r.Current);
        builder.Ignore(r => r.Took);
        // Two plans never work on one service at once; of what else they share, see RecoveryActions.
        builder.HasIndex(r => r.Service).IsUnique().HasFilter("state in ('Running', 'Waiting')");
        builder.HasIndex(r => new { r.Plan, r.Id });
        builder.HasIndex(r => r.IncidentNumber).HasFilter("incident_number is not null");
    }
}
