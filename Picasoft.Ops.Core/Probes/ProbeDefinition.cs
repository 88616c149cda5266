using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>What to check, how often, and when to worry.</summary>
public sealed class ProbeDefinition : IManaged
{
    /// <summary>The interval when nothing is said: half a minute, so that with one confirming re-check a death is told within the half minute on average.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(30);

    /// <summary>The timeout when nothing is said, and the interval is not shorter.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The pause before a re-check when nothing is said, and the interval is not shorter.</summary>
    public static readonly TimeSpan DefaultRetryInterval = TimeSpan.FromSeconds(2);

    public long Id { get; set; }

    /// <summary>Short name, unique: <c>mattermost-ping</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>Name of the service that is down when this probe fails.</summary>
    public string? Service { get; set; }

    /// <summary>The probe kind: <c>http</c>, <c>tcp</c>.</summary>
    public string Type { get; set; } = "";

    public bool Enabled { get; set; } = true;

    /// <summary>Between the beginnings of two checks; 1 s to 1 day.</summary>
    public TimeSpan Interval { get; set; } = DefaultInterval;

    /// <summary>Longest a check may take; 100 ms to 5 min.</summary>
    public TimeSpan Timeout { get; set; } = DefaultTimeout;

    /// <summary>Failed checks in a row before it is an alert; 1 to 100.</summary>
    public int Failures { get; set; } = 2;

    /// <summary>Good checks in a row before the alert ends; 1 to 100.</summary>
    public int Recoveries { get; set; } = 1;

    /// <summary>How soon a first failure is checked again, while it is not an alert yet. Never longer than the interval.</summary>
    public TimeSpan RetryInterval { get; set; } = DefaultRetryInterval;

    public Severity Severity { get; set; } = Severity.High;

    /// <summary>It runs on the nodes that stand there, once in each; none: on any node.</summary>
    public List<string> Locations { get; set; } = [];

    /// <summary>How many locations must find it down; null: more than half of those heard.</summary>
    public int? Quorum { get; set; }

    /// <summary>Warned of when what it measures will reach its limit within this; null: as is said for all.</summary>
    public TimeSpan? Forecast { get; set; }

    /// <summary>The kind's settings record as stored JSON; its secrets are sealed.</summary>
    public string Settings { get; set; } = "{}";

    public bool FromFile { get; set; }

    public uint Version { get; set; }
}

/// <summary>
/// When an enabled probe is due next; the node that claims the check moves it. Apart from the definition, whose version must not change
/// with every check, and without an index on the instant, so that moving it stays on its page (HOT); a claim reads the whole small table.
/// </summary>
public sealed class ProbeSlot
{
    public long ProbeId { get; set; }

    /// <summary>Which nodes may claim it; empty: any.</summary>
    public string Location { get; set; } = "";

    public DateTimeOffset NextDueAt { get; set; }
}

/// <summary>What is known about a probe's target, best first.</summary>
public enum ProbeStatus
{
    /// <summary>Not checked yet.</summary>
    Unknown,
    Up,
    /// <summary>Works, but will not for long: an alert milder than the probe's own may be open.</summary>
    Warning,
    /// <summary>Failed its threshold: an alert is open.</summary>
    Down,
}

/// <summary>Where a probe stands; in a table of its own because it changes with every check (narrow rows, no index touched: HOT updates).</summary>
public sealed class ProbeState
{
    public long ProbeId { get; set; }

    public ProbeStatus Status { get; set; }

    /// <summary>Since when the status is this.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>Failed checks in a row, up to now.</summary>
    public int Failing { get; set; }

    /// <summary>Good checks in a row, up to now.</summary>
    public int Succeeding { get; set; }

    public DateTimeOffset LastAt { get; set; }

    public bool LastOk { get; set; }

    public float LastMs { get; set; }

    public Phrase? LastReason { get; set; }
}

/// <summary>One check. Table partitioned by day of <see cref="At"/>.</summary>
public sealed class ProbeResult
{
    public long ProbeId { get; set; }

    /// <summary>When the check began.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>How long it took, in milliseconds.</summary>
    public float Ms { get; set; }

    public bool Ok { get; set; }

    /// <summary>It works, and somebody should act: good, yet not well.</summary>
    public bool Warned { get; set; }

    /// <summary>What it says of the target by itself.</summary>
    public ProbeStatus Status => !Ok ? ProbeStatus.Down : Warned ? ProbeStatus.Warning : ProbeStatus.Up;

    /// <summary>What was found, in words; null when all was well.</summary>
    public Phrase? Reason { get; set; }

    /// <summary>The node that checked.</summary>
    public string Node { get; set; } = "";
}

internal sealed class ProbeMapping : IEntityTypeConfiguration<ProbeDefinition>, IEntityTypeConfiguration<ProbeSlot>, IEntityTypeConfiguration<ProbeState>, IEntityTypeConfiguration<ProbeResult>
{
    public void Configure(EntityTypeBuilder<ProbeDefinition> builder)
    {
        builder.ToTable("probes");
        builder.Property(p => p.Name).HasMaxLength(100);
        builder.Property(p => p.Service).HasMaxLength(100);
        builder.Property(p => p.Type).HasMaxLength(32);
        builder.Property(p => p.Settings).HasColumnType("jsonb");
        builder.HasIndex(p => p.Name).IsUnique();
        builder.HasIndex(p => p.Service);
        builder.Property(p => p.Version).IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<ProbeSlot> builder)
    {
        builder.ToTable("probe_slots");
        builder.HasKey(s => new { s.ProbeId, s.Location });
        builder.Property(s => s.Location).HasMaxLength(100);
        builder.HasOne<ProbeDefinition>().WithMany().HasForeignKey(s => s.ProbeId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<ProbeState> builder)
    {
        builder.ToTable("probe_states");
        builder.HasKey(s => s.ProbeId);
        builder.Property(s => s.ProbeId).ValueGeneratedNever();
        builder.HasOne<ProbeDefinition>().WithOne().HasForeignKey<ProbeState>(s => s.ProbeId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(s => s.LastReason).HasJson();
    }

    public void Configure(EntityTypeBuilder<ProbeResult> builder)
    {
        builder.ToTable("probe_results");
        builder.HasKey(r => new { r.ProbeId, r.At });
        builder.Property(r => r.Reason).HasJson();
        builder.Property(r => r.Node).HasMaxLength(100);
    }
}

public static class ProbeSets
{
    extension(OpsDbContext db)
    {
        public DbSet<ProbeDefinition> Probes => db.Set<ProbeDefinition>();
        public DbSet<ProbeSlot> ProbeSlots => db.Set<ProbeSlot>();
        public DbSet<ProbeState> ProbeStates => db.Set<ProbeState>();
        public DbSet<ProbeResult> ProbeResults => db.Set<ProbeResult>();
    }
}
