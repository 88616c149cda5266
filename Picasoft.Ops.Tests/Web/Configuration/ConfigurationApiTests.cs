using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Configuration;

public sealed class ConfigurationApiTests(PostgresFixture postgres) : IDisposable
{
    private const string Compose = "services: {wiki: {image: wiki, ports: ['8080:80'], depends_on: [db]}, db: {image: postgres, container_name: db}}";

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_compose_file_is_shown_as_a_diff_and_taken_over_in_part_then_whole()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        using var shown = await PostAsync(admin, "compose?host=alice&project=wiki", Compose);
        Assert.Equal(["host:alice", "service:wiki", "service:wiki-db", "probe:wiki-8080", "probe:wiki-db-container"], shown.RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("key").GetString()));
        Assert.All(shown.RootElement.GetProperty("items").EnumerateArray(), i => Assert.Equal("new", i.GetProperty("state").GetString()));
        Assert.StartsWith("version: 1", shown.RootElement.GetProperty("yaml").GetString(), StringComparison.Ordinal);
        using var part = await PostAsync(admin, "compose/accept?host=alice&project=wiki&only=service:wiki-db", Compose);
        using var rest = await PostAsync(admin, "compose/accept?host=alice&project=wiki", Compose);
        Assert.Equal((2, 3), (part.RootElement.GetProperty("changed").GetInt32(), rest.RootElement.GetProperty("changed").GetInt32()));
        using var service = JsonDocument.Parse(await admin.GetStringAsync("/api/v1/services/wiki"));
        Assert.Equal(("wiki-db", false), (service.RootElement.GetProperty("dependsOn")[0].GetString(), service.RootElement.GetProperty("fromFile").GetBoolean()));
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_with_a_reason()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        foreach (var (path, body, status) in new[] { ("nothing", "", 404), ("compose", "x: 1", 400), ("kuma", "{", 400), ("gatus?x=1", "endpoints: []", 400), ("docker", "/nowhere/docker.sock", 400), ("compose", new string('x', 2_000_000), 400) })
        {
            var answer = await admin.PostAsync("/api/v1/import/" + path, new StringContent(body));
            Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        }
    }

    [Fact]
    public async Task Drift_says_what_the_file_would_change_what_is_wrong_with_it_and_who_manages_what()
    {
        var file = _folder["ops.yaml"];
        await File.WriteAllTextAsync(file, "version: 1\nhosts: [{name: bob}]\nservices:\n  - {name: wiki, host: bob}\n");
        await using var app = await RunningApp.StartAsync(postgres, config: file);
        using var admin = app.Program(await app.AddTokenAsync(Scopes.All));
        using (var pending = await DriftAsync(admin))
            Assert.Equal(["create host bob", "create service wiki"], pending.RootElement.GetProperty("changes").EnumerateArray().Select(c => $"{c.GetProperty("sign").GetString()} {c.GetProperty("kind").GetString()} {c.GetProperty("name").GetString()}"));
        Assert.True((await app.Services.GetRequiredService<ConfigurationRunner>().LoadAsync(file, CancellationToken.None)).IsDone);
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync("/api/v1/services", new StringContent("""{"name": "pad"}"""))).StatusCode);
        using (var calm = await DriftAsync(admin))
        {
            Assert.Equal(0, calm.RootElement.GetProperty("changes").GetArrayLength());
            var items = calm.RootElement.GetProperty("items").EnumerateArray().ToDictionary(i => i.GetProperty("name").GetString()!, i => i);
            Assert.Equal((true, 4, "ops.yaml"), (items["wiki"].GetProperty("fromFile").GetBoolean(), items["wiki"].GetProperty("line").GetInt32(), items["wiki"].GetProperty("by").GetString()));
            Assert.False(items["pad"].GetProperty("fromFile").GetBoolean());
            Assert.NotEqual("ops.yaml", items["pad"].GetProperty("by").GetString());
        }
        await File.WriteAllTextAsync(file, "version: 1\nservices: [{name: wiki, host: nobody}]\n");
        using var wrong = await DriftAsync(admin);
        Assert.Equal(2, wrong.RootElement.GetProperty("errors")[0].GetProperty("line").GetInt32());
    }

    private static async Task<JsonDocument> DriftAsync(HttpClient admin) => JsonDocument.Parse(await admin.GetStringAsync("/api/v1/configuration/drift"));

    private static async Task<JsonDocument> PostAsync(HttpClient admin, string path, string body)
    {
        var answer = await admin.PostAsync("/api/v1/import/" + path, new StringContent(body));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
    }

    public void Dispose() => _folder.Dispose();
}
