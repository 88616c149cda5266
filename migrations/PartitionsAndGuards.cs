using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Migrations;

/// <summary>What EF's model cannot say: results partitioned by day, and an audit log that nobody can change. Written by hand.</summary>
[DbContext(typeof(OpsDbContext))]
[Migration("20261122200000_PartitionsAndGuards")]
public sealed class PartitionsAndGuards : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop table probe_results;
        create table probe_results (
            probe_id bigint not null,
            at timestamp with time zone not null,
            ms real not null,
            ok boolean not null,
            reason jsonb,
            node character varying(100) not null,
            constraint pk_probe_results primary key (probe_id, at)
        ) partition by range (at);
        -- Catches what comes before the day's partition was made: nothing is lost when the job was late.
        create table probe_results_default partition of probe_results default;

        -- Changed with every check and never indexed but by its key: keep the updates on their page (HOT).
        alter table probe_states set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
        alter table alerts set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
        alter table probe_slots set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

        create function audit_is_append_only() returns trigger language plpgsql as $$
        begin
            raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
        end $$;
        create trigger audit_entries_append_only before update or delete on audit_entries
            for each row execute function audit_is_append_only();
        create trigger audit_entries_no_truncate before truncate on audit_entries
            for each statement execute function audit_is_append_only();
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => throw new NotSupportedException("Restore a backup instead: results and the audit log are not thrown away.");
}
