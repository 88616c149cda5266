using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.OnCall;

/// <summary>What somebody wrote into a calendar by hand.</summary>
public enum OnCallChangeKind
{
    /// <summary>Somebody stands in for whoever it would have been.</summary>
    Override,
    /// <summary>Somebody is on call as well as others who wrote themselves in, before the rotations.</summary>
    Shift,
}

/// <summary>An override or a shift of somebody's own.</summary>
public sealed class OnCallChange
{
    public long Id { get; set; }

    public string Schedule { get; set; } = "";

    public OnCallChangeKind Kind { get; set; }

    /// <summary>Name of the person.</summary>
    public string Person { get; set; } = "";

    public DateTimeOffset StartsAt { get; set; }

    public DateTimeOffset EndsAt { get; set; }

    public string? Note { get; set; }

    public string CreatedBy { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The swap it came from.</summary>
    public long? SwapId { get; set; }

    public Span Span => new(StartsAt, EndsAt);
}

/// <summary>Where a swap stands.</summary>
public enum SwapState
{
    /// <summary>Waits for the other.</summary>
    Proposed,
    Accepted,
    Declined,
    Withdrawn,
}

/// <summary>Somebody asks somebody else to take some hours, for other hours or for thanks. Nothing changes until the other accepts.</summary>
public sealed class OnCallSwap
{
    public long Id { get; set; }

    public string Schedule { get; set; } = "";

    /// <summary>Who asks.</summary>
    public string Asker { get; set; } = "";

    /// <summary>Who is asked.</summary>
    public string Asked { get; set; } = "";

    /// <summary>What the other is to take.</summary>
    public DateTimeOffset StartsAt { get; set; }

    public DateTimeOffset EndsAt { get; set; }

    /// <summary>What the asker takes in return; null: nothing.</summary>
    public DateTimeOffset? ReturnStartsAt { get; set; }

    public DateTimeOffset? ReturnEndsAt { get; set; }

    public string? Note { get; set; }

    public SwapState State { get; set; }

    /// <summary>The state that the other of the two was told of; null: none yet.</summary>
    public SwapState? Told { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? AnsweredAt { get; set; }
}

/// <summary>Who was on call, written down as it happened: later changes of a schedule do not change it.</summary>
public sealed class OnCallPeriod
{
    public long Id { get; set; }

    public string Schedule { get; set; } = "";

    /// <summary>Null: nobody was.</summary>
    public string? Person { get; set; }

    public DateTimeOffset StartsAt { get; set; }

    /// <summary>As far as it is known: a period that goes on grows.</summary>
    public DateTimeOffset EndsAt { get; set; }

    /// <summary>They were told that it begins, or need not be.</summary>
    public bool Told { get; set; } = true;
}

/// <summary>What whoever hands over wants the next one to know.</summary>
public sealed class HandoverNote
{
    public long Id { get; set; }

    public string Schedule { get; set; } = "";

    public DateTimeOffset At { get; set; }

    public string By { get; set; } = "";

    /// <summary>Markdown.</summary>
    public string Text { get; set; } = "";
}

/// <summary>Somebody cannot be on call, says their own calendar.</summary>
public sealed class Absence
{
    public long Id { get; set; }

    public long PersonId { get; set; }

    public DateTimeOffset StartsAt { get; set; }

    public DateTimeOffset EndsAt { get; set; }

    public Span Span => new(StartsAt, EndsAt);
}

internal sealed class OnCallMapping : IEntityTypeConfiguration<OnCallChange>, IEntityTypeConfiguration<OnCallSwap>, IEntityTypeConfiguration<OnCallPeriod>, IEntityTypeConfiguration<HandoverNote>, IEntityTypeConfiguration<Absence>
{
    public void Configure(EntityTypeBuilder<OnCallChange> builder)
    {
        builder.ToTable("on_call_changes");
        builder.Property(c => c.Schedule).HasMaxLength(100);
        builder.Property(c => c.Person).HasMaxLength(100);
        builder.Property(c => c.Note).HasMaxLength(2000);
        builder.Property(c => c.CreatedBy).HasMaxLength(100);
        builder.Ignore(c => c.Span);
        builder.HasIndex(c => new { c.Schedule, c.EndsAt });
    }

    public void Configure(EntityTypeBuilder<OnCallSwap> builder)
    {
        builder.ToTable("on_call_swaps");
        builder.Property(s => s.Schedule).HasMaxLength(100);
        builder.Property(s => s.Asker).HasMaxLength(100);
        builder.Property(s => s.Asked).HasMaxLength(100);
        builder.Property(s => s.Note).HasMaxLength(2000);
        builder.HasIndex(s => s.State);
    }

    public void Configure(EntityTypeBuilder<OnCallPeriod> builder)
    {
        builder.ToTable("on_call_periods");
        builder.Property(p => p.Schedule).HasMaxLength(100);
        builder.Property(p => p.Person).HasMaxLength(100);
        builder.HasIndex(p => new { p.Schedule, p.EndsAt });
        builder.Property(p => p.Told).HasDefaultValue(true);
        builder.HasIndex(p => p.Id).HasFilter("not told").HasDatabaseName("ix_on_call_periods_untold");
    }

    public void Configure(EntityTypeBuilder<HandoverNote> builder)
    {
        builder.ToTable("handover_notes");
        builder.Property(n => n.Schedule).HasMaxLength(100);
        builder.Property(n => n.By).HasMaxLength(100);
        builder.HasIndex(n => new { n.Schedule, n.At });
    }

    public void Configure(EntityTypeBuilder<Absence> builder)
    {
        builder.ToTable("absences");
        builder.HasOne<People.Person>().WithMany().HasForeignKey(a => a.PersonId);
        builder.Ignore(a => a.Span);
        builder.HasIndex(a => a.EndsAt);
    }
}

public static class OnCallSets
{
    extension(OpsDbContext db)
    {
        public DbSet<OnCallChange> OnCallChanges => db.Set<OnCallChange>();
        public DbSet<OnCallSwap> OnCallSwaps => db.Set<OnCallSwap>();
        public DbSet<OnCallPeriod> OnCallPeriods => db.Set<OnCallPeriod>();
        public DbSet<HandoverNote> HandoverNotes => db.Set<HandoverNote>();
        public DbSet<Absence> Absences => db.Set<Absence>();
    }
}
