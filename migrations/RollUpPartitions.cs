using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Migrations;

/// <summary>What hours and days of results were is partitioned by month, so that years can be kept and old ones dropped. Written by hand; what is there is kept.</summary>
[DbContext(typeof(OpsDbContext))]
[Migration("20261125215642_RollUpPartitions")]
public sealed class RollUpPartitions : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var (table, column) in new[] { ("probe_hours", "hour"), ("probe_days", "day") })
            migrationBuilder.Sql(Partitioned(table, column, $"alter table {table} add constraint pk_{table} primary key (probe_id, {column}); create index ix_{table}_{column} on {table} ({column});"));
        foreach (var table in new[] { "measured_hours", "measured_days" })
            migrationBuilder.Sql(Partitioned(table, "at", $"""
                alter table {table} add constraint pk_{table} primary key (series_id, at); create index ix_{table}_at on {table} (at);
                alter table {table} add constraint fk_{table}_probe_series_series_id foreign key (series_id) references probe_series (id) on delete cascade;
                """));
    }

    protected override void Down(MigrationBuilder migrationBuilder) => throw new NotSupportedException("Restore a backup instead: results are not thrown away.");

    private static string Partitioned(string table, string column, string keys) => $"""
        alter table {table} rename to {table}_before;
        create table {table} (like {table}_before including defaults) partition by range ({column});
        create table {table}_default partition of {table} default;
        insert into {table} select * from {table}_before;
        drop table {table}_before;
        {keys}
        """;
}
