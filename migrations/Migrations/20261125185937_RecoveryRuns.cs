using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class RecoveryRuns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "cluster_states",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    leader = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    level = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    level_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    told = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    view = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cluster_states", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "recovery_runs",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    plan = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    service = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    definition = table.Column<string>(type: "jsonb", nullable: false),
                    drill = table.Column<bool>(type: "boolean", nullable: false),
                    dry_run = table.Column<bool>(type: "boolean", nullable: false),
                    state = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    step = table.Column<int>(type: "integer", nullable: false),
                    reason = table.Column<string>(type: "jsonb", nullable: true),
                    confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    started_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    records = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_recovery_runs", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_cluster_states_due_at",
                table: "cluster_states",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_recovery_runs_plan_id",
                table: "recovery_runs",
                columns: new[] { "plan", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_recovery_runs_service",
                table: "recovery_runs",
                column: "service",
                unique: true,
                filter: "state in ('Running', 'Waiting')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "cluster_states");

            migrationBuilder.DropTable(
                name: "recovery_runs");
        }
    }
}
