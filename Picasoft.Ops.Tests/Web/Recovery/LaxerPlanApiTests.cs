using System.Net;
using System.Text.Json.Nodes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Recovery;

/// <summary>Two people must agree: that one administrator edits it away takes a second one's word.</summary>
public sealed class LaxerPlanApiTests(OpsApi api) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task What_one_administrator_makes_laxer_counts_when_another_has_agreed()
    {
        await using var target = await WebTarget.StartAsync();
        await api.PostAsync("/api/v1/services", new { name = "safe" });
        var plan = new { name = "open-safe", service = "safe", people = 2, steps = new object[] { new { title = "Open it", destructive = true, http = new { url = target.Url() } } } };
        await api.PostAsync("/api/v1/recovery/plans", plan);
        var other = (await api.PostAsync("/api/v1/tokens", new { name = "sacha", scopes = new[] { "read", "respond", "admin" } }))["text"].GetString()!;
        Task<Answer> AgreeAsync(string? token = null) => api.SendAsync(HttpMethod.Post, "/api/v1/recovery/plans/open-safe/agree", "{}", token ?? OpsApi.Token);
        Assert.Equal(HttpStatusCode.Conflict, (await AgreeAsync(other)).Status);

        var lax = await api.PutAsync("/api/v1/recovery/plans/open-safe", new { plan.service, people = 1, steps = new object[] { new { title = "Open it", http = new { url = target.Url() } } } });
        Assert.Equal(HttpStatusCode.OK, lax.Status);
        Assert.NotNull(lax["laxBy"].GetString());

        // Whoever made it laxer starts it, and is asked for a second person as before.
        var run = (await api.PostAsync("/api/v1/recovery/plans/open-safe/runs"))["id"].GetInt64();
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync($"/api/v1/recovery/runs/{run}/confirm")).Status);
        await api.PostAsync($"/api/v1/recovery/runs/{run}/abort");
        Assert.Equal(HttpStatusCode.Conflict, (await AgreeAsync()).Status);
        // Nor by taking it away and writing it anew; what a GET answered goes back as it is.
        var written = await api.GetAsync("/api/v1/recovery/plans/open-safe");
        await api.DeleteAsync("/api/v1/recovery/plans/open-safe");
        var again = await api.PostAsync("/api/v1/recovery/plans", JsonNode.Parse(written.Text)!);
        Assert.Equal(HttpStatusCode.Created, again.Status);
        Assert.NotNull(again["laxBy"].GetString());
        Assert.Equal(0, target.Hits);

        var agreed = await AgreeAsync(other);
        Assert.Equal((HttpStatusCode.OK, null), (agreed.Status, agreed["laxBy"].GetString()));
        run = (await api.PostAsync("/api/v1/recovery/plans/open-safe/runs"))["id"].GetInt64();
        await Eventually.TrueAsync(async () => (await api.GetAsync($"/api/v1/recovery/runs/{run}"))["state"].GetString() == "done", "one person may", 120);
        Assert.Equal(1, target.Hits);
        var log = (await api.GetAsync("/api/v1/audit?limit=100"))["items"].EnumerateArray().Where(e => e.GetProperty("target").GetString() == "open-safe").Select(e => e.GetProperty("action").GetString());
        Assert.Contains("recovery_plan.agree", log);
    }
}
