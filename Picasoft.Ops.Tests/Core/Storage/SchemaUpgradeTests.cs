using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.Logs.Patterns;
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

    /// <summary>A store as it was when kinds of lines were counted by the day.</summary>
    [Fact]
    public async Task Kinds_of_lines_that_were_counted_by_the_day_are_counted_by_the_hour_from_then_on_and_none_is_lost()
    {
        var cancel = TestContext.Current.CancellationToken;
        var database = await postgres.CreateEmptyDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await using (var db = StorageModule.NewContext(source))
        {
            var names = db.Database.GetMigrations().ToList();
            await db.GetService<IMigrator>().MigrateAsync(names[names.FindIndex(n => n.EndsWith("_LogPatternHours", StringComparison.Ordinal)) - 1], cancel);
        }
        await using var fill = source.CreateCommand("""
            insert into log_patterns (id, host, app, hash, key, text, state, count, level, peak, first_seen, last_seen)
                select p, 'alice', 'cron', p, 'key ' || p, 'kind ' || p, 'Usual', 35 * p, 6, p, '2026-10-18 08:00+00', '2026-11-21 08:00+00' from generate_series(1, 2000) p;
            insert into log_pattern_days (pattern_id, day, count) select p, d, p from generate_series(1, 2000) p, generate_series('2026-10-18'::date, '2026-11-21', interval '1 day') d;
            """);
        await fill.ExecuteNonQueryAsync(cancel);
        await SchemaUpgrade.RunAsync(database, cancel);
        await using var count = source.CreateCommand("select concat_ws(' ', count(*), sum(count), to_char(min(hour) at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), to_char(max(hour) at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), count(distinct pattern_id)) from log_pattern_hours");
        var expected = $"70000 {35 * 2001 * 1000} 2026-10-18 12:00 2026-11-21 12:00 2000";
        Assert.Equal(expected, await count.ExecuteScalarAsync(cancel));

        // Days that are over stay as they lie when the job that keeps them passes.
        await using var node = ProbingNode.Create(database);
        await new PatternRetentionJob(node.Get<IDbContextFactory<OpsDbContext>>(), new FakeTimeProvider(new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero))).RunAsync(cancel);
        Assert.Equal(expected, await count.ExecuteScalarAsync(cancel));
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
