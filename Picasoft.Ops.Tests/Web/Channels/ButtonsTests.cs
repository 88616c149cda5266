using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Picasoft.Ops.Tests.Core.Notifications;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Channels;

/// <summary>Acting from where one reads: buttons in Mattermost, one click from a message. The real product, and doubles of the servers.</summary>
public sealed partial class ButtonsTests(OpsApi api) : IClassFixture<OpsApi>
{
    [Fact]
    public async Task A_click_in_Mattermost_is_done_in_the_name_of_who_clicked_and_the_post_says_so()
    {
        await using var server = await HttpDouble.StartAsync(seen => seen.Path.EndsWith("/patch", StringComparison.Ordinal) ? (200, """{"id": "post1"}""") : (201, """{"id": "post1"}"""));
        await api.ApplyAsync($$"""
            version: 1
            people:
              - {name: camille, email: camille@example.org, mattermost: camille.k, language: en}
              - {name: sacha, email: sacha@example.org, mattermost: sacha.r, language: en}
            channels:
              - {name: tech-chat, type: mattermost, server: "http://127.0.0.1:{{server.Port}}", token: secret-bot-token, room: town-square-id, language: en}
            """);
        var number = (await api.PostAsync("/api/v1/incidents", new { title = "The wiki is slow", severity = "high" }))["number"].GetInt64();
        await Eventually.TrueAsync(() => Task.FromResult(!server.Seen.IsEmpty), "it is posted");
        var actions = server.Seen.First().Json.GetProperty("props").GetProperty("attachments")[0].GetProperty("actions").EnumerateArray().ToList();
        var context = actions.Single(a => a.GetProperty("id").GetString() == "acknowledge").GetProperty("integration").GetProperty("context");
        Task<Answer> ClickAsync(string user, JsonElement given) => api.SendAsync(HttpMethod.Post, "/hooks/mattermost/tech-chat", new { user_id = "u1", user_name = user, post_id = "post1", channel_id = "town-square-id", context = given }, null);

        var forged = JsonSerializer.SerializeToElement(new { action = "resolve", incident = number, expires = context.GetProperty("expires").GetInt64(), revision = context.GetProperty("revision").GetInt64(), token = context.GetProperty("token").GetString() });
        Assert.Equal(HttpStatusCode.Unauthorized, (await ClickAsync("camille.k", forged)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.SendAsync(HttpMethod.Post, "/hooks/mattermost/tech-chat", "[]", null)).Status);
        Assert.Contains("stranger", (await ClickAsync("stranger", context))["ephemeral_text"].GetString(), StringComparison.Ordinal);
        Assert.Equal("open", (await api.GetAsync($"/api/v1/incidents/{number}"))["state"].GetString());

        Assert.Equal(HttpStatusCode.OK, (await ClickAsync("camille.k", context)).Status);
        var incident = await api.GetAsync($"/api/v1/incidents/{number}");
        Assert.Equal(("acknowledged", "camille"), (incident["state"].GetString(), incident["acknowledgedBy"].GetString()));
        await Eventually.TrueAsync(() => Task.FromResult(server.Seen.Any(s => s.Method == "PUT" && s.Body.Contains("camille", StringComparison.Ordinal))), "the post says who has it");
        // A second click, of whoever it is, changes nothing and says who was first; so does one after it was opened again.
        Assert.Contains("camille", (await ClickAsync("sacha.r", context))["ephemeral_text"].GetString(), StringComparison.Ordinal);
        await api.PostAsync($"/api/v1/incidents/{number}/reopen", new { });
        Assert.Contains("camille", (await ClickAsync("sacha.r", context))["ephemeral_text"].GetString(), StringComparison.Ordinal);
        Assert.Equal("open", (await api.GetAsync($"/api/v1/incidents/{number}"))["state"].GetString());
        // The post was written anew with buttons of its own: two clicks at the same instant do it once, and each learns who has it.
        JsonElement? Fresh() => server.Seen.Where(s => s.Method == "PUT").Reverse().Select(s => s.Json.GetProperty("props").GetProperty("attachments")[0].GetProperty("actions").EnumerateArray().Where(a => a.GetProperty("id").GetString() == "acknowledge").Select(a => (JsonElement?)a.GetProperty("integration").GetProperty("context")).FirstOrDefault()).FirstOrDefault(c => c is not null);
        await Eventually.TrueAsync(() => Task.FromResult(Fresh() is not null), "the post has buttons again");
        var both = await Task.WhenAll(ClickAsync("camille.k", Fresh()!.Value), ClickAsync("sacha.r", Fresh()!.Value));
        var by = (await api.GetAsync($"/api/v1/incidents/{number}"))["acknowledgedBy"].GetString()!;
        Assert.Contains(by, both[by == "camille" ? 1 : 0]["ephemeral_text"].GetString(), StringComparison.Ordinal);
        var timeline = (await api.GetAsync($"/api/v1/incidents/{number}"))["timeline"].EnumerateArray().ToList();
        Assert.Equal(2, timeline.Count(t => t.GetProperty("kind").GetString() == "acknowledged"));

        var resolve = actions.Single(a => a.GetProperty("id").GetString() == "resolve").GetProperty("integration").GetProperty("context");
        await ClickAsync("camille.k", resolve);
        Assert.Equal("resolved", (await api.GetAsync($"/api/v1/incidents/{number}"))["state"].GetString());
        await Eventually.TrueAsync(() => Task.FromResult(server.Seen.Any(s => s.Method == "POST" && s.Body.Contains("root_id", StringComparison.Ordinal))), "the end answers in the thread");
    }

    [Fact]
    public async Task A_link_shows_what_it_would_do_and_its_button_does_it()
    {
        await using var phone = await HttpDouble.StartAsync(_ => (200, "{}"));
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/channels", new { name = "phone", type = "ntfy", server = $"http://127.0.0.1:{phone.Port}", topic = "camille" })).Status);
        var number = (await api.PostAsync("/api/v1/incidents", new { title = "The mail queue grows", severity = "high" }))["number"].GetInt64();
        await Eventually.TrueAsync(() => Task.FromResult(!phone.Seen.IsEmpty), "it is pushed");
        var path = new Uri(phone.Seen.Last().Json.GetProperty("actions")[0].GetProperty("url").GetString()!).AbsolutePath;

        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = api.Host.Address };
        var shown = await browser.GetStringAsync(path);
        Assert.Equal("open", (await api.GetAsync($"/api/v1/incidents/{number}"))["state"].GetString());
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "acknowledge", ["__RequestVerificationToken"] = Token().Match(shown).Groups["token"].Value });
        Assert.Equal(HttpStatusCode.OK, (await browser.PostAsync(path, form)).StatusCode);
        Assert.Equal("acknowledged", (await api.GetAsync($"/api/v1/incidents/{number}"))["state"].GetString());

        // The link is used up: a second press says who did it and changes nothing, also after the incident was opened again.
        await api.PostAsync($"/api/v1/incidents/{number}/reopen", new { });
        Assert.Contains("camille", await browser.GetStringAsync(path), StringComparison.Ordinal);
        using var again = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "acknowledge", ["__RequestVerificationToken"] = Token().Match(shown).Groups["token"].Value });
        await browser.PostAsync(path, again);
        Assert.Equal("open", (await api.GetAsync($"/api/v1/incidents/{number}"))["state"].GetString());
        Assert.Equal(HttpStatusCode.Gone, (await browser.GetAsync(path[..^2] + "xx")).StatusCode);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();
}
