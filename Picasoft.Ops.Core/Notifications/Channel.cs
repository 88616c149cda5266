using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>A way to reach people: a mail server and its recipients, a chat room.</summary>
public sealed class Channel : IManaged
{
    public long Id { get; set; }

    public string Name { get; set; } = "";

    /// <summary>The channel kind: <c>email</c>.</summary>
    public string Type { get; set; } = "";

    public bool Enabled { get; set; } = true;

    /// <summary>The kind's settings record as stored JSON; its secrets are sealed.</summary>
    public string Settings { get; set; } = "{}";

    /// <summary>Services of the catalogue that it cannot work without.</summary>
    public List<string> DependsOn { get; set; } = [];

    /// <summary>Name of the channel that is used at once when this one fails, or stands on what is down.</summary>
    public string? Fallback { get; set; }

    /// <summary>The last resort: used when no fallback is left.</summary>
    public bool Scream { get; set; }

    /// <summary>Of many incidents at once it carries one message with counts.</summary>
    public bool FoldStorms { get; set; } = true;

    /// <summary>Having carried nothing for so long, it is not known to work any more.</summary>
    public TimeSpan UnprovenAfter { get; set; } = ChannelInput.UsuallyUnprovenAfter;

    public DateTimeOffset CreatedAt { get; set; }

    public bool FromFile { get; set; }

    public uint Version { get; set; }
}

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>To be sent at <see cref="Delivery.NextAttemptAt"/>.</summary>
    Pending,
    /// <summary>A node is sending it; taken back when its lease ends.</summary>
    Sending,
    Sent,
    /// <summary>Given up: refused for good, or tried for too long.</summary>
    Failed,
    /// <summary>Not needed any more: the person was told by the way that stood in.</summary>
    Replaced,
}

/// <summary>Why messages are sent; each has a subject in the mail and a word on the page.</summary>
public static class DeliveryReason
{
    public const string Opened = "opened";
    public const string Reopened = "reopened";
    public const string Severity = "severity";
    public const string AcknowledgementExpired = "acknowledgement_expired";
    public const string SilenceEnded = "silence_ended";
    /// <summary>What held it back is over, and somebody had been told of it before.</summary>
    public const string Released = "released";
    public const string CauseEnded = "cause_ended";
    public const string Escalated = "escalated";
    public const string Resolved = "resolved";
    /// <summary>It waited for the end of somebody's quiet hours; all that waited is one message.</summary>
    public const string Later = "later";
    /// <summary>Too many incidents at once: what is to be told at one address is one message.</summary>
    public const string Storm = "storm";
    public const string Test = "test";
    /// <summary>Somebody asks for, or answers, a swap of on-call hours.</summary>
    public const string Swap = "swap";
    /// <summary>Somebody's turn on call begins.</summary>
    public const string Shift = "shift";
    /// <summary>What the logs of yesterday were about.</summary>
    public const string DigestDay = "digest_day";
    /// <summary>What the logs of the last seven days were about.</summary>
    public const string DigestWeek = "digest_week";
    /// <summary>The whole recovery plan, to be kept outside.</summary>
    public const string RecoveryPlan = "recovery_plan";

    /// <summary>Those of which all that waits at one address is one message.</summary>
    public static bool IsFolded(string reason) => reason is Later or Storm;

    public static IReadOnlyList<string> All { get; } = [Opened, Reopened, Severity, AcknowledgementExpired, SilenceEnded, Released, CauseEnded, Escalated, Resolved, Later, Storm, Test, Swap, Shift, DigestDay, DigestWeek, RecoveryPlan];
}

/// <summary>One message to one recipient through one channel for one reason. All sending goes through this table (outbox): it is written in the transaction that decided it.</summary>
public sealed class Delivery
{
    public long Id { get; set; }

    /// <summary>One per reason, channel and recipient: the same reason never makes a second message.</summary>
    public string IdempotencyKey { get; set; } = "";

    public long ChannelId { get; set; }

    /// <summary>Name of the channel at that time.</summary>
    public string ChannelName { get; set; } = "";

    /// <summary>An address the channel understands.</summary>
    public string Recipient { get; set; } = "";

    /// <summary>Name of the person who is told; null: a room or a list.</summary>
    public string? Person { get; set; }

    /// <summary>Number of the incident it is about; null for a test message.</summary>
    public long? IncidentNumber { get; set; }

    /// <summary>The delivery whose way failed, or was not to be trusted; null: it was decided so from the beginning.</summary>
    public long? StandsInFor { get; set; }

    /// <summary>The swap of on-call hours it is about.</summary>
    public long? SwapId { get; set; }

    /// <summary>The timeline entry that is told.</summary>
    public long? TimelineEntryId { get; set; }

    /// <summary>Why it is sent: one of <see cref="DeliveryReason"/>.</summary>
    public string Reason { get; set; } = "";

    public DeliveryState State { get; set; }

    public int Attempts { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>While <see cref="DeliveryState.Sending"/>: until when its node may take.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    /// <summary>When whoever read it said that it arrived (<see cref="ReceiptLink"/>), or the product found it in its own mailbox; null: they did not, or were not asked.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>How the other side calls the first message of this conversation.</summary>
    public string? Reference { get; set; }

    /// <summary>This is that first message: it is kept current where the channel can.</summary>
    public bool IsRoot { get; set; }

    /// <summary>The <see cref="Incidents.Incident.Revision"/> that it shows.</summary>
    public int ShownRevision { get; set; }

    /// <summary>What the receiver answered to the last attempt, or why it failed.</summary>
    public Phrase? LastOutcome { get; set; }
}

/// <summary>One try to send a delivery.</summary>
public sealed class DeliveryAttempt
{
    public long Id { get; set; }

    public long DeliveryId { get; set; }

    public DateTimeOffset At { get; set; }

    public float Ms { get; set; }

    public bool Ok { get; set; }

    public Phrase Outcome { get; set; } = Phrase.Of("");
}

internal sealed class NotificationMapping : IEntityTypeConfiguration<Channel>, IEntityTypeConfiguration<Delivery>, IEntityTypeConfiguration<DeliveryAttempt>
{
    public void Configure(EntityTypeBuilder<Channel> builder)
    {
        builder.ToTable("channels");
        builder.Property(c => c.Name).HasMaxLength(100);
        builder.Property(c => c.Type).HasMaxLength(32);
        builder.Property(c => c.Settings).HasColumnType("jsonb");
        builder.Property(c => c.DependsOn).HasDefaultValueSql("'{}'");
        builder.Property(c => c.Fallback).HasMaxLength(100);
        builder.Property(c => c.FoldStorms).HasDefaultValue(true);
        builder.Property(c => c.UnprovenAfter).HasDefaultValueSql("'14 days'");
        builder.Property(c => c.CreatedAt).HasDefaultValueSql("now()");
        builder.HasIndex(c => c.Name).IsUnique();
        builder.Property(c => c.Version).IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<Delivery> builder)
    {
        builder.ToTable("deliveries");
        builder.Property(d => d.IdempotencyKey).HasMaxLength(300);
        builder.HasIndex(d => d.IdempotencyKey).IsUnique();
        builder.HasIndex(d => d.NextAttemptAt).HasFilter("state in ('Pending', 'Sending')");
        builder.HasIndex(d => d.IncidentNumber);
        builder.HasIndex(d => d.StandsInFor).HasFilter("stands_in_for is not null");
        builder.HasIndex(d => d.CreatedAt);
        builder.Property(d => d.ChannelName).HasMaxLength(100);
        builder.Property(d => d.Recipient).HasMaxLength(320);
        builder.Property(d => d.Person).HasMaxLength(100);
        builder.HasIndex(d => new { d.Person, d.Id });
        builder.Property(d => d.Reason).HasMaxLength(40);
        builder.Property(d => d.LastOutcome).HasJson();
        builder.Property(d => d.Reference).HasMaxLength(300);
        builder.Property(d => d.IsRoot).HasDefaultValue(false);
        builder.HasIndex(d => d.Id).HasFilter("reference is not null and is_root").HasDatabaseName("ix_deliveries_kept_current");
    }

    public void Configure(EntityTypeBuilder<DeliveryAttempt> builder)
    {
        builder.ToTable("delivery_attempts");
        builder.HasOne<Delivery>().WithMany().HasForeignKey(a => a.DeliveryId);
        builder.Property(a => a.Outcome).HasJson();
    }
}

public static class NotificationSets
{
    extension(OpsDbContext db)
    {
        public DbSet<Channel> Channels => db.Set<Channel>();
        public DbSet<Delivery> Deliveries => db.Set<Delivery>();
        public DbSet<DeliveryAttempt> DeliveryAttempts => db.Set<DeliveryAttempt>();
    }
}
