using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class LogLines : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "log_hours",
                columns: table => new
                {
                    host = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    app = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    hour = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    lines = table.Column<long>(type: "bigint", nullable: false),
                    errors = table.Column<long>(type: "bigint", nullable: false),
                    warnings = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_hours", x => new { x.hour, x.host, x.app });
                });

            // Partitioned by day, which EF cannot say: see DayPartitions.
            migrationBuilder.Sql("""
                create table log_lines (
                    id uuid not null,
                    at timestamp with time zone not null,
                    rule_id bigint not null,
                    rule character varying(100) not null,
                    service character varying(100),
                    host character varying(128) not null,
                    app character varying(128) not null,
                    severity character varying(32) not null,
                    origin character varying(32) not null,
                    text text not null,
                    before text[] not null,
                    after text[] not null,
                    constraint pk_log_lines primary key (id, at)
                ) partition by range (at);
                -- Catches what comes before the day's partition was made.
                create table log_lines_default partition of log_lines default;
                """);

            migrationBuilder.CreateTable(
                name: "log_positions",
                columns: table => new
                {
                    source = table.Column<string>(type: "character varying(1200)", maxLength: 1200, nullable: false),
                    position = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_positions", x => x.source);
                });

            migrationBuilder.CreateTable(
                name: "log_rule_hours",
                columns: table => new
                {
                    rule_id = table.Column<long>(type: "bigint", nullable: false),
                    hour = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    lines = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_rule_hours", x => new { x.rule_id, x.hour });
                    table.ForeignKey(
                        name: "fk_log_rule_hours_log_rule_rule_id",
                        column: x => x.rule_id,
                        principalTable: "log_rules",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "log_settings",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    definition = table.Column<string>(type: "jsonb", nullable: false),
                    from_file = table.Column<bool>(type: "boolean", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_settings", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_log_lines_rule_id_at",
                table: "log_lines",
                columns: new[] { "rule_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_log_lines_service_at",
                table: "log_lines",
                columns: new[] { "service", "at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "log_hours");

            migrationBuilder.DropTable(
                name: "log_lines");

            migrationBuilder.DropTable(
                name: "log_positions");

            migrationBuilder.DropTable(
                name: "log_rule_hours");

            migrationBuilder.DropTable(
                name: "log_settings");
        }
    }
}
