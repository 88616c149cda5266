using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>Where a silence stands.</summary>
public enum SilenceState
{
    Pending,
    Active,
    Expired,
}

/// <summary>Nobody is paged for alerts that match all matchers between start and end. Checking, recording and resolving go on. Alertmanager's silence.</summary>
public sealed class Silence
{
    /// <summary>The number people say: <c>#12</c>.</summary>
    public long Id { get; set; }

    /// <summary>The identity in Alertmanager's API.</summary>
    public Guid Uuid { get; set; }

    /// <summary>All must match; in the form <see cref="MatcherParser"/> reads.</summary>
    public List<string> Matchers { get; set; } = [];

    public DateTimeOffset StartsAt { get; set; }

    /// <summary>Moved to "now" when somebody ends it early.</summary>
    public DateTimeOffset EndsAt { get; set; }

    public string CreatedBy { get; set; } = "";

    public string Comment { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Its beginning was written on the timelines it touches.</summary>
    public bool StartHandled { get; set; }

    /// <summary>Its end was written on the timelines it touched and what it held back was looked at again.</summary>
    public bool EndHandled { get; set; }

    public uint Version { get; set; }

    /// <summary>It is active, and ends within a day.</summary>
    public bool EndsSoonAt(DateTimeOffset now) => StateAt(now) == SilenceState.Active && EndsAt - now < TimeSpan.FromDays(1);

    public SilenceState StateAt(DateTimeOffset now) => now < StartsAt ? SilenceState.Pending : now < EndsAt ? SilenceState.Active : SilenceState.Expired;
}

internal sealed class SilenceMapping : IEntityTypeConfiguration<Silence>
{
    public void Configure(EntityTypeBuilder<Silence> builder)
    {
        builder.ToTable("silences");
        builder.HasIndex(s => s.Uuid).IsUnique();
        builder.HasIndex(s => s.EndsAt);
        builder.HasIndex(s => s.Id).HasFilter("not start_handled or not end_handled").HasDatabaseName("ix_silences_due");
        builder.Property(s => s.CreatedBy).HasMaxLength(100);
        builder.Property(s => s.Version).IsRowVersion();
    }
}
