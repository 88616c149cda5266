using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Inventory;

public class InventoryApiTests(PostgresFixture postgres)
{
    [Fact]
    public async Task What_a_get_answers_can_be_put_back_and_an_old_version_conflicts()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsJsonAsync("/api/v1/hosts", new { name = "alice" })).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsJsonAsync("/api/v1/services", new { name = "db", host = "alice", rto = "15m", slo = new { availability = 99.5 } })).StatusCode);
        var got = await admin.GetStringAsync("/api/v1/services/db");
        var put = await admin.PutAsync("/api/v1/services/db", new StringContent(got));
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        var again = await admin.PutAsync("/api/v1/services/db", new StringContent(got.Replace("\"db\"", "\"db\"", StringComparison.Ordinal).Replace("15m", "16m", StringComparison.Ordinal)));
        var old = await admin.PutAsync("/api/v1/services/db", new StringContent(got));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict), (again.StatusCode, old.StatusCode));
        using var json = JsonDocument.Parse(await admin.GetStringAsync("/api/v1/services/db"));
        Assert.Equal(("16m", "unknown", 99.5), (json.RootElement.GetProperty("rto").GetString(), json.RootElement.GetProperty("status").GetString(), json.RootElement.GetProperty("slo").GetProperty("availability").GetDouble()));
        Assert.Equal(HttpStatusCode.Conflict, (await admin.DeleteAsync("/api/v1/hosts/alice")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync("/api/v1/services/db")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync("/api/v1/hosts/alice")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("/api/v1/services/db")).StatusCode);
    }

    [Fact]
    public async Task Lists_come_in_pages_and_bad_questions_are_answered_with_their_field()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        foreach (var name in new[] { "c", "a", "b" }) await admin.PostAsJsonAsync("/api/v1/services", new { name });
        using var first = JsonDocument.Parse(await admin.GetStringAsync("/api/v1/services?limit=2"));
        Assert.Equal(["a", "b"], first.RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString()));
        using var second = JsonDocument.Parse(await admin.GetStringAsync("/api/v1/services?limit=2&after=" + first.RootElement.GetProperty("next").GetString()));
        Assert.Equal(["c"], second.RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString()));
        Assert.Equal(JsonValueKind.Null, second.RootElement.GetProperty("next").ValueKind);
        foreach (var bad in new[] { "services?limit=0", "services?limit=x", "services/a/availability?from=yesterday", "services/a/availability?from=2026-01-02&to=2026-01-01" })
        {
            var answer = await admin.GetAsync("/api/v1/" + bad);
            Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        }
        var refused = await admin.PostAsJsonAsync("/api/v1/services", new { name = "d", dependsOn = new[] { "nothing" } });
        using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        Assert.Equal("dependsOn[0]", problem.RootElement.GetProperty("errors")[0].GetProperty("field").GetString());
        using var nothing = JsonDocument.Parse(await admin.GetStringAsync("/api/v1/services/a/availability"));
        Assert.Equal(JsonValueKind.Null, nothing.RootElement.GetProperty("availability").ValueKind);
    }

    [Fact]
    public async Task A_reader_changes_nothing()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var reader = app.Program(await app.AddTokenAsync(Scopes.Read));
        foreach (var path in new[] { "hosts", "services", "probes" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsJsonAsync("/api/v1/" + path, new { name = "x" })).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await reader.PutAsJsonAsync($"/api/v1/{path}/x", new { name = "x" })).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await reader.DeleteAsync($"/api/v1/{path}/x")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/api/v1/" + path)).StatusCode);
        }
        using var nobody = app.Program(null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/api/v1/services")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync("/ops.schema.json")).StatusCode);
    }
}
