using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class LaxerPlans : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "agreed",
                table: "recovery_plan_states",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "lax_at",
                table: "recovery_plan_states",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "lax_by",
                table: "recovery_plan_states",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "agreed",
                table: "recovery_plan_states");

            migrationBuilder.DropColumn(
                name: "lax_at",
                table: "recovery_plan_states");

            migrationBuilder.DropColumn(
                name: "lax_by",
                table: "recovery_plan_states");
        }
    }
}
