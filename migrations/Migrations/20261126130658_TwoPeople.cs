using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class TwoPeople : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "agreed",
                table: "recovery_runs");

            migrationBuilder.AddColumn<List<long>>(
                name: "agreed_by",
                table: "recovery_runs",
                type: "bigint[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<long>(
                name: "starter_id",
                table: "recovery_runs",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "lax_by_id",
                table: "recovery_plan_states",
                type: "bigint",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "agreed_by",
                table: "recovery_runs");

            migrationBuilder.DropColumn(
                name: "starter_id",
                table: "recovery_runs");

            migrationBuilder.DropColumn(
                name: "lax_by_id",
                table: "recovery_plan_states");

            migrationBuilder.AddColumn<List<string>>(
                name: "agreed",
                table: "recovery_runs",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");
        }
    }
}
