using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>How much it matters that a service runs; least first.</summary>
public enum Criticality
{
    Low,
    Normal,
    High,
    Critical,
}

/// <summary>A thing people use (Mattermost), or that such a thing stands on (PostgreSQL).</summary>
public sealed class Service : ICatalogued
{
    public long Id { get; set; }

    /// <summary>Short name, unique: <c>mattermost</c>. What labels, routes and URLs say.</summary>
    public string Name { get; set; } = "";

    /// <summary>The name shown; null: <see cref="Name"/>.</summary>
    public string? Title { get; set; }

    public string? Url { get; set; }

    /// <summary>Name of the <see cref="Host"/> it runs on.</summary>
    public string? Host { get; set; }

    public Criticality Criticality { get; set; } = Criticality.Normal;

    /// <summary>Names of the services that it cannot work without.</summary>
    public List<string> DependsOn { get; set; } = [];

    /// <summary>What to do when it is down: Markdown, or a single http(s) URL.</summary>
    public string? Runbook { get; set; }

    /// <summary>Shown on the public status page.</summary>
    public bool Public { get; set; }

    /// <summary>Longest time it may be down, as promised in the recovery plan.</summary>
    public TimeSpan? Rto { get; set; }

    /// <summary>Most data, in time, that may be lost.</summary>
    public TimeSpan? Rpo { get; set; }

    /// <summary>Per cent of <see cref="SloWindow"/> that it is promised to be up; null: nothing is promised.</summary>
    public double? SloAvailability { get; set; }

    public TimeSpan? SloWindow { get; set; }

    public bool FromFile { get; set; }

    public uint Version { get; set; }

    public string Shown => Title ?? Name;
}

internal sealed class ServiceMapping : IEntityTypeConfiguration<Service>
{
    public void Configure(EntityTypeBuilder<Service> builder)
    {
        builder.ToTable("services");
        builder.Property(s => s.Name).HasMaxLength(100);
        builder.HasIndex(s => s.Name).IsUnique();
        builder.Property(s => s.Version).IsRowVersion();
        builder.Ignore(s => s.Shown);
    }
}
