using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Migrations;

/// <summary>Words of notes, recovery actions and alerts, for the search of the history: over the very expressions of IncidentSearch. Written by hand: EF's model has no index over an expression.</summary>
[DbContext(typeof(OpsDbContext))]
[Migration("20261125183500_SearchIndexes")]
public sealed class SearchIndexes : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        create index ix_timeline_entries_words on timeline_entries using gin ((text || ' ' || coalesce(data::text, '')) gin_trgm_ops) where text is not null;
        create index ix_alerts_words on alerts using gin ((coalesce(annotations ->> 'summary', '') || ' ' || coalesce(annotations ->> 'description', '')) gin_trgm_ops) where incident_id is not null;
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop index ix_timeline_entries_words; drop index ix_alerts_words;");
}
