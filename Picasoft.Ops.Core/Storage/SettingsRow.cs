using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>Settings of which there is one row, kept as they were written.</summary>
public abstract class SettingsRow<TInput> where TInput : class
{
    public int Id { get; set; } = 1;

    public string Definition { get; set; } = "{}";

    public bool FromFile { get; set; }

    public uint Version { get; set; }

    public TInput Input() => Json.Parse<TInput>(Definition);
}

internal abstract class SettingsMapping<TRow, TInput>(string table) : IEntityTypeConfiguration<TRow> where TRow : SettingsRow<TInput> where TInput : class
{
    public void Configure(EntityTypeBuilder<TRow> builder)
    {
        builder.ToTable(table);
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.Definition).HasColumnType("jsonb");
        builder.Property(s => s.Version).IsRowVersion();
    }
}
