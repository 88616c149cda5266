using System.Net;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Silences;

public sealed class SilenceEndpointsTests(OpsApi api) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task A_silence_is_made_listed_changed_and_ended()
    {
        var made = await api.PostAsync("/api/v1/silences", new { matchers = new[] { "service=\"mail\"" }, duration = "4h", comment = "Known." });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("active", made["state"].GetString());
        Assert.Equal(made["startsAt"].GetDateTimeOffset().AddHours(4), made["endsAt"].GetDateTimeOffset());
        Assert.EndsWith("Z", made["endsAt"].GetString());
        var id = made["id"].GetInt64();

        Assert.Contains((await api.GetAsync("/api/v1/silences?state=active"))["items"].EnumerateArray(), s => s.GetProperty("id").GetInt64() == id);
        var end = made["endsAt"].GetDateTimeOffset().AddHours(1);
        var longer = await api.PutAsync($"/api/v1/silences/{id}", new { matchers = new[] { "service=\"mail\"" }, endsAt = end, comment = "Takes longer." });
        Assert.Equal((id, end), (longer["id"].GetInt64(), longer["endsAt"].GetDateTimeOffset()));

        Assert.Equal("expired", (await api.DeleteAsync($"/api/v1/silences/{id}"))["state"].GetString());
        Assert.Equal(HttpStatusCode.OK, (await api.DeleteAsync($"/api/v1/silences/{id}")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await api.PutAsync($"/api/v1/silences/{id}", new { matchers = new[] { "service=\"mail\"" }, duration = "1h", comment = "Again." })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.DeleteAsync("/api/v1/silences/999999")).Status);
    }

    [Theory]
    [InlineData("{\"duration\":\"1h\",\"comment\":\"x\"}", "matchers")]
    [InlineData("{\"matchers\":[],\"duration\":\"1h\",\"comment\":\"x\"}", "matchers")]
    [InlineData("{\"matchers\":[\"service\"],\"duration\":\"1h\",\"comment\":\"x\"}", "matchers[0]")]
    [InlineData("{\"matchers\":[\"service=~\\\"(\\\"\"],\"duration\":\"1h\",\"comment\":\"x\"}", "matchers[0]")]
    [InlineData("{\"matchers\":[\"service=~\\\".*\\\"\"],\"duration\":\"1h\",\"comment\":\"x\"}", "matchers")]
    [InlineData("{\"matchers\":[\"service!=\\\"mail\\\"\",\"host=\\\"\\\"\"],\"duration\":\"1h\",\"comment\":\"x\"}", "matchers")]
    [InlineData("{\"matchers\":[\"a=b\"],\"duration\":\"1h\"}", "comment")]
    [InlineData("{\"matchers\":[\"a=b\"],\"duration\":\"1h\",\"comment\":\"  \"}", "comment")]
    [InlineData("{\"matchers\":[\"a=b\"],\"comment\":\"x\"}", "duration")]
    [InlineData("{\"matchers\":[\"a=b\"],\"duration\":\"500d\",\"comment\":\"x\"}", "duration")]
    [InlineData("{\"matchers\":[\"a=b\"],\"startsAt\":\"2030-01-02T00:00:00Z\",\"endsAt\":\"2030-01-01T00:00:00Z\",\"comment\":\"x\"}", "endsAt")]
    [InlineData("{\"matchers\":[\"a=b\"],\"endsAt\":\"2020-01-01T00:00:00Z\",\"comment\":\"x\"}", "endsAt")]
    [InlineData("{\"matchers\":[\"a=b\"],\"endsAt\":\"2090-01-01T00:00:00Z\",\"comment\":\"x\"}", "endsAt")]
    public async Task A_silence_that_makes_no_sense_is_refused_and_the_field_named(string body, string field)
    {
        var answer = await api.PostAsync("/api/v1/silences", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.Fields);
    }

    [Fact]
    public async Task The_review_names_what_holds_back_nothing_and_what_is_about_to_end()
    {
        await api.AlertAsync(LabelSet.Of(("alertname", "Down"), ("service", "reviewed")), TimeProvider.System.GetUtcNow());
        var made = new Dictionary<string, long>();
        foreach (var (name, matcher, duration) in new[] { ("idle", "service=\"nowhere\"", "3d"), ("ends", "service=\"reviewed\"", "3h"), ("fine", "service=~\"review.*\"", "3d"), ("negative", "service!=\"nowhere\"", "3d") })
            made[name] = (await api.PostAsync("/api/v1/silences", new { matchers = new[] { matcher, "alertname=\"Down\"" }, duration, comment = name }))["id"].GetInt64();
        var review = (await api.GetAsync("/api/v1/silences/review"))["items"].EnumerateArray().ToDictionary(r => r.GetProperty("silence").GetProperty("id").GetInt64());
        Assert.Equal((0, false), (review[made["idle"]].GetProperty("alerts").GetInt32(), review[made["idle"]].GetProperty("endsSoon").GetBoolean()));
        Assert.Equal((1, true), (review[made["ends"]].GetProperty("alerts").GetInt32(), review[made["ends"]].GetProperty("endsSoon").GetBoolean()));
        Assert.DoesNotContain(made["fine"], review.Keys);
        Assert.DoesNotContain(made["negative"], review.Keys);
        foreach (var id in made.Values) await api.DeleteAsync($"/api/v1/silences/{id}");
    }

    [Fact]
    public async Task What_would_be_silenced_is_known_before()
    {
        var now = TimeProvider.System.GetUtcNow();
        await api.AlertAsync(LabelSet.Of(("alertname", "Down"), ("service", "cloud")), now);
        await api.AlertAsync(LabelSet.Of(("alertname", "Slow"), ("service", "cloud")), now);
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/v1/incidents?service=cloud"))["items"].GetArrayLength() == 1, "the alerts have an incident");
        var half = await api.PostAsync("/api/v1/silences/preview", new { matchers = new[] { "service=cloud", "alertname=Slow" } });
        Assert.Equal(1, half["alertCount"].GetInt32());
        Assert.False(half["incidents"][0].GetProperty("fully").GetBoolean());
        var all = await api.PostAsync("/api/v1/silences/preview", new { matchers = new[] { "service=cloud" } });
        Assert.True(all["incidents"][0].GetProperty("fully").GetBoolean());
    }
}
