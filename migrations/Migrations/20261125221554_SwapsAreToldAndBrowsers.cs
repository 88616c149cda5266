using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class SwapsAreToldAndBrowsers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "browsers",
                table: "people",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<string>(
                name: "told",
                table: "on_call_swaps",
                type: "character varying(32)",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "stands_in_for",
                table: "deliveries",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "swap_id",
                table: "deliveries",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_stands_in_for",
                table: "deliveries",
                column: "stands_in_for",
                filter: "stands_in_for is not null");

            migrationBuilder.Sql("update on_call_swaps set told = state"); // what was asked before is known
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_deliveries_stands_in_for",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "browsers",
                table: "people");

            migrationBuilder.DropColumn(
                name: "told",
                table: "on_call_swaps");

            migrationBuilder.DropColumn(
                name: "stands_in_for",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "swap_id",
                table: "deliveries");
        }
    }
}
