using System.Net;
using System.Text.Json;
using CsCheck;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Incidents;

public sealed class IncidentEndpointsTests(OpsApi api) : IClassFixture<OpsApi>
{
    private static readonly string[] _contract =
        ["number", "title", "state", "severity", "service", "openedAt", "acknowledgedAt", "acknowledgedBy", "mitigatedAt", "resolvedAt", "resolvedBy", "assignee", "runbook", "alerts", "impact", "timeline", "revision"];

    [Fact]
    public async Task An_incident_has_the_shape_of_the_contract_and_its_times_are_UTC()
    {
        var made = await api.PostAsync("/api/v1/incidents", new { title = "Chat is slow", severity = "high", text = "Since noon." });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        foreach (var name in _contract) Assert.True(made.Json.TryGetProperty(name, out _), name);
        Assert.EndsWith("Z", made["openedAt"].GetString());
        var entry = made["timeline"][0];
        foreach (var name in new[] { "at", "kind", "by", "text", "data" }) Assert.True(entry.TryGetProperty(name, out _), name);
        Assert.Equal("declared", entry.GetProperty("kind").GetString());
        Assert.Contains("Since noon.", entry.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Each_step_answers_the_changed_incident_and_what_is_not_possible_says_why()
    {
        var at = await DeclareAsync();
        var taken = await api.PostAsync($"{at}/acknowledge", new { comment = "Looking.", expiresIn = "30m" });
        Assert.Equal("acknowledged", taken["state"].GetString());
        Assert.NotNull(taken["acknowledgedBy"].GetString());
        var again = await api.PostAsync($"{at}/acknowledge");
        Assert.Equal((HttpStatusCode.Conflict, "application/problem+json"), (again.Status, again.Type));
        Assert.Contains("acknowledged already", again["detail"].GetString());
        Assert.Equal("help_asked", (await api.PostAsync($"{at}/escalate", new { comment = "Two are better." }))["timeline"].EnumerateArray().Last(t => t.GetProperty("kind").GetString() is "help_asked").GetProperty("kind").GetString());
        Assert.Equal("mitigated", (await api.PostAsync($"{at}/mitigate"))["state"].GetString());
        Assert.Equal("resolved", (await api.PostAsync($"{at}/resolve", new { comment = "Done." }))["state"].GetString());
        Assert.Equal("open", (await api.PostAsync($"{at}/reopen"))["state"].GetString());
        Assert.Equal("critical", (await api.PostAsync($"{at}/severity", new { severity = "critical" }))["severity"].GetString());
        await api.PostAsync($"{at}/notes", new { text = "**Disk** full" });
        var action = await api.PostAsync($"{at}/actions", new { text = "Emptied the cache", command = "rm -r cache", helped = true });
        var data = action["timeline"].EnumerateArray().Last().GetProperty("data");
        Assert.Equal(("rm -r cache", true), (data.GetProperty("command").GetString(), data.GetProperty("helped").GetBoolean()));
    }

    [Fact]
    public async Task It_is_given_to_somebody_by_name_or_address_and_to_nobody_only_when_that_is_said()
    {
        var at = await DeclareAsync();
        var name = (await api.PostAsync($"{at}/assign", new { to = "CAMILLE@example.org" }))["assignee"].GetString();
        Assert.NotNull(name);
        Assert.Equal(name, (await api.PostAsync($"{at}/assign", new { to = name }))["assignee"].GetString());
        Assert.Equal(["to"], (await api.PostAsync($"{at}/assign", new { to = "nobody-knows" })).Fields);
        Assert.Equal(["to"], (await api.PostAsync($"{at}/assign", new { })).Fields);
        Assert.Equal(JsonValueKind.Null, (await api.PostAsync($"{at}/assign", "{\"to\":null}"))["assignee"].ValueKind);
    }

    [Fact]
    public async Task Who_saw_an_older_state_changes_nothing_and_learns_who_was_faster()
    {
        var at = await DeclareAsync();
        var seen = (await api.GetAsync(at))["revision"].GetInt32();
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"{at}/acknowledge", new { expectedRevision = seen })).Status);
        var late = await api.PostAsync($"{at}/resolve", new { expectedRevision = seen });
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Contains("faster", late["detail"].GetString());
        Assert.Equal("acknowledged", (await api.GetAsync(at))["state"].GetString());
    }

    [Fact]
    public async Task Two_become_one()
    {
        var (first, second) = (await DeclareAsync(), await DeclareAsync());
        var merged = await api.PostAsync($"{first}/merge", new { into = long.Parse(second.Split('/')[^1]) });
        Assert.Equal("resolved", merged["state"].GetString());
        Assert.Equal(["into"], (await api.PostAsync($"{second}/merge", new { into = 999999 })).Fields);
    }

    [Fact]
    public async Task An_alert_is_an_incident_within_seconds_and_the_lists_page_and_filter()
    {
        await api.AlertAsync(LabelSet.Of(("alertname", "Down"), ("service", "wiki"), ("severity", "critical")), TimeProvider.System.GetUtcNow());
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/v1/incidents?service=wiki"))["items"].GetArrayLength() == 1, "the alert has an incident");
        var found = (await api.GetAsync("/api/v1/incidents?service=wiki&state=open,acknowledged&severity=critical&q=wiki&from=2020-01-01T00:00:00Z"))["items"][0];
        var alert = (await api.GetAsync("/api/v1/alerts?state=active&service=wiki"))["items"][0];
        Assert.Equal(found.GetProperty("number").GetInt64(), alert.GetProperty("incident").GetInt64());
        Assert.Equal("wiki", alert.GetProperty("labels").GetProperty("service").GetString());

        for (var i = 0; i < 3; i++) await DeclareAsync();
        var all = new List<long>();
        string? after = null;
        do
        {
            var page = await api.GetAsync($"/api/v1/incidents?limit=2{(after is null ? "" : "&after=" + after)}");
            all.AddRange(page["items"].EnumerateArray().Select(i => i.GetProperty("number").GetInt64()));
            after = page["next"].GetString();
        }
        while (after is not null);
        Assert.Equal(all.OrderDescending().Distinct(), all);
        Assert.Equal((await api.GetAsync("/api/v1/incidents?limit=500"))["items"].GetArrayLength(), all.Count);
    }

    [Theory]
    [InlineData("/api/v1/incidents?limit=0", "limit")]
    [InlineData("/api/v1/incidents?after=x", "after")]
    [InlineData("/api/v1/incidents?state=closed", "state")]
    [InlineData("/api/v1/incidents?from=yesterday", "from")]
    [InlineData("/api/v1/incidents?sate=open", "sate")]
    [InlineData("/api/v1/incidents?q=%00", "q")]
    [InlineData("/api/v1/alerts?incident=-1", "incident")]
    public async Task A_filter_that_makes_no_sense_is_named(string path, string field)
    {
        var answer = await api.GetAsync(path);
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.Status, answer.Type));
        Assert.Equal([field], answer.Fields);
    }

    [Theory]
    [InlineData("acknowledge", "{\"expires_inn\":\"1h\"}", "expires_inn")]
    [InlineData("acknowledge", "{\"expiresIn\":\"soon\"}", "expiresIn")]
    [InlineData("notes", "{}", "text")]
    [InlineData("severity", "{\"severity\":\"terrible\"}", "severity")]
    [InlineData("merge", "{\"into\":\"x\"}", "into")]
    public async Task A_body_that_makes_no_sense_is_named(string action, string body, string field)
    {
        var answer = await api.PostAsync($"{await DeclareAsync()}/{action}", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.Fields);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_and_without_a_token_nobody_gets_in()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/incidents/987654")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/incidents/987654/timeline")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync("/api/v1/incidents/987654/resolve")).Status);
        foreach (var path in new[] { "/api/v1/incidents", "/api/v1/alerts", "/api/v1/silences" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await api.SendAsync(HttpMethod.Get, path, null, token: null)).Status);
    }

    [Fact]
    public async Task No_body_whatever_is_a_server_error()
    {
        var at = await DeclareAsync();
        string[] keys = ["text", "comment", "expiresIn", "expectedRevision", "severity", "to", "into", "title", "service", "helped", "command", "matchers", "endsAt", "startsAt", "duration", "x\0y"];
        var scalar = Gen.OneOf(Gen.String.Select(s => (object?)s), Gen.Long.Select(l => (object?)l), Gen.Double.Select(d => (object?)(double.IsFinite(d) ? d : 0)), Gen.Bool.Select(b => (object?)b), Gen.Const((object?)null),
            AnyOf<object?>("\ud800", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "3650d", "1s", "a\0b", "service=~\"(\"", "=", new string('x', 30_000)));
        var value = Gen.OneOf(scalar, scalar.Array[0, 3].Select(a => (object?)a), Gen.Dictionary(AnyOf(keys), scalar)[0, 2].Select(d => (object?)d));
        var body = Gen.OneOf(Gen.Dictionary(AnyOf(keys), value)[0, 5].Select(d => JsonSerializer.Serialize(d)), value.Select(v => JsonSerializer.Serialize(v)), Gen.String, AnyOf("{", "[[[[", "{\"a\":1,\"a\":2}", "null", "\"\\ud800\""));
        string[] paths = [$"{at}/acknowledge", $"{at}/mitigate", $"{at}/resolve", $"{at}/reopen", $"{at}/notes", $"{at}/actions", $"{at}/assign", $"{at}/severity", $"{at}/escalate", $"{at}/merge", "/api/v1/incidents", "/api/v1/silences", "/api/v1/silences/preview"];
        await Gen.Select(AnyOf(paths), body).SampleAsync(async (path, text) =>
        {
            var answer = await api.PostAsync(path, text);
            Assert.True((int)answer.Status < 500, $"{path} {text}: {answer.Status} {api.Host.Output}");
            if ((int)answer.Status >= 400) Assert.Equal("application/problem+json", answer.Type);
        }, iter: 1500, threads: 4);
    }

    private static Gen<T> AnyOf<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private async Task<string> DeclareAsync() => $"/api/v1/incidents/{(await api.PostAsync("/api/v1/incidents", new { title = "Chat is slow" }))["number"].GetInt64()}";
}
