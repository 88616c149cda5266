using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>One change, kept for ever: the database refuses to change or delete a row (trigger in the migration).</summary>
public sealed class AuditEntry
{
    public long Id { get; set; }

    public DateTimeOffset At { get; set; }

    public ActorKind ActorKind { get; set; }

    public long ActorId { get; set; }

    public string ActorName { get; set; } = "";

    public string? Address { get; set; }

    /// <summary>What was done: <c>probe.update</c>, <c>person.sign_in_failed</c>.</summary>
    public string Action { get; set; } = "";

    /// <summary>To what: a name people know.</summary>
    public string Target { get; set; } = "";

    /// <summary>How it was, as the API shows it; null when it did not exist.</summary>
    public string? Before { get; set; }

    /// <summary>How it is now; null when it exists no longer.</summary>
    public string? After { get; set; }

    /// <summary>Makes the entry; secrets in <paramref name="before"/> and <paramref name="after"/> are masked by <see cref="OpsJson.Api"/>.</summary>
    public static AuditEntry Of(Actor actor, string action, string target, object? before, object? after, DateTimeOffset now) => new()
    {
        At = now,
        ActorKind = actor.Kind,
        ActorId = actor.Id,
        ActorName = actor.Name,
        Address = actor.Address,
        Action = action,
        Target = target.Length > 300 ? target[..300] : target,
        Before = before is null ? null : JsonSerializer.Serialize(before, OpsJson.Api),
        After = after is null ? null : JsonSerializer.Serialize(after, OpsJson.Api),
    };
}

internal sealed class AuditEntryMapping : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable("audit_entries");
        builder.Property(a => a.ActorName).HasMaxLength(100);
        builder.Property(a => a.Address).HasMaxLength(64);
        builder.Property(a => a.Action).HasMaxLength(100);
        builder.Property(a => a.Target).HasMaxLength(300);
        builder.Property(a => a.Before).HasColumnType("jsonb");
        builder.Property(a => a.After).HasColumnType("jsonb");
        builder.HasIndex(a => a.At);
        builder.HasIndex(a => new { a.Action, a.At });
    }
}
