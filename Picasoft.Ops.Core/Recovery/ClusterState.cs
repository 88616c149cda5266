using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>How a cluster was when it was last looked at. One row per cluster; whichever node comes first looks.</summary>
public sealed class ClusterState
{
    public string Name { get; set; } = "";

    public DateTimeOffset DueAt { get; set; }

    /// <summary>Who led when somebody last did.</summary>
    public string? Leader { get; set; }

    /// <summary>How bad it is, and since when; see <see cref="ClusterTrouble"/>.</summary>
    public FindingLevel Level { get; set; }

    public DateTimeOffset LevelSince { get; set; }

    /// <summary>What is told at the moment.</summary>
    public FindingLevel Told { get; set; }

    /// <summary>What happened last, oldest first.</summary>
    public IReadOnlyList<ClusterEvent> Events { get; set; } = [];

    /// <summary>Null: not looked at yet.</summary>
    public ClusterView? View { get; set; }
}

internal sealed class ClusterStateMapping : IEntityTypeConfiguration<ClusterState>
{
    public void Configure(EntityTypeBuilder<ClusterState> builder)
    {
        builder.ToTable("cluster_states");
        builder.HasKey(c => c.Name);
        builder.Property(c => c.Name).HasMaxLength(100);
        builder.Property(c => c.Leader).HasMaxLength(100);
        builder.Property(c => c.Level).HasConversion<string>().HasMaxLength(10);
        builder.Property(c => c.Told).HasConversion<string>().HasMaxLength(10);
        builder.Property(c => c.Events).HasJson().HasDefaultValueSql("'[]'");
        builder.Property(c => c.View).HasJson();
        builder.HasIndex(c => c.DueAt);
    }
}

public static class RecoverySets
{
    extension(OpsDbContext db)
    {
        public DbSet<ClusterState> ClusterStates => db.Set<ClusterState>();
        public DbSet<RecoveryRun> RecoveryRuns => db.Set<RecoveryRun>();
        public DbSet<PlanState> PlanStates => db.Set<PlanState>();
    }
}
