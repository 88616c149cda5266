using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>The checks of one probe within a span of time; tables partitioned by month, kept for years (<see cref="RetentionInput"/>).</summary>
public abstract class ProbeSpan
{
    public long ProbeId { get; set; }

    public int Checks { get; set; }

    public int Failed { get; set; }

    public float MsAverage { get; set; }

    public float MsMax { get; set; }

    /// <summary>Buckets of <see cref="Latencies"/> that have good checks, ascending.</summary>
    public short[] Buckets { get; set; } = [];

    /// <summary>How many, one for each of <see cref="Buckets"/>.</summary>
    public int[] Counts { get; set; } = [];
}

public sealed class ProbeHour : ProbeSpan
{
    /// <summary>Beginning of the hour, UTC.</summary>
    public DateTimeOffset Hour { get; set; }

    public float MsP50 { get; set; }

    public float MsP95 { get; set; }
}

public sealed class ProbeDay : ProbeSpan
{
    /// <summary>Beginning of the day, UTC.</summary>
    public DateTimeOffset Day { get; set; }
}

internal sealed class RollUpMapping : IEntityTypeConfiguration<ProbeHour>, IEntityTypeConfiguration<ProbeDay>
{
    public void Configure(EntityTypeBuilder<ProbeHour> builder)
    {
        builder.ToTable("probe_hours");
        builder.HasKey(h => new { h.ProbeId, h.Hour });
        builder.HasIndex(h => h.Hour); // where the roll-up goes on
        builder.Property(h => h.Buckets).HasDefaultValueSql("'{}'");
        builder.Property(h => h.Counts).HasDefaultValueSql("'{}'");
    }

    public void Configure(EntityTypeBuilder<ProbeDay> builder)
    {
        builder.ToTable("probe_days");
        builder.HasKey(d => new { d.ProbeId, d.Day });
        builder.HasIndex(d => d.Day);
        builder.Property(d => d.Buckets).HasDefaultValueSql("'{}'");
        builder.Property(d => d.Counts).HasDefaultValueSql("'{}'");
    }
}

public static class RollUpSets
{
    extension(OpsDbContext db)
    {
        public DbSet<ProbeHour> ProbeHours => db.Set<ProbeHour>();
        public DbSet<ProbeDay> ProbeDays => db.Set<ProbeDay>();
    }
}
