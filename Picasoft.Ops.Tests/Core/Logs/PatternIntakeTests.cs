using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Picasoft.Ops.Core.Incidents;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Logs.Patterns;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Logs;

public sealed class PatternIntakeTests(PostgresFixture postgres)
{
    private static readonly Actor _camille = new(ActorKind.Person, 1, "camille");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task What_was_learnt_survives_a_restart_and_is_news_only_once()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using (var node = Node(database))
        {
            Hear(node, "daemon started with pid 12", "alice");
            await StepAsync(node);
            _time.Advance(TimeSpan.FromDays(2));
            Hear(node, "lease renewed for node 4711", "alice");
            await StepAsync(node);
            var news = Assert.Single(await ReviewAsync(node));
            Assert.Equal(("lease renewed for node <*>", 1L), (news.Newest.Text, news.Count));
        }
        await using (var node = Node(database))
        {
            await node.GetRequiredService<PatternIntake>().RestoreAsync(CancellationToken.None);
            Hear(node, "daemon started with pid 13", "alice");
            Hear(node, "lease renewed for node 1", "alice");
            await StepAsync(node);
            var news = Assert.Single(await ReviewAsync(node));
            Assert.Equal(2, news.Count);
            var accepted = await node.GetRequiredService<PatternActions>().AcceptAsync(news.Newest.Id, _camille, CancellationToken.None);
            Assert.Equal(1, accepted.Value);
            Assert.Empty(await ReviewAsync(node));
        }
        await using var db = Context(database);
        Assert.Equal(4, await db.LearntPatternHours.SumAsync(d => d.Count));
    }

    [Fact]
    public async Task Rows_of_kinds_that_are_one_are_joined_with_their_counts_days_and_decision()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var node = Node(database);
        Hear(node, "started", "alice");
        await StepAsync(node);
        _time.Advance(TimeSpan.FromDays(2));
        Hear(node, "hello camille and welcome to this place", "alice");
        await StepAsync(node);
        var first = Assert.Single(await ReviewAsync(node)).Newest;
        await node.GetRequiredService<PatternActions>().DecideAsync(first.Id, PatternState.Noise, _camille, CancellationToken.None);
        foreach (var name in new[] { "sacha", "noe", "alix", "jo", "lou", "mina", "ada" }) Hear(node, $"hello {name} and welcome to this place", "alice");
        await StepAsync(node);
        await using var db = Context(database);
        var row = await db.LearntPatterns.SingleAsync(p => p.Text.StartsWith("hello"));
        Assert.Equal(("hello <*> and welcome to this place", 8L, PatternState.Noise), (row.Text, row.Count, row.State));
        Assert.Equal(8, await db.LearntPatternHours.Where(d => d.PatternId == row.Id).SumAsync(d => d.Count));
    }

    [Fact]
    public async Task An_incident_is_opened_in_one_click()
    {
        await using var node = Node(await postgres.CreateDatabaseAsync());
        Hear(node, "I/O error, dev sda, sector 12345", "bob");
        await StepAsync(node);
        var news = Assert.Single(await ReviewAsync(node));
        var opened = await node.GetRequiredService<PatternIncidentActions>().OpenAsync(news.Newest.Id, null, _camille, CancellationToken.None);
        Assert.Equal(("daemon: I/O error, dev sda, sector <*>", Severity.High), (opened.Value.Title, opened.Value.Severity));
        Assert.Empty(await ReviewAsync(node));
        Assert.Equal(RefusalKind.NotFound, (await node.GetRequiredService<PatternIncidentActions>().OpenAsync(999, null, _camille, CancellationToken.None)).Refusal!.Kind);
    }

    [Fact]
    public async Task Any_bytes_can_be_learnt_and_a_flood_is_passed_over_and_counted()
    {
        await using var node = Node(await postgres.CreateDatabaseAsync());
        var intake = node.GetRequiredService<PatternIntake>();
        var random = new Random(4);
        for (var i = 0; i < 500; i++)
        {
            var bytes = new byte[random.Next(1, 200)];
            random.NextBytes(bytes);
            intake.Hear(new LogLine { Host = bytes.AsSpan(0, 1), App = bytes, Text = bytes, Severity = LogSeverity.Info });
        }
        await StepAsync(node);
        for (var i = 0; i < 60_000; i++) Hear(node, "flood", "alice");
        Assert.True(intake.PassedOver > 0);
    }

    [Fact]
    public async Task What_has_not_been_seen_for_long_is_forgotten()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var node = Node(database);
        Hear(node, "started", "alice");
        await StepAsync(node);
        _time.Advance(PatternRetentionJob.Kept + TimeSpan.FromDays(1));
        Hear(node, "stopped", "alice");
        await StepAsync(node);
        await node.GetRequiredService<PatternRetentionJob>().RunAsync(CancellationToken.None);
        await using var db = Context(database);
        Assert.Equal("stopped", (await db.LearntPatterns.SingleAsync()).Text);
        Assert.Equal(1, await db.LearntPatternHours.CountAsync());
    }

    [Fact]
    public async Task Of_days_that_are_long_over_the_hours_are_one()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var node = Node(database);
        for (var hour = 0; hour < 30; hour++) // from eight on the 2nd until two in the afternoon of the 3rd
        {
            Hear(node, "started", "alice");
            await StepAsync(node);
            _time.Advance(TimeSpan.FromHours(1));
        }
        await using var db = Context(database);
        Assert.Equal(30, await db.LearntPatternHours.CountAsync());
        foreach (var (days, hours) in new[] { (0, 30), (10, 15), (11, 2), (11, 2) })
        {
            _time.SetUtcNow(new DateTimeOffset(2026, 11, 3, 14, 0, 0, TimeSpan.Zero).AddDays(days));
            await node.GetRequiredService<PatternRetentionJob>().RunAsync(CancellationToken.None);
            Assert.Equal((hours, 30L), (await db.LearntPatternHours.CountAsync(), await db.LearntPatternHours.SumAsync(h => h.Count)));
        }
        Assert.Equal([(2, 16L), (3, 14L)], (await db.LearntPatternHours.OrderBy(h => h.Hour).ToListAsync()).Select(h => (h.Hour.Day, h.Count)));
    }

    private ServiceProvider Node(string database) => new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time).AddStorage(database, new string('k', 32))
        .AddLogPatterns().AddSingleton<IncidentActions>().AddSingleton<PatternIncidentActions>().AddSingleton<TimeProvider>(_time).BuildServiceProvider();

    private static void Hear(ServiceProvider node, string text, string host) => node.GetRequiredService<PatternIntake>().Hear(new LogLine
    {
        Host = Encoding.UTF8.GetBytes(host),
        App = "daemon"u8,
        Text = Encoding.UTF8.GetBytes(text),
        Severity = LogSeverity.Info,
    });

    private static Task StepAsync(ServiceProvider node) => node.GetRequiredService<PatternIntake>().StepAsync(CancellationToken.None);

    private static Task<IReadOnlyList<RankedPattern>> ReviewAsync(ServiceProvider node) => node.GetRequiredService<PatternQueries>().ReviewAsync(CancellationToken.None);

    private static OpsDbContext Context(string database) => StorageModule.NewContext(Npgsql.NpgsqlDataSource.Create(database));
}
