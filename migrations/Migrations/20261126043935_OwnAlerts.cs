using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class OwnAlerts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_alerts_own",
                table: "alerts",
                column: "source",
                filter: "resolved_at is null and source <> 'api'");
            // Of what is held back, the moment that is owed stands there now, and no longer the one after it: at this point that was always the first.
            migrationBuilder.Sql("update incidents set escalation_moment = 0 where held and state <> 'Resolved'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_alerts_own",
                table: "alerts");
        }
    }
}
