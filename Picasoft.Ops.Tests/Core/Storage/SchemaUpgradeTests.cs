using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Storage;

public sealed class SchemaUpgradeTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Eight_nodes_that_start_together_all_end_with_one_schema()
    {
        var database = await postgres.CreateEmptyDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SchemaUpgrade.RunAsync(database, TestContext.Current.CancellationToken)));

        await using var source = NpgsqlDataSource.Create(database);
        await using var db = StorageModule.NewContext(source);
        Assert.Empty(await SchemaUpgrade.PendingAsync(db, TestContext.Current.CancellationToken));
        await using var count = source.CreateCommand("select count(*) from information_schema.tables where table_name = 'qrtz_job_details'");
        Assert.Equal(1L, await count.ExecuteScalarAsync());
    }

    /// <summary>A store as it was before sums lay in months and services had days of their own.</summary>
    [Fact]
    public async Task A_filled_store_keeps_every_sum_when_its_tables_are_divided_and_its_services_get_their_days()
    {
        var cancel = TestContext.Current.CancellationToken;
        var database = await postgres.CreateEmptyDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(database))
        await using (var db = StorageModule.NewContext(source))
        {
            await db.GetService<IMigrator>().MigrateAsync("20261125215641_RollUps", cancel);
            await using var fill = source.CreateCommand("""
                insert into probes (id, name, service, type, enabled, interval, timeout, failures, recoveries, retry_interval, severity, locations, settings, from_file)
                    select p, 'probe-' || p, 'mail', 'tcp', true, '30 s', '5 s', 2, 1, '2 s', 2, '{}', '{}', false from generate_series(1, 3) p;
                insert into probe_hours (probe_id, hour, checks, failed, ms_average, ms_p50, ms_p95, ms_max, buckets, counts)
                    select p, h, 60, p, 20, 18, 40, 300, array[52,53]::smallint[], array[30,30 - p] from generate_series('2026-08-01 00:00+00'::timestamptz, '2026-11-20 23:00+00', interval '1 hour') h, generate_series(1, 3) p;
                insert into probe_days (probe_id, day, checks, failed, ms_average, ms_max, buckets, counts)
                    select p, d, 1440, 24 * p, 20, 300, array[52,53]::smallint[], array[720,720 - 24 * p] from generate_series('2026-08-01 00:00+00'::timestamptz, '2026-11-20 00:00+00', interval '1 day') d, generate_series(1, 3) p;
                insert into probe_series (probe_id, name, unit) values (1, '/var', '%');
                insert into measured_hours (series_id, at, count, least, average, most) select s.id, h, 60, 1, 2, 3 from probe_series s, generate_series('2026-08-01 00:00+00'::timestamptz, '2026-11-20 23:00+00', interval '1 hour') h;
                insert into measured_days (series_id, at, count, least, average, most) select s.id, d, 1440, 1, 2, 3 from probe_series s, generate_series('2026-08-01 00:00+00'::timestamptz, '2026-11-20 00:00+00', interval '1 day') d;
                """);
            await fill.ExecuteNonQueryAsync(cancel);
        }
        var before = await SumsAsync(database);
        await SchemaUpgrade.RunAsync(database, cancel);
        Assert.Equal(before, await SumsAsync(database));

        await using var node = ProbingNode.Create(database);
        var time = new FakeTimeProvider(new(2026, 11, 21, 6, 0, 0, TimeSpan.Zero));
        await new PartitionJob(node.Source, node.Get<RetentionActions>(), time, NullLogger<PartitionJob>.Instance).RunAsync(cancel);
        await new RollUpJob(node.Source, time).RunAsync(cancel);
        Assert.Equal(before, await SumsAsync(database));
        Assert.Equal(0, await node.AskAsync<long>("select (select count(*) from probe_hours_default) + (select count(*) from probe_days_default) + (select count(*) from measured_hours_default) + (select count(*) from measured_days_default)"));
        var days = (await node.Queries.DaysAsync(90, time.GetUtcNow(), cancel))["mail"];
        Assert.Equal(89, days.Count(d => d.Availability is { } share && Math.Abs(share - .95) < 1e-9)); // of the worst of the three; today has none yet
    }

    private static async Task<string> SumsAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("""
            select concat_ws(' ',
                (select concat_ws('/', count(*), sum(checks), sum(failed), sum(ms_p50), sum(counts[1]), sum(counts[2]), min(hour), max(hour)) from probe_hours),
                (select concat_ws('/', count(*), sum(checks), sum(failed), sum(ms_max), sum(counts[1]), sum(counts[2]), min(day), max(day)) from probe_days),
                (select concat_ws('/', count(*), sum(count), sum(least), sum(average), sum(most), min(at), max(at)) from measured_hours),
                (select concat_ws('/', count(*), sum(count), sum(least), sum(average), sum(most), min(at), max(at)) from measured_days))
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    [Fact]
    public async Task A_command_beside_a_running_product_does_not_wait_for_its_scheduler()
    {
        var database = await postgres.CreateEmptyDatabaseAsync();
        await SchemaUpgrade.RunAsync(database, TestContext.Current.CancellationToken);
        await using var source = NpgsqlDataSource.Create(database);
        await using var busy = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await busy.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var write = new NpgsqlCommand("lock table qrtz_triggers, qrtz_locks in row exclusive mode", busy)) await write.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await SchemaUpgrade.RunAsync(database, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
