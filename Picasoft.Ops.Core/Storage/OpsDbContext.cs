using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// The store. Knows no feature: every <see cref="IEntityTypeConfiguration{TEntity}"/> of the assembly is applied,
/// and each feature adds its own <c>db.Incidents</c> beside its entity. One context per operation, from the factory.
/// </summary>
public sealed class OpsDbContext(DbContextOptions<OpsDbContext> options) : DbContext(options), IDataProtectionKeyContext
{
    /// <summary>Keys that seal cookies and antiforgery tokens, shared by all nodes.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>What was begun last can do no harm twice: a query, or opening the connection; see <see cref="ReadAgain"/>.</summary>
    internal bool IsAtRead { get; set; }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasPostgresExtension("pg_trgm");
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(OpsDbContext).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // Words, not numbers, in the tables: a volunteer reads them with psql, and an enum may grow in its middle.
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
    }
}
