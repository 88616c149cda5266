using System.Net;
using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Alertmanager;

/// <summary>What Debian's Alertmanager cannot judge: newer manners, limits, and what an Alertmanager sends to us.</summary>
public sealed class AlertmanagerTests(OpsApi api) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task Names_may_be_any_text_as_since_0_27()
    {
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/api/v2/alerts", """[{"labels": {"alertname": "Utf8", "température du disque": "haute"}}]""")).Status);
        var found = await api.GetAsync("/api/v2/alerts?filter=" + Uri.EscapeDataString("\"température du disque\"=~\"h.+e\""));
        Assert.Equal("haute", found.Json[0].GetProperty("labels").GetProperty("température du disque").GetString());
        Assert.Empty((await api.GetAsync("/api/v2/alerts?filter=" + Uri.EscapeDataString("\"température du disque\"=\"basse\""))).Json.EnumerateArray());
    }

    [Fact]
    public async Task Silences_are_listed_by_state()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (name, start, end) in new[] { ("now", -1, 60), ("later", 30, 60) })
            Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/api/v2/silences", new { matchers = new[] { new { name = "state", value = name, isRegex = false } }, startsAt = now.AddMinutes(start), endsAt = now.AddMinutes(end), createdBy = "camille", comment = "" })).Status);
        Assert.Equal(["later"], await StatesAsync("active=false&expired=false"));
        Assert.Equal(["now"], await StatesAsync("pending=false&expired=false"));

        async Task<IEnumerable<string?>> StatesAsync(string query) =>
            (await api.GetAsync("/api/v2/silences?" + query)).Json.EnumerateArray().Select(s => s.GetProperty("matchers")[0]).Where(m => m.GetProperty("name").GetString() == "state").Select(m => m.GetProperty("value").GetString());
    }

    [Fact]
    public async Task What_holds_back_is_what_the_pipeline_sees_after_label_rules()
    {
        var rule = (await api.PostAsync("/api/v1/label-rules", new { match = new[] { "job=\"rules\"" }, set = new { team = "infra", service = "ruled" } }))["name"].GetString();
        var inhibit = (await api.PostAsync("/api/v1/inhibit-rules", new { sourceMatch = new[] { "role=\"cause\"", "team=\"infra\"" }, targetMatch = new[] { "role=\"effect\"" }, equal = new[] { "service" } }))["name"].GetString();
        var route = (await api.PostAsync("/api/v1/routes", new { match = new[] { "team=\"infra\"" }, groupBy = new[] { "team" } }))["name"].GetString();
        await api.PostAsync("/api/v1/maintenance", new { name = "ruled", match = new[] { "team=\"infra\"", "role=\"cause\"" }, startsAt = TimeProvider.System.GetUtcNow().AddHours(-1), duration = "2h" });
        await api.PostAsync("/api/v2/alerts", """[{"labels": {"alertname": "Ruled", "job": "rules", "role": "cause"}}, {"labels": {"alertname": "Ruled", "job": "rules", "role": "effect"}}]""");
        await api.PostAsync("/api/v1/silences", new { matchers = new[] { "team=\"infra\"", "role=\"effect\"" }, duration = "1h", comment = "x" });

        var alerts = (await api.GetAsync("/api/v2/alerts?filter=job%3Drules")).Json.EnumerateArray().ToDictionary(a => a.GetProperty("labels").GetProperty("role").GetString()!);
        Assert.False(alerts["cause"].GetProperty("labels").TryGetProperty("team", out _));
        var (cause, effect) = (alerts["cause"].GetProperty("status"), alerts["effect"].GetProperty("status"));
        Assert.Equal("ruled", Assert.Single(cause.GetProperty("mutedBy").EnumerateArray()).GetString());
        Assert.Equal(alerts["cause"].GetProperty("fingerprint").GetString(), Assert.Single(effect.GetProperty("inhibitedBy").EnumerateArray()).GetString());
        Assert.Single(effect.GetProperty("silencedBy").EnumerateArray());
        Assert.Equal("suppressed", effect.GetProperty("state").GetString());
        Assert.Empty(cause.GetProperty("silencedBy").EnumerateArray());
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/v1/alerts?state=active&limit=500"))["items"].EnumerateArray()
            .Any(a => a.GetProperty("labels").TryGetProperty("role", out var role) && role.GetString() == "effect" && a.GetProperty("silencedBy").GetArrayLength() == 1), "our own API says so too");
        foreach (var path in new[] { $"label-rules/{rule}", $"inhibit-rules/{inhibit}", $"routes/{route}", "maintenance/ruled" }) Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/{path}")).Status);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_before_it_is_read()
    {
        var answer = await api.PostAsync("/api/v2/alerts", $$$"""[{"labels": {"a": "{{{new string('x', 16 * 1024 * 1024)}}}"}}]""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
    }

    [Fact]
    public async Task Answers_are_not_to_be_kept_and_the_version_is_told()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/alerts");
        request.Headers.Authorization = new("Basic", Convert.ToBase64String("karma:a-token-for-tests-with-all-scopes-0123456789"u8));
        using var answer = await api.Host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Matches("alertmanager_build_info\\{[^}]*version=\"0\\.2[2-9]", (await api.GetAsync("/metrics")).Text);
        // Load balancers ask without a token.
        foreach (var path in new[] { "/-/healthy", "/-/ready" })
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
            {
                using var well = await api.Host.Client.SendAsync(new(method, path));
                Assert.Equal(HttpStatusCode.OK, well.StatusCode);
            }
    }

    [Theory]
    [InlineData("""{"version": "4", "status": "firing", "receiver": "ops", "alerts": [{"status": "firing", "labels": {"alertname": "Hook", "n": "1"}, "annotations": {"summary": "s"}, "startsAt": "2026-11-22T10:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://x/"}]}""", "1")]
    [InlineData("""[{"labels": {"alertname": "Hook", "n": 2}, "unknown": [1]}]""", "2")]
    [InlineData("""{"labels": {"alertname": "Hook", "n": "3"}, "startsAt": "yesterday"}""", "3")]
    public async Task What_an_Alertmanager_sends_is_taken_whatever_its_shape(string body, string number)
    {
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/hooks/alertmanager", body)).Status);
        Assert.Single((await api.GetAsync($"/api/v2/alerts?filter=alertname=Hook&filter=n={number}")).Json.EnumerateArray());
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/hooks/alertmanager", $$$"""{"status": "resolved", "alerts": [{"labels": {"alertname": "Hook", "n": "{{{number}}}"}}]}""")).Status);
        Assert.Empty((await api.GetAsync($"/api/v2/alerts?filter=alertname=Hook&filter=n={number}")).Json.EnumerateArray());
    }

    [Theory]
    [InlineData("{\"text\": \"no alert\"}", HttpStatusCode.OK)]
    [InlineData("null", HttpStatusCode.OK)]
    [InlineData("not JSON", HttpStatusCode.BadRequest)]
    public async Task What_holds_no_alert_does_no_harm(string body, HttpStatusCode status) => Assert.Equal(status, (await api.PostAsync("/hooks/alertmanager", body)).Status);

    [Fact]
    public void Spans_are_joined_as_Alertmanager_does()
    {
        // now = 100; burns since 10, until 200 by somebody's word
        var burning = new AlertTimes(10, 200, false);
        Assert.Equal(new AlertTimes(10, 300, true), burning.With(new(50, 300, true), 100));
        Assert.Equal(new AlertTimes(10, 200, true), burning.With(new(50, 150, true), 100)); // a named end stands
        Assert.Equal(new AlertTimes(10, 90, false), burning.With(new(50, 90, false), 100)); // over
        Assert.Equal(new AlertTimes(250, 300, false), burning.With(new(250, 300, false), 100)); // another span
        Assert.Equal(new AlertTimes(10, 150, true), new AlertTimes(10, 200, true).With(new(50, 150, true), 100));
    }
}
