using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Access;

public sealed class SignInTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero));
    private RunningApp _app = null!;
    private Person _camille = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await RunningApp.StartAsync(postgres, _time);
        _camille = await _app.AddPersonAsync("camille", Role.Admin);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_door_answers_HEAD_as_it_answers_GET()
    {
        using var browser = _app.Browser();
        using var answer = await browser.SendAsync(new(HttpMethod.Head, "/login"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Whoever_knows_the_password_comes_in_and_it_is_written_down()
    {
        using var browser = _app.Browser();
        using var answer = await RunningApp.SignInAsync(browser, " Camille@example.org ");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("ops-session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/people")).StatusCode);
        Assert.Equal(["person.sign_in"], await AuditAsync("camille@example.org", "person.sign_in"));
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_get_the_same_answer()
    {
        using var browser = _app.Browser();
        using var wrong = await RunningApp.SignInAsync(browser, "camille@example.org", "not this one at all");
        using var unknown = await RunningApp.SignInAsync(browser, "nobody@example.org", "not this one at all");
        Assert.Equal(wrong.StatusCode, unknown.StatusCode);
        Assert.Equal(await NoteAsync(wrong), await NoteAsync(unknown));
        Assert.Equal(["person.sign_in_failed"], await AuditAsync("nobody@example.org", "person.sign_in"));
    }

    [Theory]
    [InlineData("camille@example.org")]
    [InlineData("nobody@example.org")]
    public async Task After_five_mistakes_even_the_right_password_waits_and_the_wait_grows(string email)
    {
        for (var i = 0; i < SignInThrottle.Free; i++) Assert.Equal(RefusalKind.Forbidden, (await TryAsync(email, "wrong wrong wrong")).Refusal!.Kind);
        Assert.Equal("sign_in.wait", (await TryAsync(email, RunningApp.Password)).Refusal!.Errors[0].Message.Key);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("sign_in.wrong", (await TryAsync(email, "wrong wrong wrong")).Refusal!.Errors[0].Message.Key);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("sign_in.wait", (await TryAsync(email, RunningApp.Password)).Refusal!.Errors[0].Message.Key);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(email.StartsWith("camille", StringComparison.Ordinal), (await TryAsync(email, RunningApp.Password)).IsDone);
    }

    [Fact]
    public async Task A_strangers_mistakes_do_not_lock_out_who_signed_in_from_elsewhere()
    {
        Assert.True((await TryAsync("camille@example.org", RunningApp.Password, "10.0.0.7")).IsDone);
        for (var i = 0; i < 20; i++) await TryAsync("camille@example.org", "wrong wrong wrong", "203.0.113.9");
        Assert.True((await TryAsync("camille@example.org", RunningApp.Password, "10.0.0.7")).IsDone);
        Assert.False((await TryAsync("camille@example.org", RunningApp.Password, "203.0.113.9")).IsDone);
    }

    [Fact]
    public async Task One_address_may_not_try_many_accounts()
    {
        using var browser = _app.Browser();
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 12; i++) answers.Add(await RunningApp.SignInAsync(browser, $"guess{i}@example.org", "wrong wrong wrong"));
        Assert.All(answers.Take(10), a => Assert.Equal(HttpStatusCode.BadRequest, a.StatusCode));
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[11].StatusCode);
        Assert.NotNull(answers[11].Headers.RetryAfter);
        Assert.Contains("Too many attempts", await answers[11].Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_made_inactive_loses_access_within_a_minute()
    {
        await _app.AddPersonAsync("anonymous", Role.Admin);
        using var browser = _app.Browser();
        await RunningApp.SignInAsync(browser, "camille@example.org");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/people")).StatusCode);
        await ChangeAsync(isActive: false);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/people")).StatusCode);
        Assert.Equal("sign_in.wrong", (await TryAsync("camille@example.org", RunningApp.Password)).Refusal!.Errors[0].Message.Key);
    }

    [Fact]
    public async Task A_smaller_role_counts_within_a_minute()
    {
        await _app.AddPersonAsync("anonymous", Role.Admin);
        using var browser = _app.Browser();
        await RunningApp.SignInAsync(browser, "camille@example.org");
        await ChangeAsync(role: Role.Viewer);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/people")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/me")).StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example", null)]
    [InlineData(null, "cross-site")]
    [InlineData(null, "same-site")]
    [InlineData(null, null)]
    public async Task A_change_that_rides_on_a_cookie_must_come_from_our_pages(string? origin, string? site)
    {
        using var browser = _app.Browser();
        await RunningApp.SignInAsync(browser, "camille@example.org");
        Assert.Equal(HttpStatusCode.Forbidden, (await CreateTokenAsync(origin, site)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await CreateTokenAsync(_app.Address.GetLeftPart(UriPartial.Authority), null)).StatusCode);

        async Task<HttpResponseMessage> CreateTokenAsync(string? from, string? fetchSite)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens") { Content = JsonContent.Create(new { name = "x", scopes = new[] { "read" } }) };
            if (from is not null) request.Headers.Add("Origin", from);
            if (fetchSite is not null) request.Headers.Add("Sec-Fetch-Site", fetchSite);
            return await browser.SendAsync(request);
        }
    }

    [Theory]
    [InlineData("/incidents?state=open", "/incidents?state=open")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    public async Task Signing_in_leads_back_only_to_our_own_pages(string returnUrl, string leadsTo)
    {
        using var browser = _app.Browser();
        using var answer = await RunningApp.SubmitAsync(browser, "/login?returnUrl=" + Uri.EscapeDataString(returnUrl), "login", ("Email", "camille@example.org"), ("Password", RunningApp.Password));
        Assert.Equal(new Uri(_app.Address, leadsTo), new Uri(_app.Address, answer.Headers.Location!));
    }

    private Task<Outcome<Person>> TryAsync(string email, string password, string address = "10.0.0.1") =>
        _app.InScopeAsync(s => s.GetRequiredService<SignInActions>().SignInAsync(email, password, address, default));

    private Task<Outcome<Person>> ChangeAsync(Role? role = null, bool? isActive = null) =>
        _app.InScopeAsync(s => s.GetRequiredService<PersonActions>().ChangeAsync(_camille.Id, Actor.System, default, role: role, isActive: isActive));

    private Task<List<string>> AuditAsync(string target, string action) => _app.InScopeAsync(async s =>
        await s.GetRequiredService<OpsDbContext>().Audit.Where(a => a.Target == target && a.Action.StartsWith(action)).Select(a => a.Action).ToListAsync());

    private static async Task<string> NoteAsync(HttpResponseMessage answer)
    {
        var html = await answer.Content.ReadAsStringAsync();
        var start = html.IndexOf("role=\"alert\"", StringComparison.Ordinal);
        return html[start..html.IndexOf("</p>", start, StringComparison.Ordinal)];
    }
}
