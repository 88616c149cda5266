using System.Net;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Alerts;

/// <summary>Everything about paging that the page can do, through the API.</summary>
public sealed class PolicyEndpointsTests(OpsApi api) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task Routes_are_made_changed_moved_and_deleted_and_the_log_says_who_did()
    {
        await api.PostAsync("/api/v1/escalations", new { name = "night", steps = new[] { new { notify = new[] { "everybody" } } } });
        var first = await api.PostAsync("/api/v1/routes", new { match = new[] { "service=\"chat\"" }, escalation = "night", groupBy = new[] { "service" }, groupWait = "10s" });
        Assert.Equal(HttpStatusCode.Created, first.Status);
        var second = await api.PostAsync("/api/v1/routes", new { match = new[] { "service=\"wiki\"" } });
        var (one, two) = (first["name"].GetString(), second["name"].GetString());

        var moved = await api.PostAsync($"/api/v1/routes/{two}/move", new { to = 1 });
        Assert.Equal(1, moved["number"].GetInt32());
        Assert.Equal([two, one], (await api.GetAsync("/api/v1/routes"))["items"].EnumerateArray().Select(r => r.GetProperty("name").GetString()));

        // What a GET answered can be sent back as it is; a version from before somebody's change cannot.
        var seen = await api.GetAsync($"/api/v1/routes/{one}");
        Assert.Equal("10s", seen["groupWait"].GetString());
        var changed = await api.PutAsync($"/api/v1/routes/{one}", seen.Text.Replace("10s", "20s", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, "20s"), (changed.Status, changed["groupWait"].GetString()));
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync($"/api/v1/routes/{one}", seen.Text)).Status);

        Assert.Equal(HttpStatusCode.Conflict, (await api.DeleteAsync("/api/v1/escalations/night")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/routes/{one}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"/api/v1/routes/{one}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync("/api/v1/escalations/night")).Status);
        var log = (await api.GetAsync("/api/v1/audit?limit=100"))["items"].EnumerateArray().Select(e => e.GetProperty("action").GetString()).ToList();
        foreach (var action in (string[])["route.create", "route.move", "route.update", "route.delete", "escalation.create", "escalation.delete"]) Assert.Contains(action, log);
    }

    [Fact]
    public async Task Wrong_fields_are_named_as_JSON_names_them()
    {
        Assert.Equal(["escalation", "routes[0].escalation"], (await api.PostAsync("/api/v1/routes", new { escalation = "gone", routes = new[] { new { escalation = "gone-too" } } })).Fields);
        Assert.Equal(["sourceMatch[0]", "targetMatch[1]"], (await api.PostAsync("/api/v1/inhibit-rules", new { sourceMatch = new[] { "x" }, targetMatch = new[] { "a=\"b\"", "y" } })).Fields.Order(StringComparer.Ordinal));
        Assert.Equal(["timeZone"], (await api.PostAsync("/api/v1/maintenance", new { name = "m", match = new[] { "a=\"b\"" }, schedule = "0 5 * * 2", timeZone = "Europe/Compiegne", duration = "1h" })).Fields);
        Assert.Equal(["endsAt"], (await api.PostAsync("/api/v1/maintenance", new { name = "m", match = new[] { "a=\"b\"" }, startsAt = "2026-12-01T00:00:00Z", endsAt = "2026-11-01T00:00:00Z" })).Fields);
        Assert.Equal(["steps[0].notify[0]"], (await api.PostAsync("/api/v1/escalations", new { name = "e", steps = new[] { new { notify = new[] { "channel:gone" } } } })).Fields);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.PostAsync("/api/v1/label-rules", "[")).Status);
    }

    [Fact]
    public async Task A_window_says_when_it_opens_on_the_clock_of_its_zone()
    {
        var made = await api.PostAsync("/api/v1/maintenance", new { name = "nights", match = new[] { "host=\"bob\"" }, schedule = "30 2 * * *", timeZone = "Europe/Paris", duration = "45m" });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");
        var next = made["next"].EnumerateArray().Select(n => TimeZoneInfo.ConvertTime(n.GetProperty("startsAt").GetDateTimeOffset(), paris)).ToList();
        Assert.Equal(5, next.Count);
        Assert.Equal(5, next.Select(n => n.Date).Distinct().Count());
        Assert.All(next, n => Assert.True(n.TimeOfDay == new TimeSpan(2, 30, 0) || paris.IsDaylightSavingTime(n) != paris.IsDaylightSavingTime(n.AddDays(-1)), $"{n}"));
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync("/api/v1/maintenance/nights")).Status);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change_and_changes_nothing()
    {
        await api.AlertAsync(LabelSet.Of(("alertname", "Dry"), ("service", "dry")), TimeProvider.System.GetUtcNow());
        var window = new { name = "dry", match = new[] { "service=\"dry\"" }, startsAt = TimeProvider.System.GetUtcNow().AddHours(-1), duration = "2h" };
        var effect = await api.PostAsync("/api/v1/maintenance?dryRun=true", window);
        Assert.Equal((1, 1), (effect["changed"].GetInt32(), effect["muted"].GetInt32()));
        Assert.Equal("dry", effect["examples"][0].GetProperty("labels").GetProperty("service").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/maintenance/dry")).Status);
        await api.PostAsync("/api/v1/maintenance", window);
        Assert.Equal(1, (await api.SendAsync(HttpMethod.Delete, "/api/v1/maintenance/dry?dryRun=true", null))["freed"].GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v1/maintenance/dry")).Status);
        await api.DeleteAsync("/api/v1/maintenance/dry");
    }

    [Fact]
    public async Task An_imagined_alert_is_played_at_the_instant_that_is_asked_for_and_nothing_comes_of_it()
    {
        await api.PostAsync("/api/v1/channels", new { name = "played-phone", type = "ntfy", server = "http://127.0.0.1:9", topic = "tech" });
        await api.PostAsync("/api/v1/escalations", new { name = "played", steps = new object[] { new { notify = new[] { "channel:played-phone" } }, new { after = "15m", notify = new[] { "channel:played-phone" } } } });
        var route = (await api.PostAsync("/api/v1/routes", new { match = new[] { "service=\"played\"" }, escalation = "played", groupWait = "10s" }))["name"].GetString();
        await api.PostAsync("/api/v1/maintenance", new { name = "played", match = new[] { "service=\"played\"" }, schedule = "0 5 * * 2", timeZone = "Europe/Paris", duration = "1h" });

        var held = await SimulateAsync("2026-12-01T04:30:00Z"); // a Tuesday, half past five in Paris
        Assert.False(held["pages"].GetBoolean());
        Assert.Empty(held["told"].EnumerateArray());
        Assert.Contains(Steps(held), s => s.StartsWith("verdict False", StringComparison.Ordinal) && s.Contains("maintenance \"played\" until", StringComparison.Ordinal));
        var free = await SimulateAsync("2026-12-01T07:30:00+02:00");
        Assert.True(free["pages"].GetBoolean());
        Assert.Equal(["10s tech", $"{DurationText.Exact(TimeSpan.FromSeconds(910))} tech"], free["told"].EnumerateArray().Select(m => $"{m.GetProperty("at").GetString()} {m.GetProperty("targets")[0].GetProperty("recipient").GetString()}"));
        Assert.Contains(Steps(free), s => s.StartsWith("route True", StringComparison.Ordinal) && s.Contains("played", StringComparison.Ordinal));
        Assert.Equal(["labels"], (await api.PostAsync("/api/v1/simulate", new { at = "2026-12-01T04:30:00Z" })).Fields);
        Assert.Equal(["at"], (await api.PostAsync("/api/v1/simulate", new { labels = new { service = "played" }, at = "soon" })).Fields);
        Assert.Empty((await api.GetAsync("/api/v1/incidents?service=played"))["items"].EnumerateArray());
        foreach (var path in new[] { "maintenance/played", $"routes/{route}", "escalations/played", "channels/played-phone" }) Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/{path}")).Status);

        async Task<Answer> SimulateAsync(string at) => await api.PostAsync("/api/v1/simulate", new { labels = new { alertname = "Down", service = "played" }, at });
        static IEnumerable<string> Steps(Answer answer) => answer["steps"].EnumerateArray().Select(s => $"{s.GetProperty("stage").GetString()} {s.GetProperty("applies").GetBoolean()} {s.GetProperty("text").GetString()}");
    }

    [Fact]
    public async Task What_the_file_manages_is_read_only_and_cannot_go_while_people_use_it()
    {
        await api.ApplyAsync("{version: 1, escalations: [{name: filed, steps: [{notify: [everybody]}]}], routes: [{match: ['a=\"b\"'], escalation: filed}]}");
        Assert.True((await api.GetAsync("/api/v1/routes/1"))["fromFile"].GetBoolean());
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync("/api/v1/routes/1", new { match = new[] { "a=\"c\"" } })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await api.DeleteAsync("/api/v1/escalations/filed")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync("/api/v1/routes/1/move", new { to = 1 })).Status);
        var ours = (await api.PostAsync("/api/v1/routes", new { match = new[] { "c=\"d\"" }, routes = new[] { new { escalation = "filed" } } }))["name"].GetString();
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => api.ApplyAsync("{version: 1}"));
        await api.DeleteAsync($"/api/v1/routes/{ours}");
        await api.ApplyAsync("{version: 1}");
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/routes/1")).Status);
    }
}
