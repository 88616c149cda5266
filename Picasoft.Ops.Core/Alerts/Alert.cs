using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>
/// Something that somebody or something says is wrong, from its beginning to its end. Same labels, same alert:
/// at most one row with a fingerprint has no <see cref="ResolvedAt"/> (unique index). Alertmanager's data model.
/// </summary>
public sealed class Alert
{
    public long Id { get; set; }

    /// <summary><see cref="LabelSet.Fingerprint"/> of the labels.</summary>
    public string Fingerprint { get; set; } = "";

    public LabelSet Labels { get; set; } = LabelSet.Empty;

    /// <summary>Words for humans: <c>summary</c>, <c>description</c>, <c>runbook_url</c>.</summary>
    public LabelSet Annotations { get; set; } = LabelSet.Empty;

    /// <summary>The summary as a phrase, when the product itself wrote it, so that each reader has it in their language.</summary>
    public Phrase? Summary { get; set; }

    public DateTimeOffset StartsAt { get; set; }

    /// <summary>When it ends unless it is sent again; null: when its source says so.</summary>
    public DateTimeOffset? EndsAt { get; set; }

    /// <summary>When its end was seen; null while it goes on.</summary>
    public DateTimeOffset? ResolvedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Where it comes from: <c>probe</c>, <c>api</c>, <c>heartbeat</c>, <c>log</c>, <c>ops</c> (the product about itself).</summary>
    public string Source { get; set; } = "";

    public string? GeneratorUrl { get; set; }

    /// <summary>The incident it belongs to, once that was decided.</summary>
    public long? IncidentId { get; set; }

    /// <summary>It began or ended since the incidents last looked: the hand-over from intake to incidents.</summary>
    public bool Pending { get; set; }

    public bool IsActive => ResolvedAt is null;
}

internal sealed class AlertMapping : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("alerts");
        builder.Property(a => a.Fingerprint).HasMaxLength(16);
        builder.Property(a => a.Source).HasMaxLength(32);
        builder.Property(a => a.Labels).HasJson();
        builder.Property(a => a.Annotations).HasJson();
        builder.Property(a => a.Summary).HasJson();
        builder.Ignore(a => a.IsActive);
        builder.HasIndex(a => a.Fingerprint).IsUnique().HasFilter("resolved_at is null").HasDatabaseName("ix_alerts_active");
        builder.HasIndex(a => a.Id).HasFilter("pending").HasDatabaseName("ix_alerts_pending");
        builder.HasIndex(a => a.IncidentId);
        // Few among many: what the product raises itself, and must find again to end it (OwnAlerts).
        builder.HasIndex(a => a.Source).HasFilter("resolved_at is null and source <> 'api'").HasDatabaseName("ix_alerts_own");
        // No index on EndsAt: it moves with every alert that is sent again, and an update that touches no index stays on its page (HOT).
    }
}

public static class AlertSets
{
    extension(OpsDbContext db)
    {
        public DbSet<Alert> Alerts => db.Set<Alert>();
        public DbSet<Silence> Silences => db.Set<Silence>();
        public DbSet<Policy> Policies => db.Set<Policy>();
    }
}
