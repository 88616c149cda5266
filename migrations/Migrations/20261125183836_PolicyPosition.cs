using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Picasoft.Ops.Migrations.Migrations
{
    /// <inheritdoc />
    public partial class PolicyPosition : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "position",
                table: "policies",
                type: "integer",
                nullable: false,
                defaultValue: 0);
            // Those without a name were called by their place.
            migrationBuilder.Sql("update policies set position = case when name ~ '^[0-9]{1,9}$' then name::int else id::int end");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "position",
                table: "policies");
        }
    }
}
