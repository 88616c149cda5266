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

/// <summary>How a service was on a day: as its worst probe was, of those that checked it then. Small, so that years of all services are read at once; kept as long as the days of probes.</summary>
public sealed class ServiceDay
{
    public string Service { get; set; } = "";

    /// <summary>Beginning of the day, UTC.</summary>
    public DateTimeOffset Day { get; set; }

    /// <summary>Share of good checks, 0 to 1.</summary>
    public double Availability { get; set; }
}

internal sealed class RollUpMapping : IEntityTypeConfiguration<ProbeHour>, IEntityTypeConfiguration<ProbeDay>, IEntityTypeConfiguration<ServiceDay>
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

    public void Configure(EntityTypeBuilder<ServiceDay> builder)
    {
        builder.ToTable("service_days");
        builder.HasKey(d => new { d.Service, d.Day });
        builder.Property(d => d.Service).HasMaxLength(100);
        builder.HasIndex(d => d.Day);
    }
}

public static class RollUpSets
{
    extension(OpsDbContext db)
    {
        public DbSet<ProbeHour> ProbeHours => db.Set<ProbeHour>();
        public DbSet<ProbeDay> ProbeDays => db.Set<ProbeDay>();
        public DbSet<ServiceDay> ServiceDays => db.Set<ServiceDay>();
    }
}
