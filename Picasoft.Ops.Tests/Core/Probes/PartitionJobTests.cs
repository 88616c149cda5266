using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Probes;

public sealed class PartitionJobTests(PostgresFixture postgres)
{
    private const string Partitions = "select count(*) from pg_inherits where inhparent = 'probe_results'::regclass";
    private readonly FakeTimeProvider _time = new(new(2026, 11, 22, 18, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_week_is_made_ahead_what_waited_moves_in_and_old_days_go()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AskAsync<object>("insert into probe_results select g, '2026-11-22 10:00+00', 1, true, null, 'alice' from generate_series(1, 5) g");
        await node.AskAsync<object>("insert into measured_values select g, '2026-11-22 10:00+00', g from generate_series(1, 5) g");
        var job = new PartitionJob(node.Source, node.Get<RetentionActions>(), _time, NullLogger<PartitionJob>.Instance);

        await Task.WhenAll(job.RunAsync(default), job.RunAsync(default)); // two nodes in the same second
        await job.RunAsync(default);
        Assert.Equal(1 + 8, await node.AskAsync<long>(Partitions));
        Assert.Equal(0, await node.AskAsync<long>("select count(*) from probe_results_default"));
        Assert.Equal(5, await node.AskAsync<long>("select count(*) from probe_results_d20261122"));
        Assert.Equal(5, await node.AskAsync<long>("select count(*) from measured_values_d20261122"));

        _time.Advance(TimeSpan.FromDays(14));
        await job.RunAsync(default);
        Assert.Equal(5, await node.AskAsync<long>("select count(*) from probe_results"));
        _time.Advance(TimeSpan.FromDays(1));
        await job.RunAsync(default);
        Assert.Equal(0, await node.AskAsync<long>("select count(*) from probe_results"));
        Assert.Equal(0, await node.AskAsync<long>("select count(*) from measured_values"));
    }

    [Fact]
    public async Task What_comes_for_a_day_that_is_being_made_waits_and_is_kept()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await using var connection = await node.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var first = new NpgsqlCommand(Result(1), connection)) await first.ExecuteNonQueryAsync();

        var making = new PartitionJob(node.Source, node.Get<RetentionActions>(), _time, NullLogger<PartitionJob>.Instance).RunAsync(default);
        await WaitingAsync(1);
        var second = node.AskAsync<object>(Result(2));
        await WaitingAsync(2);
        await transaction.CommitAsync();
        await Task.WhenAll(making, second);
        Assert.Equal(2, await node.AskAsync<long>("select count(*) from probe_results_d20261122"));

        static string Result(int probe) => $"insert into probe_results values ({probe}, '2026-11-22 10:00+00', 1, true, null, 'alice')";
        Task WaitingAsync(int sessions) => Eventually.TrueAsync(async () => await node.AskAsync<long>("select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())") == sessions, $"{sessions} wait");
    }

    [Fact]
    public async Task Hours_are_summed_the_same_however_often_and_make_the_days_of_a_service()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AddAsync([new() { Name = "good", Type = "tcp", Service = "mail" }, new() { Name = "bad", Type = "tcp", Service = "mail" }]);
        await node.AskAsync<object>("insert into probe_results select p.id, '2026-11-22 16:00+00'::timestamptz + g * interval '1 min', g, p.name = 'good' or g > 30, null, 'alice' from probes p, generate_series(0, 119) g");
        var job = new RollUpJob(node.Source, _time);

        for (var i = 0; i < 3; i++) await job.RunAsync(default);
        var bad = (await node.Queries.FindAsync("bad", default))!.Probe.Id;
        var hours = await node.Queries.HoursAsync(bad, DateTimeOffset.UnixEpoch, _time.GetUtcNow(), default);
        Assert.Equal([(60, 31), (60, 0)], hours.Select(h => (h.Checks, h.Failed)));
        Assert.Equal((29.5f, 29.5f, 59f), (hours[0].MsAverage, hours[0].MsP50, hours[0].MsMax));

        var days = (await node.Queries.DaysAsync(90, _time.GetUtcNow(), default))["mail"];
        Assert.Equal((90, DayState.NoData, DayState.Down), (days.Count, days[88].State, days[89].State));
        Assert.Equal(new DateOnly(2026, 11, 22), days[89].Date);
        Assert.Equal(1 - 31.0 / 120, days[89].Availability!.Value, 6);
        Assert.Equal(days, (await node.Queries.DaysAsync(90, _time.GetUtcNow(), default, "mail"))["mail"]);
        Assert.Empty(await node.Queries.DaysAsync(90, _time.GetUtcNow(), default, "web"));
    }

    [Fact]
    public async Task The_days_of_a_service_are_made_of_what_an_older_store_has_and_stay_its_own_when_a_probe_moves()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AddAsync([new() { Name = "smtp", Type = "tcp", Service = "mail" }]);
        await node.AskAsync<object>("insert into probe_days (probe_id, day, checks, failed, ms_average, ms_max) select p.id, d, 100, 3, 1, 1 from probes p, generate_series('2026-11-01 00:00+00'::timestamptz, '2026-11-22 00:00+00', interval '1 day') d");
        var job = new RollUpJob(node.Source, _time);
        await job.RunAsync(default);
        Assert.Equal(22, (await node.Queries.DaysAsync(90, _time.GetUtcNow(), default))["mail"].Count(d => d.Availability is .97));

        await node.AskAsync<object>("update probes set service = 'web'");
        await node.AskAsync<object>("update probe_days set failed = 50 where day = '2026-11-22 00:00+00'"); // the day goes on
        await node.AddAsync([new() { Name = "imap", Type = "tcp", Service = "mail" }]);
        await job.RunAsync(default);
        var days = await node.Queries.DaysAsync(90, _time.GetUtcNow(), default);
        Assert.Equal((22, 2), (days["mail"].Count(d => d.Availability is not null), days["web"].Count(d => d.Availability is not null)));
        Assert.Equal(.5, days["web"][^1].Availability);
    }

    [Fact]
    public async Task What_was_measured_is_summed_by_hour_and_by_day_the_same_however_often()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AddAsync([new() { Name = "disk", Type = "tcp" }]);
        await node.AskAsync<object>("insert into probe_series (probe_id, name, unit) select id, '/var', '%' from probes");
        await node.AskAsync<object>("insert into measured_values select s.id, '2026-11-20 22:30+00'::timestamptz + g * interval '1 min', g from probe_series s, generate_series(0, 179) g");
        var job = new RollUpJob(node.Source, _time);

        for (var i = 0; i < 3; i++) await job.RunAsync(default);
        var measurements = node.Get<MeasurementQueries>();
        var disk = (await node.Queries.FindAsync("disk", default))!.Probe.Id;
        var hours = Assert.Single(await measurements.OfProbeAsync(disk, DateTimeOffset.UnixEpoch, _time.GetUtcNow(), Grain.Hour, 100, default));
        Assert.Equal([(0, 14.5, 29), (30, 59.5, 89), (90, 119.5, 149), (150, 164.5, 179)], hours.Points.Select(p => (p.Least, p.Average, p.Most)));
        var days = Assert.Single(await measurements.OfProbeAsync(disk, DateTimeOffset.UnixEpoch, _time.GetUtcNow(), Grain.Day, 100, default));
        Assert.Equal([(0, 44.5, 89), (90, 134.5, 179)], days.Points.Select(p => (p.Least, p.Average, p.Most)));
    }

    [Fact]
    public async Task Sums_lie_in_months_and_go_when_the_retention_that_somebody_set_is_over()
    {
        await using var node = ProbingNode.Create(await postgres.CreateDatabaseAsync());
        await node.AskAsync<object>("insert into probe_hours (probe_id, hour, checks, failed, ms_average, ms_p50, ms_p95, ms_max) select 1, h, 60, 0, 1, 1, 1, 1 from generate_series('2026-11-01 00:00+00'::timestamptz, '2026-11-22 00:00+00', interval '1 day') h");
        await node.AskAsync<object>("insert into probe_days (probe_id, day, checks, failed, ms_average, ms_max) select 1, d, 60, 0, 1, 1 from generate_series('2026-11-01 00:00+00'::timestamptz, '2026-11-22 00:00+00', interval '1 day') d");
        await node.AskAsync<object>("insert into service_days select 'mail', day, 1 from probe_days");
        var retention = node.Get<RetentionActions>();
        var job = new PartitionJob(node.Source, retention, _time, NullLogger<PartitionJob>.Instance);
        await job.RunAsync(default);
        Assert.Equal(22, await node.AskAsync<long>("select count(*) from probe_hours_m202611"));
        Assert.Equal("hours", new RetentionInput { Results = TimeSpan.FromDays(40), Hours = TimeSpan.FromDays(35) }.Check().Single().Field);
        Assert.True((await retention.UpdateAsync(new() { Hours = TimeSpan.FromDays(35), Days = TimeSpan.FromDays(90) }, ProbingNode.Camille, default)).IsDone);

        _time.Advance(TimeSpan.FromDays(36)); // 28 December: November is not yet 35 days over
        await job.RunAsync(default);
        Assert.Equal(22, await node.AskAsync<long>("select count(*) from probe_hours"));
        _time.Advance(TimeSpan.FromDays(10));
        await job.RunAsync(default);
        Assert.Equal((0, 22), (await node.AskAsync<long>("select count(*) from probe_hours"), await node.AskAsync<long>("select count(*) from probe_days")));
        Assert.Equal(22, await node.AskAsync<long>("select count(*) from service_days"));
        _time.Advance(TimeSpan.FromDays(60));
        await job.RunAsync(default);
        Assert.Equal(0, await node.AskAsync<long>("select count(*) from probe_days") + await node.AskAsync<long>("select count(*) from service_days"));
    }
}
