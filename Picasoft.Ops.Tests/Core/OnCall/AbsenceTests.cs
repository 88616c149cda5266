using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Core.Incidents;
using Picasoft.Ops.Tests.Core.Notifications;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.OnCall;

/// <summary>Somebody's own calendar, fetched over HTTP, to the warning that they are on call while they are away.</summary>
public sealed class AbsenceTests(PostgresFixture postgres)
{
    // Choir on Wednesday evenings; a holiday of two days.
    private const string Agenda = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:20261125\r\nDTEND;VALUE=DATE:20261127\r\nSUMMARY:Holiday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_busy_counts_as_away_and_a_calendar_that_cannot_be_read_says_why_and_keeps_what_was_known()
    {
        var answer = (Status: 200, Body: Agenda);
        await using var server = await HttpDouble.StartAsync(_ => answer);
        await using var world = await IncidentWorld.CreateAsync(postgres); // Sunday 2026-11-22
        await using var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(world.Clock).AddStorage(world.Source.ConnectionString, new string('k', 32)).BuildServiceProvider();
        var secrets = services.GetRequiredService<ISecretBox>();
        using var reader = new AbsenceRunner(world, secrets, world.Signal, world.Clock, NullLogger<AbsenceRunner>.Instance);
        using var recorder = new OnCallRunner(world, world.Signal, world.Clock, NullLogger<OnCallRunner>.Instance);
        await using (var db = world.CreateDbContext())
        {
            (await db.People.SingleAsync(p => p.Name == "camille", Cancel)).AbsenceUrl = secrets.Seal($"http://127.0.0.1:{server.Port}/camille.ics");
            db.Policies.Add(new() { Kind = PolicyKind.Schedule, Name = "tech", Definition = Json.Text(new ScheduleInput { Name = "tech", Rotation = new() { People = ["camille"], Every = TimeSpan.FromDays(7), Handoff = "18:00" } }) });
            await db.SaveChangesAsync(Cancel);
        }
        await ReadAsync();
        var read = await CamilleAsync();
        Assert.Equal((world.Clock.GetUtcNow(), null), (read.AbsenceReadAt, read.AbsenceFault));
        Assert.Equal(["2026-11-24T23:00 2026-11-26T23:00"], await AwayAsync()); // whole days are days of Paris
        Assert.Equal(["on_call.away camille"], await WarningsAsync());
        Assert.Single(server.Seen);

        // What it says now, and no other; what cannot be read changes nothing.
        foreach (var (status, body, why) in new[] { (404, "gone", "absence.status"), (200, "<html>Sign in</html>", "absence.no_calendar"), (200, new string('x', AbsenceRunner.MaxBytes + 1), "absence.unreadable") })
        {
            answer = (status, body);
            world.Clock.Advance(TimeSpan.FromHours(1));
            await ReadAsync();
            var failed = await CamilleAsync();
            Assert.Equal((why, read.AbsenceReadAt), (failed.AbsenceFault?.Key, failed.AbsenceReadAt));
            Assert.Single(await AwayAsync());
        }
        Assert.Equal(["on_call.away camille"], await WarningsAsync());
        answer = (200, Agenda.Replace("SUMMARY:Holiday", "TRANSP:TRANSPARENT", StringComparison.Ordinal));
        await ReadAsync();
        Assert.Null((await CamilleAsync()).AbsenceFault);
        Assert.Empty(await AwayAsync());
        Assert.Empty(await WarningsAsync());

        async Task ReadAsync()
        {
            await reader.RunOnceAsync(Cancel);
            await recorder.RunOnceAsync(Cancel);
        }

        async Task<Person> CamilleAsync()
        {
            await using var db = world.CreateDbContext();
            return await db.People.AsNoTracking().SingleAsync(p => p.Name == "camille", Cancel);
        }

        async Task<List<string>> AwayAsync()
        {
            await using var db = world.CreateDbContext();
            return [.. (await db.Absences.OrderBy(a => a.StartsAt).ToListAsync(Cancel)).Select(a => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{a.StartsAt.UtcDateTime:yyyy-MM-ddTHH:mm} {a.EndsAt.UtcDateTime:yyyy-MM-ddTHH:mm}"))];
        }

        async Task<List<string>> WarningsAsync() => [.. (await world.AlertsAsync()).Where(a => a.Labels["alertname"] == OnCallRunner.GapAlert && a.ResolvedAt is null).Select(a => $"{a.Summary!.Key} {a.Summary.Args[1]}")];
    }

    [Theory]
    [InlineData("https://calendar.example.org/camille.ics", "https://calendar.example.org/camille.ics")]
    [InlineData(" webcal://calendar.example.org/a?b=c ", "https://calendar.example.org/a?b=c")]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("camille.ics", null)]
    [InlineData("", null)]
    public void Only_web_addresses_are_read(string url, string? address)
    {
        var input = new AbsenceInput { Url = url };
        Assert.Equal(address, input.Address);
        Assert.Equal(address is null && url.Length > 0, input.Check().Any());
    }
}
