using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class ProofAndReceipts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "absence_fault",
                table: "people",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "absence_read_at",
                table: "people",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "told",
                table: "on_call_periods",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "confirmed_at",
                table: "deliveries",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "created_at",
                table: "channels",
                type: "timestamp with time zone",
                nullable: false,
                defaultValueSql: "now()");

            migrationBuilder.AddColumn<TimeSpan>(
                name: "unproven_after",
                table: "channels",
                type: "interval",
                nullable: false,
                defaultValueSql: "'14 days'");

            migrationBuilder.CreateIndex(
                name: "ix_on_call_periods_untold",
                table: "on_call_periods",
                column: "id",
                filter: "not told");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_on_call_periods_untold",
                table: "on_call_periods");

            migrationBuilder.DropColumn(
                name: "absence_fault",
                table: "people");

            migrationBuilder.DropColumn(
                name: "absence_read_at",
                table: "people");

            migrationBuilder.DropColumn(
                name: "told",
                table: "on_call_periods");

            migrationBuilder.DropColumn(
                name: "confirmed_at",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "created_at",
                table: "channels");

            migrationBuilder.DropColumn(
                name: "unproven_after",
                table: "channels");
        }
    }
}
