using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Notifications.Channels;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Notifications;

public sealed class DigestTests(PostgresFixture postgres)
{
    private static readonly DateOnly _today = new(2026, 11, 23); // a Monday
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task It_says_what_was_new_what_grew_what_was_silent_and_what_was_noise()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var services = Services(database);
        await using (var db = Context(database))
        {
            var old = Row("nginx", "GET <*>", PatternState.Usual, -30);
            var fresh = Row("postgres", "deadlock detected", PatternState.New, 0);
            var silent = Row("borg", "Archive name: <*>", PatternState.Usual, -30);
            var noise = Row("cron", "CMD (<*>)", PatternState.Noise, -30);
            var steady = Row("sshd", "Accepted publickey for <*>", PatternState.Usual, -30);
            db.LearntPatterns.AddRange(old, fresh, silent, noise, steady);
            await db.SaveChangesAsync();
            for (var day = -7; day < 0; day++) db.LearntPatternHours.AddRange(Day(old, day, 10), Day(silent, day, 1), Day(steady, day, 100));
            db.LearntPatternHours.AddRange(Day(old, 0, 90), Day(fresh, 0, 2), Day(noise, 0, 500), Day(steady, 0, 110));
            await db.SaveChangesAsync();
        }
        var digest = await services.GetRequiredService<LogDigestQueries>().ReadAsync(_today, 1, TimeZoneInfo.Utc, CancellationToken.None);
        Assert.Equal("deadlock detected", Assert.Single(digest.New).Text);
        var grew = Assert.Single(digest.Grew);
        Assert.Equal(("nginx", 90L, 10.0), (grew.App, grew.Count, grew.Usual));
        Assert.Equal("borg", Assert.Single(digest.Silent).App);
        Assert.Equal((1L, 500L, 702L), (digest.Noise, digest.NoiseLines, digest.Lines));
        var week = await services.GetRequiredService<LogDigestQueries>().ReadAsync(_today, 7, TimeZoneInfo.Utc, CancellationToken.None);
        Assert.Empty(week.Silent);
    }

    [Theory]
    [InlineData("2026-11-22", "Europe/Paris", 4)]
    [InlineData("2026-11-23", "Europe/Paris", 3)] // from 23:00 in Greenwich on
    [InlineData("2026-11-22", "America/Montreal", 7)]
    [InlineData("2026-11-23", "America/Montreal", 0)]
    [InlineData("2026-11-22", "Asia/Kolkata", 1)] // a day there begins at 18:30: half an hour is not known apart
    [InlineData("2026-11-23", "Asia/Kolkata", 6)]
    public async Task The_lines_of_a_day_are_those_of_its_readers_day(string day, string zone, long lines)
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var services = Services(database);
        await using (var db = Context(database))
        {
            var row = Row("nginx", "GET <*>", PatternState.Noise, -30);
            db.LearntPatterns.Add(row);
            await db.SaveChangesAsync();
            foreach (var (hour, count) in new[] { (18, 1), (19, 1), (22, 2), (23, 3) }) db.LearntPatternHours.Add(new() { PatternId = row.Id, Hour = new DateTimeOffset(2026, 11, 22, hour, 0, 0, TimeSpan.Zero), Count = count });
            await db.SaveChangesAsync();
        }
        var digest = await services.GetRequiredService<LogDigestQueries>().ReadAsync(DateOnly.Parse(day, CultureInfo.InvariantCulture), 1, TimeZoneInfo.FindSystemTimeZoneById(zone), CancellationToken.None);
        Assert.Equal((lines, lines), (digest.Lines, digest.NoiseLines));
    }

    [Fact]
    public async Task It_is_put_into_the_outbox_once_a_morning_for_those_who_want_it()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var services = Services(database);
        var actions = services.GetRequiredService<ChannelActions>();
        foreach (var times in new[] { "weekly", "both", "none" })
        {
            var json = "{\"name\":\"WHO\",\"type\":\"email\",\"from\":\"ops@example.org\",\"to\":[\"WHO@example.org\"],\"digest\":\"WHO\",\"smtp\":{\"host\":\"127.0.0.1\"}}".Replace("WHO", times, StringComparison.Ordinal);
            var input = InputReader.Read<ChannelInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value);
            Assert.True(input.IsDone, input.Refusal?.ToString());
            Assert.True((await actions.CreateAsync(input.Value, new(ActorKind.Person, 1, "camille"), CancellationToken.None)).IsDone);
        }
        var job = services.GetRequiredService<DigestJob>();
        await job.RunAsync(CancellationToken.None);
        await using var db = Context(database);
        Assert.Equal(0, await db.Deliveries.CountAsync()); // no logs
        db.LearntPatterns.Add(Row("nginx", "GET <*>", PatternState.Usual, -3));
        await db.SaveChangesAsync();
        await job.RunAsync(CancellationToken.None);
        await job.RunAsync(CancellationToken.None);
        Assert.Equal(["both@example.org digest_day", "both@example.org digest_week", "weekly@example.org digest_week"], await SentAsync(db));
        _time.Advance(TimeSpan.FromHours(20));
        await job.RunAsync(CancellationToken.None); // four in the morning
        Assert.Equal(3, await db.Deliveries.CountAsync());
        _time.Advance(TimeSpan.FromHours(5));
        await job.RunAsync(CancellationToken.None);
        Assert.Equal(4, await db.Deliveries.CountAsync());
    }

    [Fact]
    public async Task Everybody_gets_it_in_their_own_morning_and_it_is_known_whose_language_it_speaks()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var services = Services(database);
        const string Json = """{"name":"mail","type":"email","from":"ops@example.org","to":["tech@example.org","camille@example.org","noe@example.org"],"digest":"daily","smtp":{"host":"127.0.0.1"}}""";
        Assert.True((await services.GetRequiredService<ChannelActions>().CreateAsync(InputReader.Read<ChannelInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(Json)).Value).Value, Actor.System, default)).IsDone);
        await using var db = Context(database);
        db.LearntPatterns.Add(Row("nginx", "GET <*>", PatternState.Usual, -3));
        db.People.AddRange(Living("camille", "America/Montreal"), Living("noe", "Europe/Paris"));
        await db.SaveChangesAsync();
        var job = services.GetRequiredService<DigestJob>();
        await job.RunAsync(default); // eight in Greenwich, nine in Paris, three in Montreal
        Assert.Equal(["noe@example.org digest_day", "tech@example.org digest_day"], await SentAsync(db));
        _time.Advance(TimeSpan.FromHours(4));
        await job.RunAsync(default);
        Assert.Equal(["camille@example.org digest_day", "noe@example.org digest_day", "tech@example.org digest_day"], await SentAsync(db));
        Assert.Equal(["camille", "noe", null], await db.Deliveries.OrderBy(d => d.Recipient).Select(d => d.Person).ToListAsync());
    }

    private static Person Living(string name, string zone) => new()
    {
        Name = name,
        UserName = name,
        NormalizedUserName = name.ToUpperInvariant(),
        Email = $"{name}@example.org",
        NormalizedEmail = $"{name}@example.org".ToUpperInvariant(),
        CreatedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Contacts = new() { Quiet = new() { TimeZone = zone } },
    };

    [Fact]
    public async Task It_arrives_by_a_real_mail_server_and_its_day_is_that_of_the_time_zone()
    {
        Assert.SkipUnless(MailServer.CanRun, "Postfix needs root");
        await using var server = await MailServer.CreateAsync();
        var database = await postgres.CreateDatabaseAsync();
        // 11:30 of the 25th in Auckland, and still the 24th in Greenwich.
        await using var rig = await OutboxRig.StartAsync(database, new Elsewhere(new(2026, 11, 24, 22, 30, 0, TimeSpan.Zero), "Pacific/Auckland"));
        await using (var db = Context(database))
        {
            foreach (var (text, seen) in new[] { ("yesterday in the evening", 10), ("today in the night", 12) })
            {
                var row = Row("postgres", text, PatternState.New, 0);
                row.FirstSeen = row.LastSeen = new DateTimeOffset(2026, 11, 24, seen, 30, 0, TimeSpan.Zero);
                db.LearntPatterns.Add(row);
            }
            db.People.Add(Living("noe", "America/Montreal"));
            await db.SaveChangesAsync();
        }
        var json = $$"""{"name": "tech-mail", "type": "email", "from": "ops@example.org", "to": ["tech@example.org", "noe@example.org"], "digest": "daily", "smtp": {"host": "127.0.0.1", "port": {{server.Port}}, "tls": "none"} }""";
        Assert.True((await rig.Channels.CreateAsync(InputReader.Read<ChannelInput>(JsonInput.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value).Value, Actor.System, default)).IsDone);
        await rig.Services.GetRequiredService<DigestJob>().RunAsync(default);
        await server.WaitForMessageAsync(m => m.Subject!.Contains("24/11/2026", StringComparison.Ordinal));
        // Whoever lives where it is still the 24th is told of the 23rd.
        await server.WaitForMessageAsync(m => m.Subject!.Contains("23/11/2026", StringComparison.Ordinal) && m.To.ToString().Contains("noe@example.org", StringComparison.Ordinal));
        var mail = Assert.Single(await server.ReadMessagesAsync(), m => m.To.ToString().Contains("tech@example.org", StringComparison.Ordinal));
        Assert.Contains("yesterday in the evening", mail.TextBody);
        Assert.Contains("yesterday in the evening", mail.HtmlBody);
        Assert.DoesNotContain("today in the night", mail.TextBody);
        Assert.Contains("https://ops.example.org/logs/digest?to=2026-11-24", mail.TextBody);
    }

    [Theory]
    [InlineData("2026-03-29", "Europe/Paris", "2026-03-28T23:00:00Z")] // the day on which the clock goes forward begins in winter time
    [InlineData("2026-03-30", "Europe/Paris", "2026-03-29T22:00:00Z")]
    [InlineData("2026-09-06", "America/Santiago", "2026-09-06T04:00:00Z")] // has no midnight
    public void A_day_begins_where_its_people_are(string day, string zone, string begins) =>
        Assert.Equal(DateTimeOffset.Parse(begins, CultureInfo.InvariantCulture), LogDays.Begin(DateOnly.Parse(day, CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(zone)));

    [Theory]
    [InlineData("en", "deadlock detected", "90 lines instead of 10", "Noise: 1 kind, 500 lines.")]
    [InlineData("fr", "deadlock detected", "90 lignes au lieu de 10", "Bruit\u202f: 1 sorte, 500 lignes.")]
    public void It_is_written_in_plain_words(string language, params string[] expected)
    {
        var digest = new LogDigest(_today, _today, [new("postgres", "deadlock detected", "alice", 2, 0)], [new("nginx", "<script>GET <*>", "alice", 90, 10)],
            [new("borg", "bob", new DateTimeOffset(2026, 11, 20, 3, 0, 0, TimeSpan.Zero))], 1, 500, 702);
        var (subject, text, html) = DigestWriter.Write(digest, "tech-mail", "https://ops.example.org", language, TimeZoneInfo.FindSystemTimeZoneById("America/Montreal"));
        Assert.Contains(language == "fr" ? $"{_today:dd/MM/yyyy}" : $"{_today:d MMM yyyy}", subject); // 11/12 is two days
        Assert.All(expected, e => Assert.Contains(e, text));
        Assert.Contains("22:00", text); // of the evening before, where its reader lives
        Assert.Contains("https://ops.example.org/logs/review", text);
        Assert.DoesNotContain("<script>", html);
    }

    private static async Task<string[]> SentAsync(OpsDbContext db) =>
        [.. (await db.Deliveries.AsNoTracking().ToListAsync()).Select(d => $"{d.Recipient} {d.Reason}").Order(StringComparer.Ordinal)];

    private static LearntPattern Row(string app, string text, PatternState state, int day) => new()
    {
        Host = "alice",
        App = app,
        Text = text,
        Key = text,
        Hash = text.Length,
        State = state,
        Count = 1,
        FirstSeen = new DateTimeOffset(_today.AddDays(day).ToDateTime(new(1, 0)), TimeSpan.Zero),
        LastSeen = new DateTimeOffset(_today.AddDays(-1).ToDateTime(new(2, 0)), TimeSpan.Zero),
    };

    private static LearntPatternHour Day(LearntPattern pattern, int day, long count) => new() { PatternId = pattern.Id, Hour = new DateTimeOffset(_today.AddDays(day), new TimeOnly(12, 0), TimeSpan.Zero), Count = count };

    private ServiceProvider Services(string database)
    {
        _time.SetLocalTimeZone(TimeZoneInfo.Utc);
        return new ServiceCollection().AddLogging().AddStorage(database, new string('k', 32)).AddNotifications().AddSingleton<TimeProvider>(_time).BuildServiceProvider();
    }

    /// <summary>A clock that goes on from an instant, in a time zone.</summary>
    private sealed class Elsewhere(DateTimeOffset start, string zone) : TimeProvider
    {
        private readonly long _began = System.GetTimestamp();

        public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.FindSystemTimeZoneById(zone);

        public override DateTimeOffset GetUtcNow() => start + System.GetElapsedTime(_began);
    }

    private static OpsDbContext Context(string database) => StorageModule.NewContext(NpgsqlDataSource.Create(database));
}
