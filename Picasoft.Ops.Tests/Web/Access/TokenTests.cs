using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Access;

public sealed class TokenTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero));
    private RunningApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await RunningApp.StartAsync(postgres, _time);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_token_opens_as_bearer_and_as_password_of_any_name()
    {
        var token = await _app.AddTokenAsync(Scopes.Read);
        Assert.Equal(HttpStatusCode.OK, await AskAsync($"Bearer {token}"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"prometheus:{token}"))));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("bearer " + token));
    }

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("Bearer wrong")]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Negotiate abc")]
    [InlineData("garbage")]
    public async Task What_is_not_a_token_opens_nothing(string header) => Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(header));

    [Fact]
    public async Task Who_goes_on_with_wrong_tokens_is_told_to_wait_and_a_good_one_still_opens()
    {
        var token = await _app.AddTokenAsync(Scopes.Read);
        using var guesser = _app.Program("wrong");
        HttpResponseMessage answer;
        var tries = 0;
        do { answer = await guesser.GetAsync("/api/v1/me"); }
        while (answer.StatusCode == HttpStatusCode.Unauthorized && ++tries < 100);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 10);
        Assert.Equal(HttpStatusCode.OK, await AskAsync($"Bearer {token}"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await _app.Program(null).GetAsync("/api/v1/me")).StatusCode);
    }

    [Fact]
    public async Task A_token_opens_though_its_use_cannot_be_noted()
    {
        var token = await _app.AddTokenAsync(Scopes.Read);
        await _app.InScopeAsync(async services =>
        {
            await using var db = await services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
            return await db.Database.ExecuteSqlAsync($"""
                create function away() returns trigger language plpgsql as $$ begin raise exception 'away' using errcode = 'admin_shutdown'; end $$;
                create trigger away before update on api_tokens execute function away();
                """);
        });
        Assert.Equal(HttpStatusCode.OK, await AskAsync($"Bearer {token}"));
    }

    [Fact]
    public async Task A_token_ends_when_it_expires()
    {
        var token = await _app.AddTokenAsync(Scopes.Read, _time.GetUtcNow().AddHours(1));
        Assert.Equal(HttpStatusCode.OK, await AskAsync($"Bearer {token}"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync($"Bearer {token}"));
    }

    [Fact]
    public async Task A_token_ends_at_once_when_it_is_revoked()
    {
        var token = await _app.AddTokenAsync(Scopes.Read);
        Assert.Equal(HttpStatusCode.OK, await AskAsync($"Bearer {token}"));
        await _app.InScopeAsync(async s =>
        {
            var id = (await s.GetRequiredService<PeopleQueries>().TokensAsync(default)).Single().Id;
            return await s.GetRequiredService<TokenActions>().RevokeAsync(id, Actor.System, default);
        });
        // The clock stands still: only the news of the change can have emptied what the application remembers.
        await Eventually.TrueAsync(async () => await AskAsync($"Bearer {token}") == HttpStatusCode.Unauthorized, "the token is refused");
    }

    [Fact]
    public async Task Its_use_is_noted_to_the_minute()
    {
        var token = await _app.AddTokenAsync(Scopes.Read);
        await AskAsync($"Bearer {token}");
        var first = _time.GetUtcNow();
        Assert.Equal(first, await LastUsedAsync());
        _time.Advance(TimeSpan.FromSeconds(40));
        await AskAsync($"Bearer {token}");
        Assert.Equal(first, await LastUsedAsync());
        _time.Advance(TimeSpan.FromSeconds(40));
        await AskAsync($"Bearer {token}");
        Assert.Equal(_time.GetUtcNow(), await LastUsedAsync());
    }

    [Fact]
    public async Task A_right_that_is_too_small_gets_a_problem_not_a_page()
    {
        using var program = _app.Program(await _app.AddTokenAsync(Scopes.Read));
        using var answer = await program.GetAsync("/api/v1/tokens");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_token_is_made_shown_once_listed_without_its_text_and_revoked_over_the_api()
    {
        using var admin = _app.Program(await _app.AddTokenAsync(Scopes.Admin));
        using var made = await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "prometheus", scopes = new[] { "ingest", "read" } });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var json = await made.Content.ReadFromJsonAsync<JsonElement>();
        var text = json.GetProperty("text").GetString()!;
        Assert.Equal(HttpStatusCode.OK, await AskAsync($"Bearer {text}"));
        Assert.DoesNotContain(text, await admin.GetStringAsync("/api/v1/tokens"), StringComparison.Ordinal);
        Assert.DoesNotContain(text, await admin.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
        using var again = await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "prometheus", scopes = new[] { "read" } });
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        using var revoked = await admin.DeleteAsync($"/api/v1/tokens/{json.GetProperty("token").GetProperty("id").GetInt64()}");
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"","scopes":[]}""", "name")]
    [InlineData("""{"name":"x","scopes":["root"]}""", "scopes[0]")]
    [InlineData("""{"name":"x","scopes":["read"],"expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("[]", "")]
    [InlineData("{", "")]
    public async Task A_wrong_request_is_told_which_field(string body, string field)
    {
        using var admin = _app.Program(await _app.AddTokenAsync(Scopes.Admin));
        using var answer = await admin.PostAsync("/api/v1/tokens", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("field").GetString());
        Assert.Contains(field, errors);
    }

    [Fact]
    public async Task The_audit_log_is_read_page_by_page_without_gap_or_repetition()
    {
        for (var i = 0; i < 5; i++) await _app.AddTokenAsync(Scopes.Read);
        using var admin = _app.Program(await _app.AddTokenAsync(Scopes.Admin));
        var ids = new List<long>();
        for (string? next = ""; next is not null;)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"/api/v1/audit?action=token&limit=2&after={next}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64()));
            next = page.GetProperty("next").GetString();
        }
        Assert.Equal(6, ids.Count);
        Assert.Equal(ids.Distinct().OrderDescending(), ids);
    }

    private async Task<HttpStatusCode> AskAsync(string authorization)
    {
        using var program = _app.Program(null);
        program.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        return (await program.GetAsync("/api/v1/me")).StatusCode;
    }

    private Task<DateTimeOffset?> LastUsedAsync() => _app.InScopeAsync(async s => (await s.GetRequiredService<OpsDbContext>().ApiTokens.AsNoTracking().SingleAsync()).LastUsedAt);
}
