using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs.Patterns;

/// <summary>What is thought of a kind of line.</summary>
public enum PatternState
{
    /// <summary>Never seen before, and nobody has looked yet.</summary>
    New,
    /// <summary>It belongs to this program.</summary>
    Usual,
    /// <summary>It says nothing to anybody.</summary>
    Noise,
    /// <summary>A rule was made of it.</summary>
    Rule,
    /// <summary>An incident was opened for it.</summary>
    Incident,
}

/// <summary>A kind of line that a program writes on a host. No line itself is kept: the pattern has holes where its values were.</summary>
public sealed class LearntPattern
{
    /// <summary>Topic of <see cref="ChangeSignal"/>.</summary>
    public const string Topic = "log-patterns";

    public long Id { get; set; }

    public string Host { get; set; } = "";

    public string App { get; set; } = "";

    /// <summary>Of <see cref="Key"/>: with host and program, which pattern this is.</summary>
    public long Hash { get; set; }

    /// <summary><see cref="Pattern.ToKey"/>.</summary>
    public string Key { get; set; } = "";

    /// <summary>As people read it.</summary>
    public string Text { get; set; } = "";

    /// <summary>Lines.</summary>
    public long Count { get; set; }

    public DateTimeOffset FirstSeen { get; set; }

    public DateTimeOffset LastSeen { get; set; }

    /// <summary>The worst syslog severity it came with (0 emergency to 7 debug).</summary>
    public int Level { get; set; } = 6;

    /// <summary>Most lines within one minute.</summary>
    public int Peak { get; set; }

    public PatternState State { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    /// <summary>Who decided; null: nobody did, it was learnt.</summary>
    public string? DecidedBy { get; set; }
}

/// <summary>Lines of a pattern within an hour, so that the days of anybody's time zone can be told; of a day that is long over, all lie at its noon (UTC).</summary>
public sealed class LearntPatternHour
{
    public long PatternId { get; set; }

    /// <summary>Beginning of the hour, UTC.</summary>
    public DateTimeOffset Hour { get; set; }

    public long Count { get; set; }
}

internal sealed class LearntPatternMapping : IEntityTypeConfiguration<LearntPattern>, IEntityTypeConfiguration<LearntPatternHour>
{
    public void Configure(EntityTypeBuilder<LearntPattern> builder)
    {
        builder.ToTable("log_patterns");
        builder.Property(p => p.Host).HasMaxLength(LearntPatterns.MaxName);
        builder.Property(p => p.App).HasMaxLength(LearntPatterns.MaxName);
        builder.Property(p => p.DecidedBy).HasMaxLength(100);
        builder.HasIndex(p => new { p.App, p.Hash, p.Host }).IsUnique();
        builder.HasIndex(p => p.FirstSeen);
        builder.HasIndex(p => p.Id).HasFilter("state = 'New'").HasDatabaseName("ix_log_patterns_new");
    }

    public void Configure(EntityTypeBuilder<LearntPatternHour> builder)
    {
        builder.ToTable("log_pattern_hours");
        builder.HasKey(h => new { h.PatternId, h.Hour });
        builder.HasIndex(h => h.Hour);
        builder.HasOne<LearntPattern>().WithMany().HasForeignKey(h => h.PatternId).OnDelete(DeleteBehavior.Cascade);
    }
}

public static class PatternSets
{
    extension(OpsDbContext db)
    {
        public DbSet<LearntPattern> LearntPatterns => db.Set<LearntPattern>();
        public DbSet<LearntPatternHour> LearntPatternHours => db.Set<LearntPatternHour>();
    }
}
