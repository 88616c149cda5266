using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Heartbeats;

/// <summary>Heartbeats on a real database, with a clock of ours.</summary>
public sealed class HeartbeatStoryTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly Actor _camille = new(ActorKind.Person, 1, "camille");

    private readonly FakeTimeProvider _time = new(new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private ServiceProvider _services = null!;

    private HeartbeatActions Actions => _services.GetRequiredService<HeartbeatActions>();

    private PingIntake Intake => _services.GetRequiredService<PingIntake>();

    public async ValueTask InitializeAsync() => _services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time)
        .AddStorage(await postgres.CreateDatabaseAsync(), new string('k', 32)).AddInventory().AddHeartbeats().BuildServiceProvider();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_backup_that_stays_away_is_an_alert_until_it_comes()
    {
        await AddServiceAsync();
        var token = await CreateAsync(new() { Name = "borg-alice", Service = "backups", Schedule = "0 3 * * *", TimeZone = "Europe/Paris", Grace = TimeSpan.FromHours(2), Severity = Severity.Critical });
        await PingAsync(token);
        await PassAsync(TimeSpan.FromHours(14)); // 02:00 UTC, three in Paris
        Assert.Equal(HeartbeatStatus.Late, await StatusAsync());
        Assert.Empty(await OpenAlertsAsync());
        await PassAsync(TimeSpan.FromHours(2));
        Assert.Equal(HeartbeatStatus.Down, await StatusAsync());
        var alert = Assert.Single(await OpenAlertsAsync());
        Assert.Contains("\"heartbeat\": \"borg-alice\"", alert, StringComparison.Ordinal);
        Assert.Contains("\"host\": \"alice\"", alert, StringComparison.Ordinal);
        Assert.Contains("\"severity\": \"critical\"", alert, StringComparison.Ordinal);
        await PingAsync(token);
        Assert.Equal(HeartbeatStatus.Up, await StatusAsync());
        Assert.Empty(await OpenAlertsAsync());
    }

    [Fact]
    public async Task What_was_never_seen_is_an_alert_after_its_grace()
    {
        await CreateAsync(new() { Name = "new", Period = TimeSpan.FromHours(1), Grace = TimeSpan.FromMinutes(5) });
        await PassAsync(TimeSpan.FromMinutes(64));
        Assert.Equal(HeartbeatStatus.New, await StatusAsync());
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(HeartbeatStatus.Down, await StatusAsync());
        Assert.Single(await OpenAlertsAsync());
    }

    [Fact]
    public async Task Runs_that_overlap_are_seen_one_that_takes_too_long_is_an_alert_and_its_end_ends_it()
    {
        var token = await CreateAsync(new() { Name = "job", Period = TimeSpan.FromDays(1), Grace = TimeSpan.FromHours(1) });
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await PingAsync(token);
        await PingAsync(token, PingKind.Start, rid: first);
        await PassAsync(TimeSpan.FromMinutes(30));
        await PingAsync(token, PingKind.Start, rid: second);
        var row = (await _services.GetRequiredService<HeartbeatQueries>().FindAsync("job", default))!;
        Assert.Equal((true, true, HeartbeatStatus.Up), (row.Overlaps, row.IsRunning, row.Status));
        await PingAsync(token, rid: second); // the later one is done; the first goes on
        row = (await _services.GetRequiredService<HeartbeatQueries>().FindAsync("job", default))!;
        Assert.Equal((false, true, HeartbeatStatus.Up), (row.Overlaps, row.IsRunning, row.Status));
        await PassAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(HeartbeatStatus.Down, await StatusAsync());
        Assert.Contains("has not finished within 1", Assert.Single(await OpenAlertsAsync()), StringComparison.Ordinal);
        await PassAsync(TimeSpan.FromMinutes(15));
        await PingAsync(token, rid: first);
        Assert.Equal(HeartbeatStatus.Up, await StatusAsync());
        Assert.Empty(await OpenAlertsAsync());
        foreach (var (rid, took) in new[] { (first, 75), (second, 0) })
            Assert.Equal(TimeSpan.FromMinutes(took), await AskAsync(db => db.Pings.Where(p => p.Rid == rid && p.Kind == PingKind.Success).Select(p => p.Duration).SingleAsync()));
    }

    [Fact]
    public async Task A_failure_is_an_alert_at_once_with_what_it_said()
    {
        var token = await CreateAsync(new() { Name = "job", Period = TimeSpan.FromHours(1) });
        await PingAsync(token, PingKind.Fail, exit: 2, body: "No space left on device");
        var alert = Assert.Single(await OpenAlertsAsync());
        Assert.Contains("No space left on device", alert, StringComparison.Ordinal);
        Assert.Contains("exit status 2", alert, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pausing_ends_the_alert_and_a_ping_resumes()
    {
        var token = await CreateAsync(new() { Name = "job", Period = TimeSpan.FromHours(1) });
        await PingAsync(token, PingKind.Fail);
        Assert.True((await Actions.EnableAsync("job", false, _camille, default)).IsDone);
        Assert.Empty(await OpenAlertsAsync());
        await PassAsync(TimeSpan.FromDays(3));
        Assert.Equal(HeartbeatStatus.Paused, await StatusAsync());
        await PingAsync(token);
        Assert.Equal(HeartbeatStatus.Up, await StatusAsync());
    }

    [Fact]
    public async Task With_manual_resume_pings_to_what_is_paused_are_recorded_and_ignored()
    {
        var token = await CreateAsync(new() { Name = "job", Period = TimeSpan.FromHours(1), ManualResume = true });
        Assert.True((await Actions.EnableAsync("job", false, _camille, default)).IsDone);
        await PingAsync(token);
        Assert.Equal(HeartbeatStatus.Paused, await StatusAsync());
        Assert.Equal(PingKind.Ignored, await AskAsync(db => db.Pings.Select(p => p.Kind).SingleAsync()));
    }

    [Fact]
    public async Task Renaming_ends_the_old_alert_and_begins_the_new_one()
    {
        var token = await CreateAsync(new() { Name = "old", Period = TimeSpan.FromHours(1) });
        await PingAsync(token, PingKind.Fail);
        Assert.True((await Actions.UpdateAsync("old", new() { Name = "new", Period = TimeSpan.FromHours(1) }, _camille, null, default)).IsDone);
        Assert.Contains("\"heartbeat\": \"new\"", Assert.Single(await OpenAlertsAsync()), StringComparison.Ordinal);
        Assert.True((await Actions.DeleteAsync("new", _camille, default)).IsDone);
        Assert.Empty(await OpenAlertsAsync());
    }

    [Fact]
    public async Task A_new_address_makes_the_old_one_unknown()
    {
        var token = await CreateAsync(new() { Name = "job", Period = TimeSpan.FromHours(1) });
        Assert.True((await Actions.RegenerateAsync("job", _camille, default)).IsDone);
        Assert.Equal(PingFate.Unknown, await Intake.TakeAsync(token, Sent(PingKind.Success), default));
    }

    [Fact]
    public async Task Two_first_pings_at_once_make_one_heartbeat()
    {
        var fates = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Intake.TakeAsync("fresh", create: true, _camille, Sent(PingKind.Success), default)));
        Assert.Single(fates, PingFate.Created);
        Assert.All(fates, f => Assert.True(f is PingFate.Created or PingFate.Stored));
        Assert.Equal(8, await AskAsync(db => db.Pings.CountAsync()));
        Assert.Equal((TimeSpan.FromDays(1), TimeSpan.FromHours(1)), await AskAsync(async db => (await db.Heartbeats.SingleAsync()) is var h ? (h.Period!.Value, h.Grace) : default));
    }

    [Fact]
    public async Task Of_many_pings_the_newest_bodies_are_kept()
    {
        var token = await CreateAsync(new() { Name = "job", Period = TimeSpan.FromHours(1) });
        for (var i = 0; i < PingCleanupJob.BodiesKept + 5; i++)
        {
            await PingAsync(token, body: $"run {i}");
            _time.Advance(TimeSpan.FromMinutes(1));
        }
        await new PingCleanupJob(_services.GetRequiredService<NpgsqlDataSource>(), _time).RunAsync(default);
        Assert.Equal((PingCleanupJob.BodiesKept + 5, PingCleanupJob.BodiesKept), (await AskAsync(db => db.Pings.CountAsync()), await AskAsync(db => db.Pings.CountAsync(p => p.Body != null))));
        Assert.Null(await AskAsync(db => db.Pings.OrderBy(p => p.At).Select(p => p.Body).FirstAsync()));
    }

    [Fact]
    public async Task A_backup_that_shrank_is_a_failure_until_somebody_says_that_it_is_right()
    {
        var token = await CreateAsync(new() { Name = "borg", Period = TimeSpan.FromDays(1), Backup = new() });
        for (var day = 0; day < 8; day++)
        {
            await PingAsync(token, body: $"size={1000 + day}MB");
            await PassAsync(TimeSpan.FromDays(1));
        }
        await PingAsync(token, body: "size=12MB");
        Assert.Equal(HeartbeatStatus.Down, await StatusAsync());
        Assert.Contains("the backup has 12 MB, and those before usually 1 GB", Assert.Single(await OpenAlertsAsync()), StringComparison.Ordinal);
        await PingAsync(token, body: "size=12MB");
        Assert.Equal(HeartbeatStatus.Down, await StatusAsync());
        Assert.True((await Actions.AcceptSizeAsync("borg", _camille, default)).IsDone);
        Assert.Empty(await OpenAlertsAsync());
        var written = await AskAsync(db => db.Audit.SingleAsync(a => a.Action == "heartbeat.accept_size"));
        Assert.Contains("12 MB", written.Before, StringComparison.Ordinal);
        Assert.Contains("\"up\"", written.After, StringComparison.Ordinal);
        await PingAsync(token, body: "size=13MB");
        Assert.Equal(HeartbeatStatus.Up, await StatusAsync());
        Assert.False((await Actions.AcceptSizeAsync("borg", _camille, default)).IsDone);
    }

    [Fact]
    public async Task A_backup_too_old_is_down_before_its_schedule_says_so()
    {
        var token = await CreateAsync(new() { Name = "borg", Period = TimeSpan.FromDays(7), Backup = new() { MaxAge = TimeSpan.FromHours(26), MinSize = "1MB" } });
        await PingAsync(token, body: "size=5MB");
        await PassAsync(TimeSpan.FromHours(26));
        Assert.Contains("last good backup", Assert.Single(await OpenAlertsAsync()), StringComparison.Ordinal);
        await PingAsync(token, body: "size=5kB");
        Assert.Contains("less than the 1 MB it must have", Assert.Single(await OpenAlertsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_test_counts_only_if_it_proves_something()
    {
        var backup = await CreateAsync(new() { Name = "borg", Period = TimeSpan.FromDays(1), Backup = new() });
        var test = await CreateAsync(new() { Name = "restore", Period = TimeSpan.FromDays(30), RestoreTestOf = "borg" });
        await PingAsync(backup, body: "size=5MB");
        await PingAsync(test, body: "fine");
        Assert.Contains("proves nothing", Assert.Single(await OpenAlertsAsync()), StringComparison.Ordinal);
        await PingAsync(test, PingKind.Start);
        _time.Advance(TimeSpan.FromMinutes(9));
        await PingAsync(test, body: "rows=5312 hash=1f2e");
        Assert.Empty(await OpenAlertsAsync());
        var truth = Assert.Single(await _services.GetRequiredService<HeartbeatQueries>().BackupsAsync(null, _time.GetUtcNow(), default));
        Assert.Equal((5_000_000L, TimeSpan.FromMinutes(9), "5312", TimeSpan.FromMinutes(9)), (truth.Last!.Facts!.Size, truth.Restore!.Took, truth.Restore.Proof["rows"], truth.Rpo));
    }

    [Fact]
    public async Task A_backup_that_is_older_than_usual_is_warned_of_before_it_is_missing()
    {
        await AddServiceAsync();
        var token = await CreateAsync(new() { Name = "borg", Service = "backups", Period = TimeSpan.FromDays(7), Backup = new() });
        for (var day = 0; day < 10; day++)
        {
            await PingAsync(token, body: "size=5GB");
            await PassAsync(TimeSpan.FromHours(24));
            Assert.Empty(await WarnAsync());
        }
        await PassAsync(TimeSpan.FromHours(48)); // three days now; it is missing after seven
        var warning = Assert.Single(await WarnAsync());
        Assert.Contains("borg: the last good backup is 3 d old; usually there is one every 24 h".Replace("24 h", "1 d", StringComparison.Ordinal), warning.Summary!.In(new("en")).Replace('\u00a0', ' '), StringComparison.Ordinal);
        Assert.Equal(("backup_age", "alice", "medium", "s"), (warning.Labels["alertname"], warning.Labels["host"], warning.Labels["severity"], TrendPicture.Parse(warning.Annotations[TrendPicture.Annotation])!.Unit));
        await PingAsync(token, body: "size=5GB");
        Assert.Empty(await WarnAsync());
    }

    [Fact]
    public async Task A_backup_that_shrinks_little_by_little_or_is_suddenly_large_is_warned_of()
    {
        var token = await CreateAsync(new() { Name = "borg", Period = TimeSpan.FromDays(7), Backup = new() });
        for (var day = 0; day < 14; day++)
        {
            await PingAsync(token, body: $"size={5_000_000_000 * Math.Pow(.96, day):0}"); // none is odd beside those before it
            Assert.Equal(HeartbeatStatus.Up, await StatusAsync());
            await PassAsync(TimeSpan.FromHours(24));
        }
        var warning = Assert.Single(await WarnAsync());
        Assert.Equal("backup_size", warning.Labels["alertname"]);
        Assert.StartsWith("borg: its backups shrink little by little, from 5", warning.Summary!.In(new("en")));
        Assert.Equal(14, TrendPicture.Parse(warning.Annotations[TrendPicture.Annotation])!.Values.Count);

        await PingAsync(token, body: "size=60GB");
        Assert.StartsWith("borg: the last backup has 60", Assert.Single(await WarnAsync()).Summary!.In(new("en")));
        await Actions.DeleteAsync("borg", _camille, default);
        Assert.Empty(await WarnAsync());
    }

    [Fact]
    public async Task A_backup_that_always_grew_a_little_is_none_of_that()
    {
        var token = await CreateAsync(new() { Name = "borg", Period = TimeSpan.FromDays(7), Backup = new() });
        for (var day = 0; day < 30; day++)
        {
            await PingAsync(token, body: $"size={5_000_000_000 * (1 + (day * .01) + (day % 3 * .02)):0}");
            await PassAsync(TimeSpan.FromHours(23 + (day % 3)));
        }
        Assert.Empty(await WarnAsync());
    }

    private async Task<List<Alert>> WarnAsync()
    {
        await _services.GetRequiredService<BackupDriftRunner>().RunAsync(default);
        return await AskAsync(db => db.Alerts.AsNoTracking().Where(a => a.Source == BackupDrift.Source && a.ResolvedAt == null).ToListAsync());
    }

    [Fact]
    public void A_day_is_as_good_as_the_share_of_it_that_was_not_down()
    {
        var now = new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
        HeartbeatFlip[] flips = [Flip("2026-11-22T12:00:00Z", HeartbeatStatus.New), Flip("2026-11-23T00:00:00Z", HeartbeatStatus.Up), Flip("2026-11-24T06:00:00Z", HeartbeatStatus.Down), Flip("2026-11-24T12:00:00Z", HeartbeatStatus.Up)];
        Assert.Equal([null, 1.0, 0.75, 1.0], HeartbeatDays.Of(flips, 4, now).Select(d => d.Availability));
    }

    private static HeartbeatFlip Flip(string at, HeartbeatStatus status) => new() { At = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture), Status = status };

    private async Task AddServiceAsync()
    {
        await using var db = await _services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        db.Hosts.Add(new() { Name = "alice" });
        db.Services.Add(new() { Name = "backups", Host = "alice" });
        await db.SaveChangesAsync();
    }

    private async Task<string> CreateAsync(HeartbeatInput input)
    {
        var made = await Actions.CreateAsync(input, _camille, default);
        return Actions.TokenOf(made.Value).Reveal();
    }

    private async Task PingAsync(string token, PingKind kind = PingKind.Success, int? exit = null, string body = "", Guid? rid = null) =>
        Assert.Equal(PingFate.Stored, await Intake.TakeAsync(token, Sent(kind, exit, body, rid), default));

    private static PingSent Sent(PingKind kind, int? exit = null, string body = "", Guid? rid = null) => new(kind, exit, rid, "POST", "curl", "127.0.0.1", System.Text.Encoding.UTF8.GetBytes(body));

    private async Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        while (await _services.GetRequiredService<HeartbeatRunner>().RunOnceAsync(default) > 0) { }
    }

    private Task<HeartbeatStatus> StatusAsync() => AskAsync(db => db.HeartbeatStates.Select(s => s.Status).SingleAsync());

    private async Task<List<string>> OpenAlertsAsync() => await AskAsync(db => db.Database.SqlQueryRaw<string>("select labels::text || annotations::text as \"Value\" from alerts where resolved_at is null").ToListAsync());

    private async Task<T> AskAsync<T>(Func<OpsDbContext, Task<T>> ask)
    {
        await using var db = await _services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        return await ask(db);
    }
}
