using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class LogPatternHours : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "log_pattern_hours",
                columns: table => new
                {
                    pattern_id = table.Column<long>(type: "bigint", nullable: false),
                    hour = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_pattern_hours", x => new { x.pattern_id, x.hour });
                    table.ForeignKey(
                        name: "fk_log_pattern_hours_log_patterns_pattern_id",
                        column: x => x.pattern_id,
                        principalTable: "log_patterns",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_log_pattern_hours_hour",
                table: "log_pattern_hours",
                column: "hour");

            // Of days that were counted as such all lines lie at noon, as of any day that is long over.
            migrationBuilder.Sql("insert into log_pattern_hours (pattern_id, hour, count) select pattern_id, (day + interval '12 hours') at time zone 'UTC', count from log_pattern_days");

            migrationBuilder.DropTable(
                name: "log_pattern_days");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "log_pattern_hours");

            migrationBuilder.CreateTable(
                name: "log_pattern_days",
                columns: table => new
                {
                    pattern_id = table.Column<long>(type: "bigint", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_pattern_days", x => new { x.pattern_id, x.day });
                    table.ForeignKey(
                        name: "fk_log_pattern_days_log_patterns_pattern_id",
                        column: x => x.pattern_id,
                        principalTable: "log_patterns",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_log_pattern_days_day",
                table: "log_pattern_days",
                column: "day");
        }
    }
}
