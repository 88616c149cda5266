using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Incidents;

/// <summary>What a human works on. Changed only through <see cref="IncidentActions"/> and the planner's runner, under a row lock.</summary>
public sealed class Incident
{
    /// <summary>The number people say: <c>#12</c>.</summary>
    public long Number { get; set; }

    public string Title { get; set; } = "";

    /// <summary>The title as the product's own words, so that each reader has it in their language; null when a human wrote it.</summary>
    public Phrase? TitlePhrase { get; set; }

    public IncidentState State { get; set; }

    public Severity Severity { get; set; }

    /// <summary>A human chose the severity: alerts no longer raise it.</summary>
    public bool SeverityByHuman { get; set; }

    /// <summary>Name of the service that has the problem.</summary>
    public string? Service { get; set; }

    /// <summary>Alerts with this key belong here while the incident is not resolved (unique among those).</summary>
    public string GroupKey { get; set; } = "";

    public DateTimeOffset OpenedAt { get; set; }

    /// <summary>Name of who declared it by hand; null when alerts opened it.</summary>
    public string? OpenedBy { get; set; }

    public DateTimeOffset? AcknowledgedAt { get; set; }

    public string? AcknowledgedBy { get; set; }

    /// <summary>When the acknowledgement ends by itself; null: never.</summary>
    public DateTimeOffset? AcknowledgementExpiresAt { get; set; }

    public DateTimeOffset? MitigatedAt { get; set; }

    public DateTimeOffset? ResolvedAt { get; set; }

    public string? ResolvedBy { get; set; }

    /// <summary>Who has it: id and name of a person.</summary>
    public long? AssigneeId { get; set; }

    public string? Assignee { get; set; }

    /// <summary>Resolve by itself when all its alerts have ended.</summary>
    public bool AutoResolve { get; set; } = true;

    /// <summary>Other services that suffer from the same cause.</summary>
    public List<string> Impact { get; set; } = [];

    /// <summary>When somebody was first told of it; null: nobody yet (silenced, or not decided). Who was told of the beginning is told of the end.</summary>
    public DateTimeOffset? ToldAt { get; set; }

    /// <summary>Where the routing tree sent the alert that opened it: <c>3.1</c>; "" for the root.</summary>
    public string Route { get; set; } = "";

    /// <summary>Names of the escalation policies it follows.</summary>
    public List<string> Escalations { get; set; } = [];

    /// <summary>Until when the first message waits for more of the same; null: not at all.</summary>
    public DateTimeOffset? WaitUntil { get; set; }

    /// <summary>People should have been told and were not, because something held it back: they are told once that is over.</summary>
    public bool Held { get; set; }

    /// <summary>When the next moment of the escalation comes, unless somebody acknowledges; null: none is left.</summary>
    public DateTimeOffset? EscalateAt { get; set; }

    /// <summary>Which moment that is, from 0.</summary>
    public int EscalationMoment { get; set; }

    /// <summary>It comes and goes too often to be told each time: it stays open until it has been calm (<see cref="Incidents.Flapping"/>).</summary>
    public bool Flapping { get; set; }

    /// <summary>Counts the changes of state, severity and assignee: what two people may not change over each other.</summary>
    public int Revision { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Who has it: whom it is given to, else who acknowledged it (a program, or the link of a room's message); null: nobody.</summary>
    public string? Holder => Assignee ?? AcknowledgedBy;

    public bool IsOpen => State != IncidentState.Resolved;

    /// <summary>It is over; <paramref name="by"/> is who said so, null when its alerts ended.</summary>
    public void Resolve(DateTimeOffset now, string? by)
    {
        State = IncidentState.Resolved;
        (ResolvedAt, ResolvedBy, AcknowledgementExpiresAt) = (now, by, null);
        (Held, EscalateAt, Flapping) = (false, null, false);
    }

    /// <summary>It is open again: who had acknowledged it has to do so anew; who had it keeps it.</summary>
    public void Reopen()
    {
        State = IncidentState.Open;
        (AcknowledgedAt, AcknowledgedBy, AcknowledgementExpiresAt) = (null, null, null);
        (MitigatedAt, ResolvedAt, ResolvedBy) = (null, null, null);
    }

    /// <summary>The title in the reader's language, its instants by their clock.</summary>
    public string TitleIn(System.Globalization.CultureInfo? culture = null, TimeZoneInfo? zone = null) => TitlePhrase?.In(culture, zone) ?? Title;
}

/// <summary>What a timeline entry tells.</summary>
public enum TimelineKind
{
    Opened,
    Declared,
    AlertJoined,
    AlertEnded,
    Impact,
    Acknowledged,
    AcknowledgementExpired,
    Assigned,
    Note,
    Severity,
    Action,
    Mitigated,
    Resolved,
    Reopened,
    Silenced,
    SilenceEnded,
    /// <summary>A message was handed over.</summary>
    Told,
    /// <summary>A message could not be handed over.</summary>
    NotTold,
    /// <summary>A decision about paging, with its reason.</summary>
    Decision,
    /// <summary>Nobody acknowledged: the next step of the escalation.</summary>
    Escalated,
    /// <summary>Somebody asked for the next step of the escalation.</summary>
    HelpAsked,
    /// <summary>The cause is over, and what suffered from it still fails.</summary>
    CauseEnded,
    /// <summary>It began to come and go.</summary>
    Flapping,
    /// <summary>It has been calm for a while.</summary>
    FlappingEnded,
    /// <summary>What an engine of failover did.</summary>
    Engine,
}

/// <summary>One event of an incident; append-only.</summary>
public sealed class TimelineEntry
{
    public long Id { get; set; }

    public long IncidentNumber { get; set; }

    public DateTimeOffset At { get; set; }

    public TimelineKind Kind { get; set; }

    public ActorKind ActorKind { get; set; }

    public long ActorId { get; set; }

    /// <summary>The actor's name at that time.</summary>
    public string By { get; set; } = "";

    /// <summary>What a human wrote (Markdown), if this is a human's entry.</summary>
    public string? Text { get; set; }

    /// <summary>What happened, in the product's own words.</summary>
    public Phrase? Phrase { get; set; }

    /// <summary>Facts for programs and for the page, as JSON: <see cref="RecoveryActionData"/>, alert id, …</summary>
    public string? Data { get; set; }

    /// <summary>People may have to be told of it, and that was not looked at yet: the hand-over from incidents to escalation.</summary>
    public bool Pending { get; set; }
}

/// <summary>A recovery action that was taken: <see cref="TimelineEntry.Data"/> of <see cref="TimelineKind.Action"/>.</summary>
public sealed record RecoveryActionData(string? Command, string? Output, bool? Helped)
{
    /// <summary>The recovery plan that was run; null: people did something else.</summary>
    public string? Plan { get; init; }

    /// <summary>Number of that run.</summary>
    public long? Run { get; init; }
}

internal sealed class IncidentMapping : IEntityTypeConfiguration<Incident>, IEntityTypeConfiguration<TimelineEntry>
{
    public void Configure(EntityTypeBuilder<Incident> builder)
    {
        builder.ToTable("incidents");
        builder.HasKey(i => i.Number);
        builder.Property(i => i.Number).UseIdentityAlwaysColumn();
        builder.Property(i => i.Title).HasMaxLength(300);
        builder.Property(i => i.TitlePhrase).HasJson();
        builder.Property(i => i.Service).HasMaxLength(100);
        builder.Property(i => i.GroupKey).HasMaxLength(400);
        builder.Ignore(i => i.IsOpen);
        builder.HasIndex(i => i.GroupKey).IsUnique().HasFilter("state <> 'Resolved'").HasDatabaseName("ix_incidents_open_key");
        builder.HasIndex(i => new { i.Severity, i.OpenedAt }).HasFilter("state <> 'Resolved'").HasDatabaseName("ix_incidents_open");
        builder.Property(i => i.Route).HasMaxLength(50);
        builder.HasIndex(i => new { i.GroupKey, i.OpenedAt });
        builder.HasIndex(i => i.Number).HasFilter("state <> 'Resolved' and (held or flapping or escalate_at is not null)").HasDatabaseName("ix_incidents_watched");
        builder.HasIndex(i => i.OpenedAt);
        builder.HasIndex(i => new { i.Service, i.OpenedAt });
        builder.HasIndex(i => i.AcknowledgementExpiresAt).HasFilter("state = 'Acknowledged' and acknowledgement_expires_at is not null");
        builder.HasIndex(i => i.Title).HasMethod("gin").HasOperators("gin_trgm_ops");
    }

    public void Configure(EntityTypeBuilder<TimelineEntry> builder)
    {
        builder.ToTable("timeline_entries");
        builder.HasOne<Incident>().WithMany().HasForeignKey(t => t.IncidentNumber);
        builder.HasIndex(t => new { t.IncidentNumber, t.Id });
        builder.HasIndex(t => t.Id).HasFilter("pending").HasDatabaseName("ix_timeline_entries_pending");
        builder.Property(t => t.By).HasMaxLength(100);
        builder.Property(t => t.Phrase).HasJson();
        builder.Property(t => t.Data).HasColumnType("jsonb");
    }
}

public static class IncidentSets
{
    extension(OpsDbContext db)
    {
        public DbSet<Incident> Incidents => db.Set<Incident>();
        public DbSet<TimelineEntry> Timeline => db.Set<TimelineEntry>();
    }
}
