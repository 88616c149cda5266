using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class Channels : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_root",
                table: "deliveries",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "reference",
                table: "deliveries",
                type: "character varying(300)",
                maxLength: 300,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "shown_revision",
                table: "deliveries",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<List<string>>(
                name: "depends_on",
                table: "channels",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<string>(
                name: "fallback",
                table: "channels",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "scream",
                table: "channels",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_kept_current",
                table: "deliveries",
                column: "id",
                filter: "reference is not null and is_root");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_deliveries_kept_current",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "is_root",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "reference",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "shown_revision",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "depends_on",
                table: "channels");

            migrationBuilder.DropColumn(
                name: "fallback",
                table: "channels");

            migrationBuilder.DropColumn(
                name: "scream",
                table: "channels");
        }
    }
}
