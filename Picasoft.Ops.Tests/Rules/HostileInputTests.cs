using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.Metadata;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Tests.Support;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>Whatever somebody writes into an address or a body: it is answered or refused in words, never with a mistake of ours. Every page and every endpoint, whoever wrote it.</summary>
public sealed class HostileInputTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly string[] _words = ["x", "-1", "99999999999999999999", "%00", "a%00b", "9999-12-31", "0001-01-01", "9999-12-31T23:59:59-14:00", "%F0%9F%98%80%25_%5C%27%22", "%ED%A0%80", "[(*", new('y', 3000)];

    private static readonly object?[] _values = [null, "", "x", "\0", -1, 1e300, long.MaxValue, true, Array.Empty<object>(), new object?[] { null, "x", new { } }, new { a = new { b = 1 } }, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "3650d", "a=~\"(\"", new string('y', 30_000)];

    private static readonly string[] _bodies = ["", "{", "null", "[]", "1", "\"x\"", "{\"a\":1,\"a\":2}", "\"\\ud800\"", new string('[', 2000), "\0"];

    private RunningApp _app = null!;
    private HttpClient _program = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await RunningApp.StartAsync(postgres);
        _program = _app.Program(await _app.AddTokenAsync(Scopes.All));
        // What an address with a 1 in it leads to, so that more than "no such thing" is asked.
        foreach (var (path, body) in new[] { ("services", """{"name":"1"}"""), ("hosts", """{"name":"1"}"""), ("probes", """{"name":"1","type":"tcp","service":"1","interval":"1d","tcp":{"host":"127.0.0.1","port":1}}"""), ("heartbeats", """{"name":"1","period":"1d"}"""), ("log-rules", """{"name":"1","match":"x"}"""), ("incidents", """{"title":"x"}"""), ("silences", """{"matchers":["a=b"],"duration":"1h","comment":"x"}""") })
        {
            using var made = await _program.PostAsync($"/api/v1/{path}", new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.True(made.StatusCode == HttpStatusCode.Created, $"{path}: {await made.Content.ReadAsStringAsync()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _program.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task No_page_breaks_on_its_address()
    {
        await _app.AddPersonAsync("camille", Role.Admin);
        using var browser = _app.Browser();
        using var signedIn = await RunningApp.SignInAsync(browser, "camille@example.org");
        var asked =
            from route in Route.All(_app)
            where route.IsPage
            from property in route.Component!.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            let parameter = property.GetCustomAttribute<SupplyParameterFromQueryAttribute>()
            where parameter is not null
            from word in _words
            select $"{route.Path}?{parameter.Name ?? property.Name}={word}";
        var addresses = asked.ToList();
        Assert.True(addresses.Count > 100, $"only {addresses.Count} addresses were asked");
        var wrong = await BrokenAsync(addresses, async path =>
        {
            using var answer = await browser.GetAsync(path);
            return answer.Headers.Location?.OriginalString.Contains("/login", StringComparison.Ordinal) == true ? "sent to sign in" : (int)answer.StatusCode < 500 ? null : $"{(int)answer.StatusCode}";
        });
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task No_filter_of_the_API_breaks_it_and_what_it_does_not_know_is_named()
    {
        var asked =
            from route in Route.All(_app)
            where IsOurs(route) && route.Method == "GET"
            from name in Parameters(route)
            from word in _words
            select (Route: route, Name: name, Query: $"?{name}={word}");
        var list = asked.ToList();
        Assert.True(list.Count > 300, $"only {list.Count} were asked");
        var wrong = await BrokenAsync(list, async a =>
        {
            using var answer = await _program.SendAsync(a.Route.Request(a.Query));
            return Judge((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType) ?? (a.Query.Contains("%00", StringComparison.Ordinal) ? await NamesAsync(answer, a.Name) : null);
        });
        wrong.AddRange(await BrokenAsync(Route.All(_app).Where(r => IsOurs(r) && r.Method == "GET").ToList(), async route =>
        {
            using var answer = await _program.SendAsync(route.Request("?sate=open"));
            return await NamesAsync(answer, "sate");
        }));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task No_body_breaks_the_API()
    {
        var asked = new List<(Route Route, string Body)>();
        foreach (var route in Route.All(_app).Where(r => IsOurs(r) && (r.Method is "POST" or "PUT" or "PATCH")))
        {
            asked.AddRange(_bodies.Select(b => (route, b)));
            if (route.Endpoint.Metadata.GetMetadata<Describing.Body>() is not { } body) continue;
            foreach (var field in Shape.Of(body.Type).Fields)
                asked.AddRange(_values.Select(v => (route, JsonSerializer.Serialize(new Dictionary<string, object?> { [JsonNamingPolicy.CamelCase.ConvertName(field.Property.Name)] = v }))));
        }
        Assert.True(asked.Count > 2000, $"only {asked.Count} were asked");
        var wrong = await BrokenAsync(asked, async a =>
        {
            using var answer = await _program.SendAsync(a.Route.Request(body: new StringContent(a.Body, Encoding.UTF8, "application/json")));
            return Judge((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType);
        });
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
    }

    private static IEnumerable<string> Parameters(Route route) =>
        AddressRules.Of(route.Endpoint).Select(p => p.Name).Concat(route.Endpoint.Metadata.OfType<Describing.Parameters>().SelectMany(p => p.Names));

    // What speaks as Gatus does answers as Gatus does.
    private static bool IsOurs(Route route) => route.Path.StartsWith("/api/v1/", StringComparison.Ordinal) && !route.Path.StartsWith("/api/v1/endpoints/", StringComparison.Ordinal);

    private static string? Judge(int status, string? type) => status >= 500 ? $"{status}" : status >= 400 && type != "application/problem+json" ? $"{status} as {type}" : null;

    private static async Task<string?> NamesAsync(HttpResponseMessage answer, string field)
    {
        var text = await answer.Content.ReadAsStringAsync();
        return answer.StatusCode == HttpStatusCode.BadRequest && text.Contains($"\"field\":\"{field}\"", StringComparison.OrdinalIgnoreCase) ? null : $"{(int)answer.StatusCode} does not name {field}";
    }

    private static async Task<List<string>> BrokenAsync<T>(IReadOnlyCollection<T> all, Func<T, Task<string?>> judge)
    {
        var wrong = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (one, _) =>
        {
            if (await judge(one) is { } why) wrong.Add($"{one}: {why}"[..Math.Min(300, $"{one}: {why}".Length)]);
        });
        return [.. wrong.Order(StringComparer.Ordinal)];
    }
}
