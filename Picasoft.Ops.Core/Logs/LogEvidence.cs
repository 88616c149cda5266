using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>A line that a rule wanted, masked, with its neighbours. Table partitioned by day of <see cref="At"/>.</summary>
public sealed class LogEvidence
{
    public Guid Id { get; set; }

    /// <summary>When it was written, as far as its sender can be believed.</summary>
    public DateTimeOffset At { get; set; }

    public long RuleId { get; set; }

    /// <summary>The rule's name and service of then.</summary>
    public string Rule { get; set; } = "";

    public string? Service { get; set; }

    public string Host { get; set; } = "";

    public string App { get; set; } = "";

    public LogSeverity Severity { get; set; }

    public LogOrigin Origin { get; set; }

    public string Text { get; set; } = "";

    /// <summary>The lines of the same machine and program just before, oldest first.</summary>
    public List<string> Before { get; set; } = [];

    public List<string> After { get; set; } = [];
}

/// <summary>The lines of a rule within one hour.</summary>
public sealed class LogRuleHour
{
    public long RuleId { get; set; }

    /// <summary>Beginning of the hour, UTC.</summary>
    public DateTimeOffset Hour { get; set; }

    public long Lines { get; set; }
}

/// <summary>The lines of one machine's program within one hour.</summary>
public sealed class LogHour
{
    public string Host { get; set; } = "";

    public string App { get; set; } = "";

    /// <summary>Beginning of the hour, UTC.</summary>
    public DateTimeOffset Hour { get; set; }

    public long Lines { get; set; }

    /// <summary>Of these, as bad as an error, or worse.</summary>
    public long Errors { get; set; }

    public long Warnings { get; set; }

    /// <summary>Several of the same hour as one.</summary>
    internal static LogHour Sum(IEnumerable<LogHour> hours) => hours.Aggregate((a, b) => new() { Host = a.Host, App = a.App, Hour = a.Hour, Lines = a.Lines + b.Lines, Errors = a.Errors + b.Errors, Warnings = a.Warnings + b.Warnings });
}

/// <summary>How far a file or a journal was read; stored with what was found in it.</summary>
public sealed class LogPosition
{
    /// <summary>The node and the file: <c>alice:/var/log/mail.log</c>.</summary>
    public string Source { get; set; } = "";

    public string Position { get; set; } = "";
}

internal sealed class LogEvidenceMapping : IEntityTypeConfiguration<LogEvidence>, IEntityTypeConfiguration<LogRuleHour>, IEntityTypeConfiguration<LogHour>, IEntityTypeConfiguration<LogPosition>
{
    /// <summary>Longest host, and longest program.</summary>
    public const int MaxName = 128;

    public void Configure(EntityTypeBuilder<LogEvidence> builder)
    {
        builder.ToTable("log_lines");
        builder.HasKey(e => new { e.Id, e.At });
        builder.Property(e => e.Id).ValueGeneratedNever();
        builder.Property(e => e.Rule).HasMaxLength(100);
        builder.Property(e => e.Service).HasMaxLength(100);
        builder.Property(e => e.Host).HasMaxLength(MaxName);
        builder.Property(e => e.App).HasMaxLength(MaxName);
        builder.HasIndex(e => new { e.Service, e.At });
        builder.HasIndex(e => new { e.RuleId, e.At });
    }

    public void Configure(EntityTypeBuilder<LogRuleHour> builder)
    {
        builder.ToTable("log_rule_hours");
        builder.HasKey(h => new { h.RuleId, h.Hour });
        builder.HasOne<LogRule>().WithMany().HasForeignKey(h => h.RuleId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<LogHour> builder)
    {
        builder.ToTable("log_hours");
        builder.HasKey(h => new { h.Hour, h.Host, h.App });
        builder.Property(h => h.Host).HasMaxLength(MaxName);
        builder.Property(h => h.App).HasMaxLength(MaxName);
    }

    public void Configure(EntityTypeBuilder<LogPosition> builder)
    {
        builder.ToTable("log_positions");
        builder.HasKey(p => p.Source);
        builder.Property(p => p.Source).HasMaxLength(1200);
    }
}
