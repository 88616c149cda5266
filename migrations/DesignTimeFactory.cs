using Microsoft.EntityFrameworkCore.Design;
using Npgsql;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Migrations;

/// <summary>Lets <c>dotnet ef migrations add NAME --project migrations --startup-project migrations -o Migrations</c> see the model. No server is asked.</summary>
internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<OpsDbContext>
{
    public OpsDbContext CreateDbContext(string[] args) => StorageModule.NewContext(NpgsqlDataSource.Create("Host=/nowhere"));
}
