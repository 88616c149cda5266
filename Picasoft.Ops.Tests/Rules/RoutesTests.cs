using System.Net;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>Walks every route of the running application, whoever wrote it: without credentials, and with each right that is too small.</summary>
public sealed partial class RoutesTests(PostgresFixture postgres) : IAsyncLifetime
{
    // The contract's public paths; /api/push is that of Uptime Kuma; /error and /oops say that something went wrong, and are shown to whoever met it.
    private static readonly string[] _public =
        ["/healthz", "/readyz", "/-/healthy", "/-/ready", "/login", "/setup", "/status", "/ping", "/api/push", "/a", "/received", "/oncall", "/hooks/mattermost", "/badge", "/ops.schema.json", "/mud.css", "/error", "/oops"];

    private static readonly Dictionary<string, Scopes> _policies = new() { ["read"] = Scopes.Read, ["respond"] = Scopes.Respond, ["ingest"] = Scopes.Ingest, ["admin"] = Scopes.Admin };

    private RunningApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await RunningApp.StartAsync(postgres);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public void Every_route_states_its_access_and_only_the_contracts_are_public()
    {
        var wrong = new List<string>();
        foreach (var route in Routes())
        {
            if (route.IsAnonymous && !IsPublic(route)) wrong.Add($"{route}: open to everybody");
            if (!route.IsAnonymous && route.Needs.Count == 0) wrong.Add($"{route}: states no access");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Without_credentials_no_route_answers()
    {
        using var stranger = _app.Program(null);
        var wrong = new List<string>();
        foreach (var route in Routes().Where(r => !r.IsAnonymous))
        {
            using var answer = await stranger.SendAsync(route.Request());
            var toLogin = answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location!.ToString().Contains("/login?", StringComparison.Ordinal);
            if (answer.StatusCode != HttpStatusCode.Unauthorized && !toLogin) wrong.Add($"{route}: {(int)answer.StatusCode}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task With_a_right_that_is_too_small_no_route_answers()
    {
        var wrong = new List<string>();
        foreach (var scope in _policies.Values)
        {
            using var program = _app.Program(await _app.AddTokenAsync(Scopes.All & ~scope));
            foreach (var route in Routes().Where(r => r.Needs.Any(n => _policies.TryGetValue(n, out var needed) && needed == scope)))
            {
                using var answer = await program.SendAsync(route.Request());
                if (answer.StatusCode != HttpStatusCode.Forbidden) wrong.Add($"{route} without {Words.Of(scope)}: {(int)answer.StatusCode}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Every_page_forbids_scripts_that_are_not_ours()
    {
        await _app.AddPersonAsync("camille", Role.Admin);
        using var browser = _app.Browser();
        using var signedIn = await RunningApp.SignInAsync(browser, "camille@example.org");
        var seen = 0;
        foreach (var route in Routes().Where(r => r.IsPage).DistinctBy(r => r.Path))
        {
            using var answer = await browser.GetAsync(route.Path);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            var scripts = policy.Split(';', StringSplitOptions.TrimEntries).Single(d => d.StartsWith("script-src ", StringComparison.Ordinal));
            Assert.Equal("script-src 'self'", scripts);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            var html = await answer.Content.ReadAsStringAsync();
            Assert.DoesNotMatch(InlineScript(), html);
            Assert.True((int)answer.StatusCode < 500, $"{route}: {(int)answer.StatusCode}");
            seen++;
        }
        Assert.True(seen > 5);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Responder)]
    public async Task A_person_whose_role_is_too_small_gets_no_answer_either(Role role)
    {
        await _app.AddPersonAsync("robin", role);
        using var browser = _app.Browser();
        using var signedIn = await RunningApp.SignInAsync(browser, "robin@example.org");
        browser.DefaultRequestHeaders.Add("Origin", _app.Address.GetLeftPart(UriPartial.Authority)); // as our own pages send it
        var wrong = new List<string>();
        var refused = 0;
        foreach (var route in Routes().Where(r => r.Needs.Any(n => _policies.TryGetValue(n, out var needed) && !Policies.ScopesOf(role).HasFlag(needed))))
        {
            using var answer = await browser.SendAsync(route.Request());
            if (answer.StatusCode == HttpStatusCode.Forbidden) refused++;
            else wrong.Add($"{route} as {Words.Of(role)}: {(int)answer.StatusCode}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(refused > 30, $"only {refused} routes were asked for");
    }

    private static bool IsPublic(Route route) => _public.Any(p => route.Path == p || route.Path.StartsWith(p + "/", StringComparison.Ordinal) || route.Path.StartsWith("/_content/", StringComparison.Ordinal));

    private IEnumerable<Route> Routes() => Route.All(_app);

    [GeneratedRegex("""<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+\s*=\s*["']|javascript:""", RegexOptions.IgnoreCase, 2000)]
    private static partial Regex InlineScript();
}
