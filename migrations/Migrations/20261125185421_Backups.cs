using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class Backups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "backup",
                table: "heartbeats",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "restore_test_of",
                table: "heartbeats",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "sizes_from",
                table: "heartbeat_states",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "facts",
                table: "heartbeat_pings",
                type: "jsonb",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "backup",
                table: "heartbeats");

            migrationBuilder.DropColumn(
                name: "restore_test_of",
                table: "heartbeats");

            migrationBuilder.DropColumn(
                name: "sizes_from",
                table: "heartbeat_states");

            migrationBuilder.DropColumn(
                name: "facts",
                table: "heartbeat_pings");
        }
    }
}
