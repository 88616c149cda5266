using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class Heartbeats : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "heartbeats",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    service = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    period = table.Column<TimeSpan>(type: "interval", nullable: true),
                    schedule = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    time_zone = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    grace = table.Column<TimeSpan>(type: "interval", nullable: false),
                    severity = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    post_only = table.Column<bool>(type: "boolean", nullable: false),
                    manual_resume = table.Column<bool>(type: "boolean", nullable: false),
                    keywords = table.Column<string>(type: "jsonb", nullable: true),
                    token_hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    token_sealed = table.Column<string>(type: "text", nullable: false),
                    token_given = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    from_file = table.Column<bool>(type: "boolean", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_heartbeats", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "heartbeat_flips",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    heartbeat_id = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    status = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_heartbeat_flips", x => x.id);
                    table.ForeignKey(
                        name: "fk_heartbeat_flips_heartbeats_heartbeat_id",
                        column: x => x.heartbeat_id,
                        principalTable: "heartbeats",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "heartbeat_pings",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    heartbeat_id = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    exit_status = table.Column<int>(type: "integer", nullable: true),
                    rid = table.Column<Guid>(type: "uuid", nullable: true),
                    method = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    user_agent = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    address = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    body = table.Column<byte[]>(type: "bytea", nullable: true),
                    duration = table.Column<TimeSpan>(type: "interval", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_heartbeat_pings", x => x.id);
                    table.ForeignKey(
                        name: "fk_heartbeat_pings_heartbeats_heartbeat_id",
                        column: x => x.heartbeat_id,
                        principalTable: "heartbeats",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "heartbeat_states",
                columns: table => new
                {
                    heartbeat_id = table.Column<long>(type: "bigint", nullable: false),
                    status = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reason = table.Column<string>(type: "jsonb", nullable: true),
                    began_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_failure = table.Column<string>(type: "jsonb", nullable: true),
                    last_success_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_duration = table.Column<TimeSpan>(type: "interval", nullable: true),
                    runs = table.Column<string>(type: "jsonb", nullable: false),
                    last_ping_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    pings = table.Column<long>(type: "bigint", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_heartbeat_states", x => x.heartbeat_id);
                    table.ForeignKey(
                        name: "fk_heartbeat_states_heartbeats_heartbeat_id",
                        column: x => x.heartbeat_id,
                        principalTable: "heartbeats",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_heartbeat_flips_heartbeat_id_at",
                table: "heartbeat_flips",
                columns: new[] { "heartbeat_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_heartbeat_pings_heartbeat_id_at",
                table: "heartbeat_pings",
                columns: new[] { "heartbeat_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_heartbeat_states_due_at",
                table: "heartbeat_states",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_heartbeats_name",
                table: "heartbeats",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_heartbeats_service",
                table: "heartbeats",
                column: "service");

            migrationBuilder.CreateIndex(
                name: "ix_heartbeats_token_hash",
                table: "heartbeats",
                column: "token_hash",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "heartbeat_flips");

            migrationBuilder.DropTable(
                name: "heartbeat_pings");

            migrationBuilder.DropTable(
                name: "heartbeat_states");

            migrationBuilder.DropTable(
                name: "heartbeats");
        }
    }
}
