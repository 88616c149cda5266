using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Xml.Linq;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.StatusPage;

public class StatusPageTests(PostgresFixture postgres)
{
    private static readonly string[] _open = ["/status", "/status/feed.atom", "/status/api/v2/summary.json"];

    [Fact]
    public async Task There_is_no_such_page_until_it_is_opened()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var nobody = app.Program(null);
        foreach (var path in _open) Assert.Equal((path, HttpStatusCode.NotFound), (path, (await nobody.GetAsync(path)).StatusCode));
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("/api/v1/status-page")).StatusCode);
        var refused = await admin.PutAsJsonAsync("/api/v1/status-page", new { title = "", services = new[] { "gone" } });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        refused = await admin.PutAsJsonAsync("/api/v1/status-page", new { title = "Picasoft", services = new[] { "gone" } });
        using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        Assert.Equal("services[0]", problem.RootElement.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task Everybody_sees_what_is_public_and_nothing_else()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        await admin.PostAsJsonAsync("/api/v1/services", new { name = "chat", title = "Chat & co", @public = true });
        await admin.PostAsJsonAsync("/api/v1/services", new { name = "vault", title = "Secret vault" });
        await admin.PostAsJsonAsync("/api/v1/incidents", new { title = "alice 10.0.0.1 burns", service = "chat", severity = "critical" });
        await admin.PostAsJsonAsync("/api/v1/incidents", new { title = "vault is open", service = "vault", severity = "critical" });
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (name, match) in new[] { ("vault-and-10.0.0.1", "service=\"vault\""), ("chat-on-10.0.0.1", "service=\"chat\"") })
            Assert.Equal(HttpStatusCode.Created, (await admin.PostAsJsonAsync("/api/v1/maintenance", new { name, match = new[] { match }, startsAt = now.AddHours(-1), duration = "2h", comment = "vault" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsJsonAsync("/api/v1/status-page", new { title = "Picasoft", services = new[] { "chat", "vault" } })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await admin.DeleteAsync("/api/v1/services/chat")).StatusCode);

        using var nobody = app.Program(null);
        foreach (var path in _open)
        {
            using var answer = await nobody.GetAsync(path);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
            Assert.Contains("Chat", text, StringComparison.Ordinal);
            Assert.DoesNotContain("ault", text.Replace("default", "", StringComparison.OrdinalIgnoreCase), StringComparison.Ordinal);
            Assert.DoesNotContain("10.0.0.1", text, StringComparison.Ordinal);
        }
        using var summary = JsonDocument.Parse(await nobody.GetStringAsync("/status/api/v2/summary.json"));
        Assert.Equal(("Picasoft", "minor", "under_maintenance", "investigating"), (
            summary.RootElement.GetProperty("page").GetProperty("name").GetString(),
            summary.RootElement.GetProperty("status").GetProperty("indicator").GetString(),
            summary.RootElement.GetProperty("components")[0].GetProperty("status").GetString(),
            summary.RootElement.GetProperty("incidents")[0].GetProperty("status").GetString()));
        var work = Assert.Single(summary.RootElement.GetProperty("scheduled_maintenances").EnumerateArray());
        Assert.Equal(("Chat & co: planned maintenance", "in_progress", "chat"), (work.GetProperty("name").GetString(), work.GetProperty("status").GetString(), work.GetProperty("components")[0].GetProperty("id").GetString()));
        var feed = XDocument.Parse(await nobody.GetStringAsync("/status/feed.atom"));
        XNamespace atom = "http://www.w3.org/2005/Atom";
        Assert.StartsWith("Chat & co", Assert.Single(feed.Root!.Elements(atom + "entry")).Element(atom + "title")!.Value, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync("/api/v1/status-page")).StatusCode);
        await Eventually.TrueAsync(async () => (await nobody.GetAsync("/status")).StatusCode == HttpStatusCode.NotFound, "the page is closed");
    }

    [Fact]
    public async Task A_badge_is_a_picture_of_a_public_service()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        await admin.PostAsJsonAsync("/api/v1/services", new { name = "chat", title = "Chat <&>", @public = true });
        await admin.PostAsJsonAsync("/api/v1/services", new { name = "vault" });
        await admin.PostAsJsonAsync("/api/v1/incidents", new { title = "x", service = "chat", severity = "high" });
        using var nobody = app.Program(null);
        using var answer = await nobody.GetAsync("/badge/chat.svg");
        Assert.Equal(("image/svg+xml", "*"), (answer.Content.Headers.ContentType?.MediaType, answer.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        Assert.Equal("Chat <&>: disrupted", XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!.Attribute("aria-label")!.Value);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync("/badge/vault.svg")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync("/badge/nothing.svg")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await nobody.GetAsync("/badge/chat.svg?days=x")).StatusCode);
    }

    [Fact]
    public async Task The_report_of_availability_has_a_row_for_every_service()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        await admin.PostAsJsonAsync("/api/v1/services", new { name = "chat", slo = new { availability = 99.5 } });
        await admin.PostAsJsonAsync("/api/v1/incidents", new { title = "x", service = "chat", severity = "high" });
        using var report = JsonDocument.Parse(await admin.GetStringAsync("/api/v1/reports/availability"));
        var row = report.RootElement.GetProperty("items")[0];
        Assert.Equal(("chat", 0.995, 1, JsonValueKind.Null), (row.GetProperty("service").GetString(), row.GetProperty("promised").GetDouble(), row.GetProperty("incidents").GetInt32(), row.GetProperty("kept").ValueKind));
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync("/api/v1/reports/availability?from=never")).StatusCode);
    }
}
