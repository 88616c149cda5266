using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.OnCall;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes.Places;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Access;

/// <summary>Whatever is made, changed or taken away is one line of the audit log: who, what, how it was and how it is.</summary>
public sealed class AuditTrailTests(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>Where, its beginning, its change, and a word of each that the log must show.</summary>
    private static readonly (string Path, string First, string Second, string Was, string Becomes)[] _things =
    [
        ("hosts", """{"name":"a1","address":"10.0.0.1"}""", """{"address":"10.0.0.2"}""", "10.0.0.1", "10.0.0.2"),
        ("services", """{"name":"a1","title":"First"}""", """{"title":"Second"}""", "First", "Second"),
        ("probes", """{"name":"a1","type":"tcp","interval":"1d","tcp":{"host":"first.invalid","port":1}}""", """{"type":"tcp","interval":"1d","tcp":{"host":"second.invalid","port":1}}""", "first.invalid", "second.invalid"),
        ("heartbeats", """{"name":"a1","period":"1d","keywords":{"success":["first"]}}""", """{"period":"1d","keywords":{"success":["second"]}}""", "first", "second"),
        ("log-rules", """{"name":"a1","match":"first"}""", """{"match":"second"}""", "first", "second"),
        ("channels", """{"name":"a1","type":"ntfy","topic":"first"}""", """{"type":"ntfy","topic":"second"}""", "\"topic\":\"first\"", "\"topic\":\"second\""),
        ("escalations", """{"name":"a1","steps":[{"notify":["nobody"]}],"repeat":1}""", """{"steps":[{"notify":["nobody"]}],"repeat":2}""", "\"repeat\":1", "\"repeat\":2"),
        ("maintenance", """{"name":"a1","match":["a=b"],"schedule":"0 5 * * 2","timeZone":"Europe/Paris","duration":"1h","comment":"First"}""", """{"match":["a=b"],"schedule":"0 5 * * 2","timeZone":"Europe/Paris","duration":"1h","comment":"Second"}""", "First", "Second"),
        ("schedules", """{"name":"a1","title":"First","rotation":{"people":["camille"],"every":"1d","handoff":"18:00"}}""", """{"title":"Second","rotation":{"people":["camille"],"every":"1d","handoff":"18:00"}}""", "First", "Second"),
    ];

    private RunningApp _app = null!;
    private HttpClient _program = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await RunningApp.StartAsync(postgres);
        _program = _app.Program(await _app.AddTokenAsync(Scopes.All));
        await _app.AddPersonAsync("camille", Role.Admin);
    }

    public async ValueTask DisposeAsync()
    {
        _program.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task What_is_made_changed_and_deleted_is_written_down_as_it_was_and_as_it_is()
    {
        foreach (var (path, first, second, was, becomes) in _things)
        {
            await SendAsync(HttpMethod.Post, path, first, HttpStatusCode.Created);
            var (_, action, before, after) = await LastAsync();
            Assert.EndsWith(".create", action);
            Assert.Null(before);
            Assert.Contains(was, after);

            await SendAsync(HttpMethod.Put, $"{path}/a1", second, HttpStatusCode.OK);
            (_, action, before, after) = await LastAsync();
            Assert.EndsWith(".update", action);
            Assert.Contains(was, before);
            Assert.Contains(becomes, after);

            await SendAsync(HttpMethod.Delete, $"{path}/a1", null, HttpStatusCode.NoContent);
            (_, action, before, after) = await LastAsync();
            Assert.EndsWith(".delete", action);
            Assert.Contains(becomes, before);
            Assert.Null(after);
        }
        // Settings of which there is one.
        foreach (var (path, field) in new[] { ("retention", "results"), ("prevention/settings", "forecast"), ("status-page", "title") })
        {
            await SendAsync(HttpMethod.Put, path, $$"""{"{{field}}":"4d"}""", HttpStatusCode.OK);
            await SendAsync(HttpMethod.Put, path, $$"""{"{{field}}":"5d"}""", HttpStatusCode.OK);
            var (_, action, before, after) = await LastAsync();
            Assert.EndsWith(".update", action);
            Assert.Contains("\"4d\"", before);
            Assert.Contains("\"5d\"", after);
        }
    }

    [Fact]
    public async Task What_is_done_to_something_is_written_down_as_it_was_and_as_it_is_too()
    {
        await SendAsync(HttpMethod.Post, "heartbeats", """{"name":"nightly","period":"1d"}""", HttpStatusCode.Created);
        await SendAsync(HttpMethod.Post, "heartbeats/nightly/pause", null, HttpStatusCode.OK);
        await AssertLastAsync("heartbeat.disable", "\"enabled\":true", "\"enabled\":false");
        await SendAsync(HttpMethod.Post, "heartbeats/nightly/regenerate", null, HttpStatusCode.OK);
        await AssertLastAsync("heartbeat.regenerate", "\"token\":\"•••\"", "\"token\":\"•••\"");

        await SendAsync(HttpMethod.Post, "incidents", """{"title":"Chat is slow","severity":"high"}""", HttpStatusCode.Created);
        await SendAsync(HttpMethod.Post, "incidents/1/acknowledge", """{"comment":"Mine","expiresIn":"1h"}""", HttpStatusCode.OK);
        await AssertLastAsync("incident.acknowledge", "\"acknowledgementExpiresAt\":null", "\"comment\":\"Mine\"");
        await SendAsync(HttpMethod.Post, "incidents/1/severity", """{"severity":"low"}""", HttpStatusCode.OK);
        await AssertLastAsync("incident.severity", "\"severity\":\"high\"", "\"severity\":\"low\"");

        await SendAsync(HttpMethod.Post, "schedules", """{"name":"tech","rotation":{"people":["camille"],"every":"1d","handoff":"18:00"}}""", HttpStatusCode.Created);
        await SendAsync(HttpMethod.Post, "on-call/overrides", """{"schedule":"tech","kind":"override","person":"camille","duration":"2h"}""", HttpStatusCode.Created);
        await SendAsync(HttpMethod.Delete, "on-call/overrides/1", null, HttpStatusCode.OK);
        await AssertLastAsync("on_call.remove", "\"endsAt\":", "\"endsAt\":"); // what is over of it stays

        await using (var scope = _app.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<OpsDbContext>();
            await _app.AddPersonAsync("sacha", Role.Responder);
            var onCall = scope.ServiceProvider.GetRequiredService<OnCallActions>();
            var begins = TimeProvider.System.GetUtcNow().AddHours(2);
            var swap = await onCall.ProposeAsync(new() { Schedule = "tech", Asked = "sacha", StartsAt = begins, EndsAt = begins.AddHours(1) }, new(ActorKind.Person, 1, "camille"), default);
            Assert.True((await onCall.AnswerAsync(swap.Value.Id, SwapState.Declined, new(ActorKind.Person, 2, "sacha"), default)).IsDone);
            var answered = await db.Audit.SingleAsync(a => a.Action == "on_call.swap_declined");
            Assert.Contains("\"proposed\"", answered.Before);
            Assert.Contains("\"declined\"", answered.After);

            db.Add(new Node { Name = "gone", Location = "attic", StartedAt = DateTimeOffset.UnixEpoch, SeenAt = DateTimeOffset.UnixEpoch });
            await db.SaveChangesAsync();
        }
        await SendAsync(HttpMethod.Delete, "nodes/gone", null, HttpStatusCode.NoContent);
        await AssertLastAsync("node.forget", "attic", null);

        async Task AssertLastAsync(string expected, string was, string? becomes)
        {
            var (_, action, before, after) = await LastAsync();
            Assert.Equal(expected, action);
            Assert.Contains(was, before);
            if (becomes is null) Assert.Null(after);
            else Assert.Contains(becomes, after);
        }
    }

    [Fact]
    public async Task What_is_refused_leaves_no_line()
    {
        await SendAsync(HttpMethod.Post, "hosts", """{"name":"kept"}""", HttpStatusCode.Created);
        var last = await LastAsync();
        await SendAsync(HttpMethod.Post, "hosts", """{"name":"kept"}""", HttpStatusCode.BadRequest);
        await SendAsync(HttpMethod.Post, "services", """{"name":"x","criticality":"huge"}""", HttpStatusCode.BadRequest);
        await SendAsync(HttpMethod.Delete, "hosts/nothing", null, HttpStatusCode.NotFound);
        Assert.Equal(last, await LastAsync());
    }

    private async Task SendAsync(HttpMethod method, string path, string? body, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}");
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _program.SendAsync(request);
        Assert.True(answer.StatusCode == expected, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<(long Id, string Action, string? Before, string? After)> LastAsync()
    {
        using var log = JsonDocument.Parse(await _program.GetStringAsync("/api/v1/audit?limit=1"));
        var entry = log.RootElement.GetProperty("items")[0];
        Assert.Equal("token", entry.GetProperty("actor").GetProperty("kind").GetString());
        return (entry.GetProperty("id").GetInt64(), entry.GetProperty("action").GetString()!, Text(entry.GetProperty("before")), Text(entry.GetProperty("after")));
    }

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetRawText();
}
