using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class Measurements : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "measured_values",
                columns: table => new
                {
                    series_id = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    value = table.Column<double>(type: "double precision", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_measured_values", x => new { x.series_id, x.at });
                });

            migrationBuilder.CreateTable(
                name: "probe_series",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    probe_id = table.Column<long>(type: "bigint", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    unit = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: true),
                    warn = table.Column<double>(type: "double precision", nullable: true),
                    crit = table.Column<double>(type: "double precision", nullable: true),
                    min = table.Column<double>(type: "double precision", nullable: true),
                    max = table.Column<double>(type: "double precision", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_probe_series", x => x.id);
                    table.ForeignKey(
                        name: "fk_probe_series_probe_definition_probe_id",
                        column: x => x.probe_id,
                        principalTable: "probes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "measured_days",
                columns: table => new
                {
                    series_id = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    count = table.Column<int>(type: "integer", nullable: false),
                    least = table.Column<double>(type: "double precision", nullable: false),
                    average = table.Column<double>(type: "double precision", nullable: false),
                    most = table.Column<double>(type: "double precision", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_measured_days", x => new { x.series_id, x.at });
                    table.ForeignKey(
                        name: "fk_measured_days_probe_series_series_id",
                        column: x => x.series_id,
                        principalTable: "probe_series",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "measured_hours",
                columns: table => new
                {
                    series_id = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    count = table.Column<int>(type: "integer", nullable: false),
                    least = table.Column<double>(type: "double precision", nullable: false),
                    average = table.Column<double>(type: "double precision", nullable: false),
                    most = table.Column<double>(type: "double precision", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_measured_hours", x => new { x.series_id, x.at });
                    table.ForeignKey(
                        name: "fk_measured_hours_probe_series_series_id",
                        column: x => x.series_id,
                        principalTable: "probe_series",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_measured_days_at",
                table: "measured_days",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_measured_hours_at",
                table: "measured_hours",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_probe_series_probe_id_name",
                table: "probe_series",
                columns: new[] { "probe_id", "name" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "measured_days");

            migrationBuilder.DropTable(
                name: "measured_hours");

            migrationBuilder.DropTable(
                name: "measured_values");

            migrationBuilder.DropTable(
                name: "probe_series");
        }
    }
}
