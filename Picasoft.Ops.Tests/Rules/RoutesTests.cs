using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>Walks every route of the running application, whoever wrote it: without credentials, and with each right that is too small.</summary>
public sealed partial class RoutesTests(PostgresFixture postgres) : IAsyncLifetime
{
    // The contract's public paths; /api/push is that of Uptime Kuma; /error and /oops say that something went wrong, and are shown to whoever met it.
    private static readonly string[] _public =
        ["/healthz", "/readyz", "/-/healthy", "/-/ready", "/login", "/setup", "/status", "/ping", "/api/push", "/a", "/oncall", "/hooks/mattermost", "/badge", "/ops.schema.json", "/mud.css", "/error", "/oops"];

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
            if (route.IsAnonymous && !route.IsPublic) wrong.Add($"{route}: open to everybody");
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

    private IEnumerable<Route> Routes() => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => !IsStaticAsset(e))
        .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"]).Select(m => new Route(e, m)));

    // Files of ours; a build that was not published also looks for new ones, which nobody needs to reach.
    private static bool IsStaticAsset(RouteEndpoint endpoint) =>
        endpoint.Metadata.Any(m => m.GetType().Name == "StaticAssetDescriptor") || endpoint.RoutePattern.RawText == "{**path:file}";

    [GeneratedRegex("""<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+\s*=\s*["']|javascript:""", RegexOptions.IgnoreCase, 2000)]
    private static partial Regex InlineScript();

    [GeneratedRegex(@"\{\*{0,2}(?<name>\w+)(:(?<kind>\w+)[^}]*)?[^}]*\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();

    private sealed record Route(RouteEndpoint Endpoint, string Method)
    {
        public string Path { get; } = "/" + Parameter().Replace(Endpoint.RoutePattern.RawText ?? "", m => m.Groups["kind"].Value == "guid" ? Guid.Empty.ToString() : m.Groups["name"].Value == "documentName" ? "v1" : "1").TrimStart('/');

        public bool IsAnonymous => Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

        public bool IsPublic => _public.Any(p => Path == p || Path.StartsWith(p + "/", StringComparison.Ordinal) || Path.StartsWith("/_content/", StringComparison.Ordinal));

        public bool IsPage => Method == "GET" && Endpoint.Metadata.Any(m => m.GetType().Name == "ComponentTypeMetadata");

        public IReadOnlyList<string> Needs => [.. Endpoint.Metadata.OfType<IAuthorizeData>().Select(a => a.Policy ?? "signed in")];

        public HttpRequestMessage Request() => new(new(Method), Path);

        public override string ToString() => $"{Method} {Path}";
    }
}
