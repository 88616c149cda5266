using System.Net;
using System.Text.Json;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;
using Calendar = Ical.Net.Calendar;

namespace Picasoft.Ops.Tests.Web.OnCall;

public sealed class OnCallApiTests(OpsApi api) : IClassFixture<OpsApi>
{
    private const string File = """
        version: 1
        people:
          - {name: camille, email: camille@example.org, mattermost: camille}
          - {name: sacha, email: sacha@example.org, mattermost: "@sacha"}
        schedules:
          - {name: tech, time_zone: Europe/Paris, rotation: {people: [camille, sacha], every: 7d, handoff: "Monday 18:00", starts_on: "2026-11-23"}}
        escalations:
          - {name: default, steps: [{notify: [schedule:tech]}, {after: 15m, notify: [person:sacha]}], repeat: 3}
        """;

    [Fact]
    public async Task Who_is_on_call_is_answered_from_the_file_and_an_override_changes_it()
    {
        await api.ApplyAsync(File);
        async Task<string[]> AtAsync(string at) => [.. (await api.GetAsync($"/api/v1/on-call?schedule=tech&at={at}"))["items"][0].GetProperty("people").EnumerateArray().Select(p => p.GetString()!)];
        Assert.Equal(["camille"], await AtAsync("2030-11-18T17:00:00Z")); // a Monday: 18:00 in Paris, and a turn that begins
        Assert.Equal(["sacha"], await AtAsync("2030-11-18T16:59:59Z"));

        var made = await api.PostAsync("/api/v1/on-call/overrides", new { schedule = "tech", person = "sacha", startsAt = "2030-11-19T10:00:00Z", endsAt = "2030-11-19T12:00:00Z", note = "dentist" });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(["sacha"], await AtAsync("2030-11-19T11:00:00Z"));
        Assert.Equal(["camille"], await AtAsync("2030-11-19T12:00:00Z"));
        Assert.Equal(HttpStatusCode.OK, (await api.DeleteAsync($"/api/v1/on-call/overrides/{made["id"]}")).Status);
        Assert.Equal(["camille"], await AtAsync("2030-11-19T11:00:00Z"));

        // The first administrator was there before the file named them: they keep password and role.
        var camille = (await api.GetAsync("/api/v1/people"))["items"].EnumerateArray().Single(p => p.GetProperty("name").GetString() == "camille");
        Assert.True(camille.GetProperty("hasPassword").GetBoolean());
        Assert.Equal("admin", camille.GetProperty("role").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync("/api/v1/schedules/tech", new { name = "tech" })).Status);
    }

    [Fact]
    public async Task How_somebody_is_reached_is_changed()
    {
        var email = $"{Guid.NewGuid():N}@example.org";
        var id = (await api.PostAsync("/api/v1/people", new { email }))["person"].GetProperty("id").GetInt64();
        await api.PostAsync("/api/v1/channels", new { name = "tech-chat", type = "ntfy", server = "http://127.0.0.1:9", topic = "tech" });
        var unknown = await api.PutAsync($"/api/v1/people/{id}/contacts", new { through = new[] { "tech-chat", "tech-caht" } });
        Assert.Equal((HttpStatusCode.BadRequest, "through[1]"), (unknown.Status, unknown.Fields.Single()));
        Assert.Contains("There is no channel “tech-caht”", unknown.Text, StringComparison.Ordinal);
        var put = await api.PutAsync($"/api/v1/people/{id}/contacts", new { mattermost = "@zoe", phone = "+33612345678", through = new[] { "tech-chat" } });
        Assert.Equal((HttpStatusCode.OK, "zoe"), (put.Status, put["mattermost"].GetString()));
        Assert.Equal(["tech-chat"], (await api.GetAsync($"/api/v1/people/{id}/contacts"))["through"].EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(["fone"], (await api.PutAsync($"/api/v1/people/{id}/contacts", new { fone = "1" })).Fields);
        Assert.Equal(HttpStatusCode.NotFound, (await api.PutAsync("/api/v1/people/987654/contacts", new { phone = "1" })).Status);
    }

    [Fact]
    public async Task The_log_of_deliveries_is_searched_by_incident_person_and_outcome_and_a_contact_check_says_what_came_of_it()
    {
        await using var works = await Core.Notifications.HttpDouble.StartAsync(_ => (200, "{}"));
        await using var fails = await Core.Notifications.HttpDouble.StartAsync(_ => (403, "no"));
        var name = $"lou-{Guid.NewGuid():N}"[..12];
        var id = (await api.PostAsync("/api/v1/people", new { email = $"{name}@example.org", name, role = "responder" }))["person"].GetProperty("id").GetInt64();
        foreach (var (channel, port) in new[] { ($"{name}-good", works.Port), ($"{name}-bad", fails.Port) })
            Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/channels", new { name = channel, type = "ntfy", server = $"http://127.0.0.1:{port}", topic = "tech" })).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PutAsync($"/api/v1/people/{id}/contacts", new { ntfy = "lou-phone", through = new[] { $"{name}-good", $"{name}-bad" } })).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/escalations", new { name, steps = new[] { new { notify = new[] { $"person:{name}" } } } })).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/routes", new { match = new[] { $"service=\"{name}\"" }, escalation = name })).Status);
        await api.AlertAsync(LabelSet.Of(("alertname", "Down"), ("service", name), ("severity", "high")), TimeProvider.System.GetUtcNow());

        async Task<List<string>> FindAsync(string query) => [.. (await api.GetAsync("/api/v1/deliveries?" + query))["items"].EnumerateArray().Select(d => $"{d.GetProperty("channel").GetString()} {d.GetProperty("person").GetString()} {d.GetProperty("state").GetString()}").Order(StringComparer.Ordinal)];
        await Eventually.TrueAsync(async () => (await FindAsync($"person={name}&state=sent")).Count == 1 && (await FindAsync($"channel={name}-bad"))[0].EndsWith("pending", StringComparison.Ordinal), "one way works, the other is tried again");
        var number = (await api.GetAsync($"/api/v1/incidents?service={name}"))["items"][0].GetProperty("number").GetInt64();
        await Eventually.TrueAsync(async () => (await FindAsync($"incident={number}&person={name}")).SequenceEqual([$"{name}-bad {name} pending", $"{name}-good {name} sent"]), "both are found"); // just then it may be tried again
        Assert.Equal([$"{name}-good {name} sent"], await FindAsync($"incident={number}&state=sent&q=LOU-phone"));
        Assert.Empty(await FindAsync($"incident={number}&person=camille"));
        Assert.Empty(await FindAsync($"person={name}&q=%25"));
        var tries = (await api.GetAsync($"/api/v1/deliveries?incident={number}&channel={name}-bad"))["items"][0].GetProperty("tries").EnumerateArray().ToList();
        Assert.All(tries, t => Assert.True(!t.GetProperty("ok").GetBoolean() && t.GetProperty("ms").GetDouble() > 0 && t.GetProperty("outcome").GetString()!.Contains("403", StringComparison.Ordinal)));
        Assert.NotEmpty(tries);
        var html = await api.Host.Client.SendAsync(new(HttpMethod.Get, $"/deliveries?incident={number}&state=sent&q={name}") { Headers = { Authorization = new("Bearer", OpsApi.Token) } });
        Assert.Contains($"{name}-good", await html.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // Named by an escalation, it neither goes nor gets another name; the same of one that a channel falls back on.
        var used = await api.DeleteAsync($"/api/v1/channels/{name}-good");
        Assert.Equal(HttpStatusCode.NoContent, used.Status); // a person's wish alone holds nothing back
        await api.PutAsync($"/api/v1/escalations/{name}", new { name, steps = new[] { new { notify = new[] { $"channel:{name}-bad" } } } });
        used = await api.DeleteAsync($"/api/v1/channels/{name}-bad");
        Assert.Equal(HttpStatusCode.Conflict, used.Status);
        Assert.Contains($"escalation:{name}", used.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_swap_changes_nothing_before_it_is_accepted_and_no_program_answers_for_a_person()
    {
        var name = $"nova-{Guid.NewGuid():N}"[..13];
        await api.PostAsync("/api/v1/people", new { email = $"{name}@example.org", name, role = "responder" });
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/schedules", new { name = $"s-{name}", rotation = new { people = new[] { name } } })).Status);
        object Swap(string asker, string asked) => new { schedule = $"s-{name}", asker, asked, startsAt = "2031-03-12T00:00:00Z", endsAt = "2031-03-13T00:00:00Z", note = "exam" };
        Assert.Equal(["asked"], (await api.PostAsync("/api/v1/on-call/swaps", Swap(name, name))).Fields);
        Assert.Equal(["starts_at"], (await api.PostAsync("/api/v1/on-call/swaps", Swap("camille", name))).Fields); // the hours are not hers
        var asked = await api.PostAsync("/api/v1/on-call/swaps", Swap(name, "camille"));
        Assert.Equal((HttpStatusCode.Created, "proposed"), (asked.Status, asked["state"].GetString()));
        foreach (var word in new[] { "accept", "decline", "withdraw" }) Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync($"/api/v1/on-call/swaps/{asked["id"]}/{word}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync("/api/v1/on-call/swaps/987654321/accept")).Status);
        Assert.Equal(name, (await api.GetAsync($"/api/v1/on-call?schedule=s-{name}&at=2031-03-12T12:00:00Z"))["items"][0].GetProperty("people")[0].GetString());
        var view = await api.GetAsync($"/api/v1/schedules/s-{name}?from=2031-03-01T00:00:00Z");
        Assert.Equal("exam", Assert.Single(view["swaps"].EnumerateArray()).GetProperty("note").GetString());
    }

    [Fact]
    public async Task What_a_change_of_a_schedule_answered_is_what_the_next_one_is_made_from()
    {
        var made = await api.PostAsync("/api/v1/schedules", new { name = "versions", rotation = new { people = new[] { "camille" } } });
        var first = await api.PutAsync("/api/v1/schedules/versions", made.Text);
        Assert.Equal((HttpStatusCode.OK, false), (first.Status, first["fromFile"].GetBoolean()));
        Assert.Equal(HttpStatusCode.OK, (await api.PutAsync("/api/v1/schedules/versions", first.Text.Replace("\"UTC\"", "\"Europe/Paris\"", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync("/api/v1/schedules/versions", first.Text)).Status);
    }

    [Fact]
    public async Task Every_mistake_is_named()
    {
        await api.PostAsync("/api/v1/schedules", new { name = "mistakes", rotation = new { people = new[] { "camille" } } });
        var answer = await api.PostAsync("/api/v1/on-call/overrides", new { schedule = "gone", person = "zoe", startsAt = "2020-01-01T00:00:00Z", endsAt = "2020-01-02T00:00:00Z" });
        Assert.Equal((HttpStatusCode.BadRequest, "ends_at schedule person"), (answer.Status, string.Join(' ', answer.Fields)));
        var schedule = await api.PostAsync("/api/v1/schedules", new { name = "x", timeZone = "Mars/Base", rotation = new { people = new[] { "camille" }, handoff = "noon" }, bestEffort = new[] { new { from = "8", to = "10:00" } } });
        Assert.Equal(HttpStatusCode.BadRequest, schedule.Status);
        Assert.Contains("rotation.handoff", schedule.Fields);
        Assert.Contains("bestEffort[0].from", schedule.Fields);
        var strangers = await api.PostAsync("/api/v1/schedules", new { name = "strangers", layers = new[] { new { rotation = new { people = new[] { "camille", "camile" } } } } });
        Assert.Equal((HttpStatusCode.BadRequest, "layers[0].rotation.people[1]"), (strangers.Status, string.Join(' ', strangers.Fields)));
        Assert.Contains("Nobody active is called “camile”", strangers.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync("/api/v1/on-call?when=now")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/schedules/gone")).Status);
    }

    [Fact]
    public async Task Somebody_keeps_the_name_by_which_schedules_and_escalations_know_them()
    {
        var name = $"zoe-{Guid.NewGuid():N}"[..12];
        var id = (await api.PostAsync("/api/v1/people", new { email = $"{name}@example.org", name, role = "responder" }))["person"].GetProperty("id").GetInt64();
        Assert.Equal(HttpStatusCode.OK, (await api.PatchAsync($"/api/v1/people/{id}", new { name = name + "-2" })).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PatchAsync($"/api/v1/people/{id}", new { name })).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/schedules", new { name = $"s-{name}", rotation = new { people = new[] { name } } })).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/escalations", new { name = $"e-{name}", steps = new[] { new { notify = new[] { $"person:{name}" } } } })).Status);
        var renamed = await api.PatchAsync($"/api/v1/people/{id}", new { name = name + "-2" });
        Assert.Equal(HttpStatusCode.Conflict, renamed.Status);
        Assert.Contains($"escalation:e-{name}, schedule:s-{name}", renamed.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await api.PatchAsync($"/api/v1/people/{id}", new { name, language = "en" })).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/escalations/e-{name}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/schedules/s-{name}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PatchAsync($"/api/v1/people/{id}", new { name = name + "-2" })).Status);
    }

    [Fact]
    public async Task A_feed_opens_with_the_key_of_a_person_and_with_no_other()
    {
        await api.PostAsync("/api/v1/people", new { email = "lou@example.org", name = "lou", role = "responder" });
        await api.PostAsync("/api/v1/schedules", new { name = "feed", rotation = new { people = new[] { "camille", "lou" }, every = "1d", handoff = "18:00" } });
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Get, "/oncall/feed.ics", null, null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Get, "/oncall/feed.ics?key=1.AAAAAAAAAAAAAAAAAAAAAA", null, null)).Status);
        var key = await api.FeedKeyAsync("camille");
        var answer = await api.SendAsync(HttpMethod.Get, $"/oncall/feed.ics?key={key}", null, null);
        Assert.Equal((HttpStatusCode.OK, "text/calendar"), (answer.Status, answer.Type));
        Assert.True(Calendar.Load(answer.Text)!.Events.Count > 180);
        var mine = Calendar.Load((await api.SendAsync(HttpMethod.Get, $"/oncall/me.ics?key={key}", null, null)).Text)!;
        Assert.All(mine.Events, e => Assert.StartsWith("camille", e.Summary));
    }

    [Fact]
    public async Task The_history_is_written_and_a_gap_ahead_is_an_alert_that_ends_when_somebody_fills_it()
    {
        await api.PostAsync("/api/v1/people", new { email = "robin@example.org", name = "robin", role = "responder" });
        await api.PostAsync("/api/v1/schedules", new { name = "gaps", layers = Array.Empty<object>() });
        async Task<bool> IsAlertedAsync() => (await api.GetAsync("/api/v1/alerts"))["items"].EnumerateArray().Any(a => a.GetProperty("labels").TryGetProperty("schedule", out var s) && s.GetString() == "gaps" && a.GetProperty("resolvedAt").ValueKind == JsonValueKind.Null);
        await Eventually.TrueAsync(IsAlertedAsync, "the gap is an alert");
        await api.PostAsync("/api/v1/on-call/overrides", new { schedule = "gaps", person = "robin", kind = "shift", duration = "30d" });
        await Eventually.TrueAsync(async () => !await IsAlertedAsync(), "the alert ends");
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/v1/on-call/history?schedule=gaps"))["items"].EnumerateArray().Any(p => p.GetProperty("person").GetString() == "robin"), "robin's time is written down");
    }
}
