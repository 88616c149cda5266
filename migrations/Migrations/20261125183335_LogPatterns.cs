using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class LogPatterns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "log_patterns",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    host = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    app = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    hash = table.Column<long>(type: "bigint", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false),
                    first_seen = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_seen = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    level = table.Column<int>(type: "integer", nullable: false),
                    peak = table.Column<int>(type: "integer", nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    decided_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    decided_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_patterns", x => x.id);
                });

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

            migrationBuilder.CreateIndex(
                name: "ix_log_patterns_app_hash_host",
                table: "log_patterns",
                columns: new[] { "app", "hash", "host" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_log_patterns_first_seen",
                table: "log_patterns",
                column: "first_seen");

            migrationBuilder.CreateIndex(
                name: "ix_log_patterns_new",
                table: "log_patterns",
                column: "id",
                filter: "state = 'New'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "log_pattern_days");

            migrationBuilder.DropTable(
                name: "log_patterns");
        }
    }
}
