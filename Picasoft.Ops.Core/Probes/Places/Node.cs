using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes.Places;

/// <summary>A running product that shares the store. It enters itself; nothing else is needed to add one.</summary>
public sealed class Node
{
    /// <summary>Topic of <see cref="ChangeSignal"/>: a node came, went, or lost its network.</summary>
    public const string Topic = "nodes";

    /// <summary>Not seen for this long: it is gone. Several times the pause between its entries.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(30);

    /// <summary><c>OPS_NODE</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>OPS_LOCATION</c>; probes that name locations run only there.</summary>
    public string? Location { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset SeenAt { get; set; }

    /// <summary>It said that it stops.</summary>
    public DateTimeOffset? StoppedAt { get; set; }

    /// <summary>Since when its own reference targets do not answer; it blames nobody meanwhile.</summary>
    public DateTimeOffset? LostSince { get; set; }

    public bool IsAliveAt(DateTimeOffset now) => StoppedAt is null && now - SeenAt < GoneAfter;
}

/// <summary>What the checks of one location say of a probe.</summary>
public sealed class ProbeLocationState
{
    public long ProbeId { get; set; }

    public string Location { get; set; } = "";

    public ProbeStatus Status { get; set; }

    public DateTimeOffset Since { get; set; }

    public int Failing { get; set; }

    public int Succeeding { get; set; }

    public DateTimeOffset LastAt { get; set; }

    public bool LastOk { get; set; }

    public float LastMs { get; set; }

    public Phrase? LastReason { get; set; }

    /// <summary>The node that checked last.</summary>
    public string Node { get; set; } = "";
}

internal sealed class PlacesMapping : IEntityTypeConfiguration<Node>, IEntityTypeConfiguration<ProbeLocationState>
{
    public void Configure(EntityTypeBuilder<Node> builder)
    {
        builder.ToTable("nodes");
        builder.HasKey(n => n.Name);
        builder.Property(n => n.Name).HasMaxLength(100);
        builder.Property(n => n.Location).HasMaxLength(100);
    }

    public void Configure(EntityTypeBuilder<ProbeLocationState> builder)
    {
        builder.ToTable("probe_location_states");
        builder.HasKey(s => new { s.ProbeId, s.Location });
        builder.Property(s => s.Location).HasMaxLength(100);
        builder.Property(s => s.Node).HasMaxLength(100);
        builder.HasOne<ProbeDefinition>().WithMany().HasForeignKey(s => s.ProbeId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(s => s.LastReason).HasJson();
    }
}

public static class PlacesSets
{
    extension(OpsDbContext db)
    {
        public DbSet<Node> Nodes => db.Set<Node>();
        public DbSet<ProbeLocationState> ProbeLocationStates => db.Set<ProbeLocationState>();
    }
}
