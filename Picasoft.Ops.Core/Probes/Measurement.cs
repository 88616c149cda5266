using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>One number that a check measured: days left, bytes behind, a plugin's performance data.</summary>
/// <param name="Name">Stable from check to check, unique within the probe, at most 100 characters: <c>days_left</c>, <c>/var</c>.</param>
/// <param name="Value">Finite; a measurement of anything else is not stored.</param>
/// <param name="Unit"><c>s ms B % d</c>; <c>c</c>: it only ever grows (a counter); null: a bare number.</param>
/// <param name="Warn">Where it becomes a warning.</param>
/// <param name="Crit">Where it becomes a failure.</param>
/// <param name="Min">It can be no less.</param>
/// <param name="Max">It can be no more: the size of a disk.</param>
public sealed record Measurement(string Name, double Value, string? Unit = null, double? Warn = null, double? Crit = null, double? Min = null, double? Max = null);

/// <summary>What is the same for all values of one measurement, so that each value is a narrow row.</summary>
public sealed class ProbeSeries
{
    /// <summary>Most measurements of one probe: a plugin that makes up new names with every run fills no disk.</summary>
    public const int MaxOfProbe = 200;

    public int Id { get; set; }

    public long ProbeId { get; set; }

    public string Name { get; set; } = "";

    public string? Unit { get; set; }

    public double? Warn { get; set; }

    public double? Crit { get; set; }

    public double? Min { get; set; }

    public double? Max { get; set; }
}

/// <summary>One value. Table partitioned by day of <see cref="At"/>, kept as long as the results.</summary>
public sealed class MeasuredValue
{
    public int SeriesId { get; set; }

    /// <summary>When the check began.</summary>
    public DateTimeOffset At { get; set; }

    public double Value { get; set; }
}

/// <summary>The values of a series within one hour, or within one day; kept for years.</summary>
public abstract class MeasuredSpan
{
    public int SeriesId { get; set; }

    /// <summary>Beginning of the hour or day, UTC.</summary>
    public DateTimeOffset At { get; set; }

    public int Count { get; set; }

    public double Least { get; set; }

    public double Average { get; set; }

    public double Most { get; set; }
}

public sealed class MeasuredHour : MeasuredSpan;

public sealed class MeasuredDay : MeasuredSpan;

internal sealed class MeasurementMapping : IEntityTypeConfiguration<ProbeSeries>, IEntityTypeConfiguration<MeasuredValue>, IEntityTypeConfiguration<MeasuredHour>, IEntityTypeConfiguration<MeasuredDay>
{
    public void Configure(EntityTypeBuilder<ProbeSeries> builder)
    {
        builder.ToTable("probe_series");
        builder.Property(s => s.Name).HasMaxLength(100);
        builder.Property(s => s.Unit).HasMaxLength(16);
        builder.HasIndex(s => new { s.ProbeId, s.Name }).IsUnique();
        builder.HasOne<ProbeDefinition>().WithMany().HasForeignKey(s => s.ProbeId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<MeasuredValue> builder)
    {
        builder.ToTable("measured_values");
        builder.HasKey(v => new { v.SeriesId, v.At });
    }

    public void Configure(EntityTypeBuilder<MeasuredHour> builder) => Span(builder, "measured_hours");

    public void Configure(EntityTypeBuilder<MeasuredDay> builder) => Span(builder, "measured_days");

    private static void Span<T>(EntityTypeBuilder<T> builder, string table) where T : MeasuredSpan
    {
        builder.ToTable(table);
        builder.HasKey(s => new { s.SeriesId, s.At });
        builder.HasIndex(s => s.At); // where the roll-up goes on
        builder.HasOne<ProbeSeries>().WithMany().HasForeignKey(s => s.SeriesId).OnDelete(DeleteBehavior.Cascade);
    }
}

public static class MeasurementSets
{
    extension(OpsDbContext db)
    {
        public DbSet<ProbeSeries> ProbeSeries => db.Set<ProbeSeries>();
        public DbSet<MeasuredValue> MeasuredValues => db.Set<MeasuredValue>();
        public DbSet<MeasuredHour> MeasuredHours => db.Set<MeasuredHour>();
        public DbSet<MeasuredDay> MeasuredDays => db.Set<MeasuredDay>();
    }
}
