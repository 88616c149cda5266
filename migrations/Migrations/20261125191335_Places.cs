using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class Places : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "pk_probe_slots",
                table: "probe_slots");

            migrationBuilder.AddColumn<List<string>>(
                name: "locations",
                table: "probes",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<int>(
                name: "quorum",
                table: "probes",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "location",
                table: "probe_slots",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddPrimaryKey(
                name: "pk_probe_slots",
                table: "probe_slots",
                columns: new[] { "probe_id", "location" });

            migrationBuilder.CreateTable(
                name: "nodes",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    location = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    stopped_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lost_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_nodes", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "probe_location_states",
                columns: table => new
                {
                    probe_id = table.Column<long>(type: "bigint", nullable: false),
                    location = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    status = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    failing = table.Column<int>(type: "integer", nullable: false),
                    succeeding = table.Column<int>(type: "integer", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_ok = table.Column<bool>(type: "boolean", nullable: false),
                    last_ms = table.Column<float>(type: "real", nullable: false),
                    last_reason = table.Column<string>(type: "jsonb", nullable: true),
                    node = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_probe_location_states", x => new { x.probe_id, x.location });
                    table.ForeignKey(
                        name: "fk_probe_location_states_probe_definition_probe_id",
                        column: x => x.probe_id,
                        principalTable: "probes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "nodes");

            migrationBuilder.DropTable(
                name: "probe_location_states");

            migrationBuilder.DropPrimaryKey(
                name: "pk_probe_slots",
                table: "probe_slots");

            migrationBuilder.DropColumn(
                name: "locations",
                table: "probes");

            migrationBuilder.DropColumn(
                name: "quorum",
                table: "probes");

            migrationBuilder.DropColumn(
                name: "location",
                table: "probe_slots");

            migrationBuilder.AddPrimaryKey(
                name: "pk_probe_slots",
                table: "probe_slots",
                column: "probe_id");
        }
    }
}
