using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Stories;

/// <summary>Somebody ends all sessions of the database in an instant, again and again, while programs and people are at it.</summary>
public sealed class CutSessionsStory(PostgresFixture postgres)
{
    private const int Rounds = 4;
    private const int AtOnce = 6;

    [Fact]
    public async Task Reads_do_not_notice_and_a_change_is_made_once_or_refused_with_a_time_to_come_back()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var program = app.Program(await app.AddTokenAsync(Scopes.Read | Scopes.Respond));
        await app.AddPersonAsync("camille", Role.Admin);
        using var browser = app.Browser();
        Assert.Equal(HttpStatusCode.Redirect, (await RunningApp.SignInAsync(browser, "camille@example.org")).StatusCode);
        using var declared = await program.PostAsync("/api/v1/incidents", Body(new { title = "The wiki is slow" }));
        Assert.Equal(HttpStatusCode.Created, declared.StatusCode);

        await using var knife = await app.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        var wrong = new List<string>();
        var noted = new List<string>();
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            // Those that are at work when it happens, and those that come right after and find a pool of dead sessions.
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => program.GetAsync("/api/v1/incidents")));
            var before = Ask($"{round} before");
            await CutAsync(knife);
            var after = Ask($"{round} after");
            foreach (var (text, answer) in (await Task.WhenAll(before)).Concat(await Task.WhenAll(after)))
            {
                if (answer.IsSuccessStatusCode && text is not null) noted.Add(text);
                if (answer.IsSuccessStatusCode) continue;
                var isRefused = answer is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter.Delta: { } wait, Content.Headers.ContentType.MediaType: "application/problem+json" } && wait > TimeSpan.Zero;
                if (text is null || !isRefused) wrong.Add($"{answer.RequestMessage!.RequestUri!.PathAndQuery}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                else refused++;
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        var timeline = (await TimelineAsync(program)).ToLookup(t => t, StringComparer.Ordinal);
        Assert.All(noted, text => Assert.Single(timeline[text]));
        Assert.All(timeline, entries => Assert.Single(entries));
        TestContext.Current.TestOutputHelper?.WriteLine($"{noted.Count} notes made, {refused} refused");

        // Reads of the API and of pages, and changes, which have a text.
        List<Task<(string? Text, HttpResponseMessage Answer)>> Ask(string when) =>
        [
            .. Enumerable.Range(0, AtOnce).SelectMany(_ => new[] { GetAsync(program, "/api/v1/incidents?q=wiki"), GetAsync(program, "/api/v1/incidents/1"), GetAsync(browser, "/"), GetAsync(browser, "/incidents/1") }),
            .. Enumerable.Range(0, AtOnce).Select(i => $"note {when} {i}").Select(async text => ((string?)text, await program.PostAsync("/api/v1/incidents/1/notes", Body(new { text })))),
        ];

        static async Task<(string?, HttpResponseMessage)> GetAsync(HttpClient client, string path) => (null, await client.GetAsync(path));
    }

    [Fact]
    public async Task A_change_that_is_cut_short_is_refused_and_not_made()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var program = app.Program(await app.AddTokenAsync(Scopes.Read | Scopes.Respond));
        using var declared = await program.PostAsync("/api/v1/incidents", Body(new { title = "The wiki is slow" }));
        Assert.Equal(HttpStatusCode.Created, declared.StatusCode);
        await using var knife = await app.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();

        // The change waits for our lock; its session is ended while it waits.
        await using var holding = await knife.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select from incidents for update", knife)) await hold.ExecuteNonQueryAsync();
        var change = program.PostAsync("/api/v1/incidents/1/notes", Body(new { text = "Cut" }));
        await knife.WaitedForAsync("the change waits for the lock");
        await CutAsync(knife);

        using var answer = await change;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
        Assert.Contains("The database does not answer", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await holding.RollbackAsync();
        using var again = await program.PostAsync("/api/v1/incidents/1/notes", Body(new { text = "Made" }));
        Assert.Equal(["Made"], await TimelineAsync(program));
    }

    private static async Task CutAsync(NpgsqlConnection knife)
    {
        await using var cut = new NpgsqlCommand("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()", knife);
        Assert.NotEqual(0L, await cut.ExecuteScalarAsync());
    }

    private static async Task<List<string>> TimelineAsync(HttpClient program)
    {
        var texts = new List<string>();
        for (var after = ""; ;)
        {
            var page = JsonDocument.Parse(await program.GetStringAsync($"/api/v1/incidents/1/timeline?limit=100{after}")).RootElement;
            texts.AddRange(page.GetProperty("items").EnumerateArray().Where(e => e.GetProperty("kind").GetString() == "note").Select(e => e.GetProperty("text").GetString()!));
            if (page.GetProperty("next").GetString() is not { } next) return texts;
            after = $"&after={next}";
        }
    }

    private static StringContent Body(object body) => new(JsonSerializer.Serialize(body));
}
