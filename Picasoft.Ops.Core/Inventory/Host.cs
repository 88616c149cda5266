using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>A machine that services run on.</summary>
public sealed class Host : ICatalogued
{
    public long Id { get; set; }

    /// <summary>Short name, unique: <c>alice</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>IP address or DNS name.</summary>
    public string? Address { get; set; }

    /// <summary>Where it stands: <c>toulouse</c>.</summary>
    public string? Location { get; set; }

    public bool FromFile { get; set; }

    public uint Version { get; set; }
}

internal sealed class HostMapping : IEntityTypeConfiguration<Host>
{
    public void Configure(EntityTypeBuilder<Host> builder)
    {
        builder.ToTable("hosts");
        builder.Property(h => h.Name).HasMaxLength(100);
        builder.HasIndex(h => h.Name).IsUnique();
        builder.Property(h => h.Version).IsRowVersion();
    }
}

public static class InventorySets
{
    extension(OpsDbContext db)
    {
        public DbSet<Host> Hosts => db.Set<Host>();
        public DbSet<Service> Services => db.Set<Service>();
    }
}
