using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class RecoveryByItself : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<List<string>>(
                name: "agreed",
                table: "recovery_runs",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<bool>(
                name: "automatic",
                table: "recovery_runs",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "incident_number",
                table: "recovery_runs",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<TimeSpan>(
                name: "measured_rpo",
                table: "recovery_runs",
                type: "interval",
                nullable: true);

            migrationBuilder.AddColumn<List<string>>(
                name: "resources",
                table: "recovery_runs",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "seen_at",
                table: "recovery_runs",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "seen_by",
                table: "recovery_runs",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "recovery_plan_states",
                columns: table => new
                {
                    plan = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    known_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    drill_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    calendar = table.Column<string>(type: "character varying(250)", maxLength: 250, nullable: true),
                    told = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    refused_incident = table.Column<long>(type: "bigint", nullable: true),
                    refused = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_recovery_plan_states", x => x.plan);
                });

            migrationBuilder.CreateIndex(
                name: "ix_recovery_runs_incident_number",
                table: "recovery_runs",
                column: "incident_number",
                filter: "incident_number is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "recovery_plan_states");

            migrationBuilder.DropIndex(
                name: "ix_recovery_runs_incident_number",
                table: "recovery_runs");

            migrationBuilder.DropColumn(
                name: "agreed",
                table: "recovery_runs");

            migrationBuilder.DropColumn(
                name: "automatic",
                table: "recovery_runs");

            migrationBuilder.DropColumn(
                name: "incident_number",
                table: "recovery_runs");

            migrationBuilder.DropColumn(
                name: "measured_rpo",
                table: "recovery_runs");

            migrationBuilder.DropColumn(
                name: "resources",
                table: "recovery_runs");

            migrationBuilder.DropColumn(
                name: "seen_at",
                table: "recovery_runs");

            migrationBuilder.DropColumn(
                name: "seen_by",
                table: "recovery_runs");
        }
    }
}
