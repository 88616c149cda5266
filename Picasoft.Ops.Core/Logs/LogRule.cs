using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Logs.Windows;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>A rule as it is stored: kept as it was written, read whole, judged by pure types.</summary>
public sealed class LogRule : IManaged
{
    /// <summary>Topic of <see cref="ChangeSignal"/>; the id is the rule's.</summary>
    public const string Topic = "log-rules";

    public long Id { get; set; }

    /// <summary>Unique.</summary>
    public string Name { get; set; } = "";

    /// <summary>As in the definition; for looking up.</summary>
    public string? Service { get; set; }

    public bool Enabled { get; set; } = true;

    /// <summary><see cref="LogRuleInput"/> as JSON.</summary>
    public string Definition { get; set; } = "{}";

    /// <summary>From then on lines were looked at: an absence begins here at the earliest, and so does learning.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    public bool FromFile { get; set; }

    public uint Version { get; set; }

    public LogRuleInput Input() => Json.Parse<LogRuleInput>(Definition);

    internal void Write(LogRuleInput input) => (Name, Service, Enabled, Definition) = (input.Name, input.Service, input.Enabled, Json.Text(input));
}

/// <summary>What a rule remembers of one key. Apart from the rule, whose version must not change with every line.</summary>
public sealed class LogRuleStateRow
{
    public long RuleId { get; set; }

    /// <summary>See <see cref="LogFields.Key"/>.</summary>
    public string Key { get; set; } = "";

    public RuleState State { get; set; } = RuleState.New;

    /// <summary>When silence means something: a missing backup, a second line that does not come; null: never.</summary>
    public DateTimeOffset? DueAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class LogRuleMapping : IEntityTypeConfiguration<LogRule>, IEntityTypeConfiguration<LogRuleStateRow>
{
    public void Configure(EntityTypeBuilder<LogRule> builder)
    {
        builder.ToTable("log_rules");
        builder.Property(r => r.Name).HasMaxLength(100);
        builder.Property(r => r.Service).HasMaxLength(100);
        builder.Property(r => r.Definition).HasColumnType("jsonb");
        builder.HasIndex(r => r.Name).IsUnique();
        builder.HasIndex(r => r.Service);
        builder.Property(r => r.Version).IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<LogRuleStateRow> builder)
    {
        builder.ToTable("log_rule_states");
        builder.HasKey(s => new { s.RuleId, s.Key });
        builder.Property(s => s.Key).HasMaxLength(1100);
        builder.Property(s => s.State).HasJson();
        builder.HasIndex(s => s.DueAt).HasFilter("due_at is not null");
        builder.HasOne<LogRule>().WithMany().HasForeignKey(s => s.RuleId).OnDelete(DeleteBehavior.Cascade);
    }
}

public static class LogSets
{
    extension(OpsDbContext db)
    {
        public DbSet<LogRule> LogRules => db.Set<LogRule>();
        public DbSet<LogRuleStateRow> LogRuleStates => db.Set<LogRuleStateRow>();
        public DbSet<LogSettings> LogSettings => db.Set<LogSettings>();
        public DbSet<LogEvidence> LogLines => db.Set<LogEvidence>();
        public DbSet<LogRuleHour> LogRuleHours => db.Set<LogRuleHour>();
        public DbSet<LogHour> LogHours => db.Set<LogHour>();
        public DbSet<LogPosition> LogPositions => db.Set<LogPosition>();
    }
}
