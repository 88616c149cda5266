using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications;

/// <summary>A link or a button of a message that was used: it does nothing a second time.</summary>
public sealed class MessageClick
{
    /// <summary>SHA-256 of what was signed for it.</summary>
    public string Key { get; set; } = "";

    public long IncidentNumber { get; set; }

    /// <summary>One of <see cref="MessageAction"/>.</summary>
    public string Action { get; set; } = "";

    /// <summary>In whose name.</summary>
    public string By { get; set; } = "";

    public DateTimeOffset At { get; set; }
}

internal sealed class MessageClickMapping : IEntityTypeConfiguration<MessageClick>
{
    public void Configure(EntityTypeBuilder<MessageClick> builder)
    {
        builder.ToTable("message_clicks");
        builder.HasKey(c => c.Key);
        builder.Property(c => c.Key).HasMaxLength(64);
        builder.Property(c => c.Action).HasMaxLength(40);
        builder.Property(c => c.By).HasMaxLength(320);
        builder.HasIndex(c => c.At);
    }
}
