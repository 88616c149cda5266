using System.Net;
using System.Text.Json;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.OnCall;

/// <summary>The feeds as calendar programs read them: with two parsers that are not the library which wrote them.</summary>
public sealed class FeedTests(OpsApi api) : IClassFixture<OpsApi>
{
    // Both refuse what is no iCalendar; vobject also wants what RFC 5545 requires of each part.
    private const string Read = """
        import sys, json, icalendar, vobject
        raw = open(sys.argv[1], 'rb').read()
        calendar = icalendar.Calendar.from_ical(raw)
        whole = vobject.readOne(raw.decode('utf-8'))
        whole.validate(raiseException=True)
        events = list(calendar.walk('VEVENT'))
        broken = [str(e.errors) for e in [calendar, *events] if e.errors]
        assert not broken, broken
        utc = lambda t: t.dt.strftime('%Y-%m-%dT%H:%M:%SZ %Z')
        one = [{'uid': str(e['UID']), 'summary': str(e['SUMMARY']), 'start': utc(e['DTSTART']), 'end': utc(e['DTEND']), 'stamp': utc(e['DTSTAMP']), 'url': str(e['URL'])} for e in events]
        other = [{'uid': e.uid.value, 'start': e.dtstart.value.strftime('%Y-%m-%dT%H:%M:%SZ'), 'summary': e.summary.value} for e in getattr(whole, 'vevent_list', [])]
        assert [(o['uid'], o['start'] + ' UTC', o['summary']) for o in other] == [(o['uid'], o['start'], o['summary']) for o in one], 'the two parsers read different things'
        print(json.dumps({'name': str(calendar.get('X-WR-CALNAME')), 'version': str(calendar['VERSION']), 'method': str(calendar['METHOD']), 'events': one}))
        """;

    [Fact]
    public async Task The_feeds_of_a_schedule_and_of_a_person_say_to_other_parsers_what_the_calendar_says()
    {
        const string Title = "Équipe technique; de jour, et de nuit\\jour: un titre plus long que soixante-quinze octets";
        await api.PostAsync("/api/v1/people", new { email = "zoe@example.org", name = "Zoé, d’astreinte", role = "responder" });
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/schedules", new { name = "tech", title = Title, rotation = new { people = new[] { "camille", "Zoé, d’astreinte" }, every = "1d", handoff = "18:00" } })).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/schedules", new { name = "mail", layers = new[] { new { rotation = new { people = new[] { "camille" } }, only = new[] { new { days = new[] { "monday" }, from = "08:00", to = "20:00" } } } } })).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/on-call/overrides", new { schedule = "tech", person = "camille", duration = "30h" })).Status);
        var now = TimeProvider.System.GetUtcNow();
        var shifts = new List<(string Schedule, string Person, string Start)>();
        foreach (var schedule in new[] { "tech", "mail" })
            shifts.AddRange((await api.GetAsync($"/api/v1/schedules/{schedule}?from={now:yyyy-MM-ddTHH:mm:ssZ}&to={now.AddDays(60):yyyy-MM-ddTHH:mm:ssZ}"))["shifts"].EnumerateArray().Skip(1)
                .Select(s => (schedule, s.GetProperty("person").GetString()!, s.GetProperty("startsAt").GetDateTimeOffset().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture))));
        var key = await api.FeedKeyAsync("camille");

        var whole = await ReadAsync($"/oncall/tech.ics?key={key}");
        Assert.Equal(("2.0", "PUBLISH", Title), (Text(whole, "version"), Text(whole, "method"), Text(whole, "name")));
        var events = whole.GetProperty("events").EnumerateArray().ToList();
        Assert.Distinct(events.Select(e => Text(e, "uid")));
        Assert.All(events, e => Assert.EndsWith("/on-call?schedule=tech", Text(e, "url")));
        Assert.Subset(events.Select(e => $"{Text(e, "start")} {Text(e, "summary")}").ToHashSet(), shifts.Where(s => s.Schedule == "tech").Select(s => $"{s.Start} UTC {s.Person} · {Title}").ToHashSet());
        // Each begins where the one before it ends: the rotation has no hole.
        Assert.Equal(events.OrderBy(e => Text(e, "start"), StringComparer.Ordinal).Select(e => Text(e, "end")).SkipLast(1), events.OrderBy(e => Text(e, "start"), StringComparer.Ordinal).Select(e => Text(e, "start")).Skip(1));

        // Only hers, of every schedule; and only somebody else's, of one.
        var mine = (await ReadAsync($"/oncall/me.ics?key={key}")).GetProperty("events").EnumerateArray().ToList();
        Assert.All(mine, e => Assert.StartsWith("camille · ", Text(e, "summary")));
        Assert.Subset(mine.Select(e => Text(e, "start")).ToHashSet(), shifts.Where(s => s.Person == "camille").Select(s => s.Start + " UTC").ToHashSet());
        Assert.Contains(mine, e => Text(e, "summary").EndsWith("mail", StringComparison.Ordinal));
        var theirs = (await ReadAsync($"/oncall/tech.ics?key={key}&person={Uri.EscapeDataString("Zoé, d’astreinte")}")).GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(events.Where(e => Text(e, "summary").StartsWith("Zoé", StringComparison.Ordinal)).Select(e => Text(e, "uid")), theirs.Select(e => Text(e, "uid")));
    }

    private async Task<JsonElement> ReadAsync(string path)
    {
        var answer = await api.SendAsync(HttpMethod.Get, path, null, null);
        Assert.Equal((HttpStatusCode.OK, "text/calendar"), (answer.Status, answer.Type));
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["feed.ics"], answer.Text);
        return JsonDocument.Parse(await RealProgram.RunAsync("/usr/bin/python3", "-c", Read, folder["feed.ics"])).RootElement;
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
