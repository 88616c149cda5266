using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class RollUps : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<short[]>(
                name: "buckets",
                table: "probe_hours",
                type: "smallint[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<int[]>(
                name: "counts",
                table: "probe_hours",
                type: "integer[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.CreateTable(
                name: "probe_days",
                columns: table => new
                {
                    probe_id = table.Column<long>(type: "bigint", nullable: false),
                    day = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    checks = table.Column<int>(type: "integer", nullable: false),
                    failed = table.Column<int>(type: "integer", nullable: false),
                    ms_average = table.Column<float>(type: "real", nullable: false),
                    ms_max = table.Column<float>(type: "real", nullable: false),
                    buckets = table.Column<short[]>(type: "smallint[]", nullable: false, defaultValueSql: "'{}'"),
                    counts = table.Column<int[]>(type: "integer[]", nullable: false, defaultValueSql: "'{}'")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_probe_days", x => new { x.probe_id, x.day });
                });

            migrationBuilder.CreateTable(
                name: "retention_settings",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    definition = table.Column<string>(type: "jsonb", nullable: false),
                    from_file = table.Column<bool>(type: "boolean", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_retention_settings", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_probe_hours_hour",
                table: "probe_hours",
                column: "hour");

            migrationBuilder.CreateIndex(
                name: "ix_probe_days_day",
                table: "probe_days",
                column: "day");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "probe_days");

            migrationBuilder.DropTable(
                name: "retention_settings");

            migrationBuilder.DropIndex(
                name: "ix_probe_hours_hour",
                table: "probe_hours");

            migrationBuilder.DropColumn(
                name: "buckets",
                table: "probe_hours");

            migrationBuilder.DropColumn(
                name: "counts",
                table: "probe_hours");
        }
    }
}
