using System.Net;
using System.Text.Json.Nodes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Recovery;

/// <summary>Two people must agree: that one administrator edits it away takes a second one's word, and a program's is nobody's.</summary>
public sealed class LaxerPlanApiTests(OpsApi api) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task What_one_administrator_makes_laxer_counts_when_another_has_agreed_to_what_they_were_shown()
    {
        await using var target = await WebTarget.StartAsync();
        await api.PostAsync("/api/v1/services", new { name = "safe" });
        object[] Steps(bool asked) => [new { title = "Open it", destructive = asked, http = new { url = target.Url() } }];
        await api.PostAsync("/api/v1/recovery/plans", new { name = "open-safe", service = "safe", people = 2, steps = Steps(true) });
        const string path = "/api/v1/recovery/plans/open-safe";
        using var camille = await api.CamilleAsync();

        // Alone, there is nobody to ask.
        Assert.Equal(0, (await camille.PutAsync(path, new { service = "safe", people = 1, steps = Steps(true) }))["agreementsMissing"].GetInt32());
        await camille.PutAsync(path, new { service = "safe", people = 2, steps = Steps(true) });
        using var sacha = await api.AdministratorAsync("sacha");
        async Task<Answer> AgreeAsync(OpsPerson by, uint? version = null) => await by.PostAsync(path + "/agree", new { version = version ?? (await api.GetAsync(path))["version"].GetUInt32() });
        Assert.Equal(HttpStatusCode.Conflict, (await AgreeAsync(sacha)).Status);

        var lax = await camille.PutAsync(path, new { service = "safe", people = 1, steps = Steps(false) });
        Assert.Equal((HttpStatusCode.OK, "camille", 1), (lax.Status, lax["laxBy"].GetString(), lax["agreementsMissing"].GetInt32()));

        // Whoever made it laxer starts it, and is asked for a second person as before.
        var run = (await camille.PostAsync(path + "/runs"))["id"].GetInt64();
        Assert.Equal(HttpStatusCode.Conflict, (await camille.PostAsync($"/api/v1/recovery/runs/{run}/confirm")).Status);
        await api.PostAsync($"/api/v1/recovery/runs/{run}/abort");
        await SaysAsync(AgreeAsync(camille), "another administrator must agree");
        // Nor with a key that they made for a program.
        await SaysAsync(api.PostAsync(path + "/agree", new { version = lax["version"].GetUInt32() }), "is a program’s key");
        Assert.Equal(["version"], (await sacha.PostAsync(path + "/agree")).Fields);

        // What was changed since it was shown was not agreed to.
        var seen = lax["version"].GetUInt32();
        Assert.Equal("camille", (await camille.PutAsync(path, new { service = "safe", people = 1, title = "Open the safe", steps = Steps(false) }))["laxBy"].GetString());
        await SaysAsync(AgreeAsync(sacha, seen), "changed after it was shown");

        // Nor by taking it away and writing it anew; what a GET answered goes back as it is.
        var written = await api.GetAsync(path);
        await api.DeleteAsync(path);
        var again = await camille.PostAsync("/api/v1/recovery/plans", JsonNode.Parse(written.Text)!);
        Assert.Equal((HttpStatusCode.Created, "camille"), (again.Status, again["laxBy"].GetString()));
        Assert.Equal(0, target.Hits);

        var agreed = await AgreeAsync(sacha);
        Assert.Equal((HttpStatusCode.OK, null, 0), (agreed.Status, agreed["laxBy"].GetString(), agreed["agreementsMissing"].GetInt32()));
        run = (await camille.PostAsync(path + "/runs"))["id"].GetInt64();
        await Eventually.TrueAsync(async () => (await api.GetAsync($"/api/v1/recovery/runs/{run}"))["state"].GetString() == "done", "one person may", 120);
        Assert.Equal(1, target.Hits);
        var log = (await api.GetAsync("/api/v1/audit?limit=100"))["items"].EnumerateArray().Where(e => e.GetProperty("target").GetString() == "open-safe").Select(e => e.GetProperty("action").GetString());
        Assert.Contains("recovery_plan.agree", log);

        // What a program makes laxer takes two people, whoever made its key.
        await api.PutAsync(path, new { service = "safe", people = 2, steps = Steps(true) });
        Assert.Equal(2, (await api.PutAsync(path, new { service = "safe", people = 1, steps = Steps(true) }))["agreementsMissing"].GetInt32());
        Assert.Equal(1, (await AgreeAsync(camille))["agreementsMissing"].GetInt32());
        await SaysAsync(AgreeAsync(camille), "another administrator must agree");
        Assert.Equal(0, (await AgreeAsync(sacha))["agreementsMissing"].GetInt32());
    }

    private static async Task SaysAsync(Task<Answer> asked, string words)
    {
        var answer = await asked;
        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Contains(words, answer.Text, StringComparison.Ordinal);
    }
}
