using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Migrations;

/// <summary>What checks measured is partitioned by day, like their results. Written by hand.</summary>
[DbContext(typeof(OpsDbContext))]
[Migration("20261125175811_MeasurementPartitions")]
public sealed class MeasurementPartitions : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop table measured_values;
        create table measured_values (
            series_id integer not null,
            at timestamp with time zone not null,
            value double precision not null,
            constraint pk_measured_values primary key (series_id, at)
        ) partition by range (at);
        create table measured_values_default partition of measured_values default;
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => throw new NotSupportedException("Restore a backup instead: what was measured is not thrown away.");
}
