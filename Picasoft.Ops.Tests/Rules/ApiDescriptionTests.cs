using System.Net;
using System.Text;
using System.Text.Json;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>What <c>/openapi/v1.json</c> says is what the endpoints do: compared with what each names as known when it is asked for something it does not know.</summary>
public sealed class ApiDescriptionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Every_operation_says_what_it_reads_and_what_right_it_needs()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var program = app.Program(await app.AddTokenAsync(Scopes.All));
        using var document = JsonDocument.Parse(await program.GetStringAsync("/openapi/v1.json"));
        var wrong = new List<string>();
        var (bodies, filters) = (0, 0);
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject().Where(p => p.Name.StartsWith("/api/v1/", StringComparison.Ordinal) && !p.Name.StartsWith("/api/v1/endpoints/", StringComparison.Ordinal)))
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var (method, described) = (operation.Name.ToUpperInvariant(), operation.Value);
                var name = $"{method} {path.Name}";
                if (!described.TryGetProperty("summary", out _)) wrong.Add($"{name}: no summary");
                if (!described.TryGetProperty("security", out var security) || (security[0].GetProperty("token").GetArrayLength() == 0 && path.Name != "/api/v1/me")) wrong.Add($"{name}: says no scope");
                if (method == "DELETE" || path.Name.Contains("/import/", StringComparison.Ordinal)) continue; // whose body is a foreign file
                using var request = new HttpRequestMessage(new(method), System.Text.RegularExpressions.Regex.Replace(path.Name, @"\{\w+\}", "1") + (method == "GET" ? "?zzz=1" : ""));
                if (method != "GET") request.Content = new StringContent("""{"zzz":1,"version":1}""", Encoding.UTF8, "application/json");
                using var answer = await program.SendAsync(request);
                if (answer.StatusCode == HttpStatusCode.NotFound) continue; // its twin without a name is asked
                var known = await KnownAsync(answer);
                if (method == "GET")
                {
                    var said = described.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString()!).Order(StringComparer.Ordinal).ToList() : [];
                    if (said.Count > 0) filters++;
                    if (known is null || !said.SequenceEqual(known, StringComparer.Ordinal)) wrong.Add($"{name}: says {string.Join(',', said)}, knows {string.Join(',', known ?? ["nothing"])}");
                }
                else if (described.TryGetProperty("requestBody", out var body))
                {
                    bodies++;
                    var schema = body.GetProperty("content").GetProperty("application/json").GetProperty("schema");
                    var hasKinds = !schema.TryGetProperty("properties", out _) && schema.GetProperty("oneOf").GetArrayLength() > 5; // probes and channels: their kinds read the rest
                    var fields = (hasKinds ? schema.GetProperty("oneOf")[0] : schema).GetProperty("properties").EnumerateObject().Select(p => p.Name).Where(f => f != "version").Order(StringComparer.Ordinal).ToList();
                    if (!hasKinds && !fields.SequenceEqual(known?.Where(f => f != "version") ?? [], StringComparer.Ordinal)) wrong.Add($"{name}: says {string.Join(',', fields)}, knows {string.Join(',', known ?? ["nothing"])}");
                    var saysVersion = (hasKinds ? schema.GetProperty("oneOf")[0] : schema).GetProperty("properties").TryGetProperty("version", out _);
                    // Of what is new there is no version; who sends back what a GET answered is not bothered with it.
                    if (method == "PUT" && saysVersion == await IsUnknownAsync(answer, "version")) wrong.Add($"{name}: {(saysVersion ? "says that it reads a version" : "does not say that it reads a version")}");
                }
                else if (known is not null) wrong.Add($"{name}: does not say that it reads {string.Join(',', known)}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(bodies > 30 && filters > 15, $"only {bodies} bodies and {filters} filters were compared");
    }

    private static async Task<bool> IsUnknownAsync(HttpResponseMessage answer, string field)
    {
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return problem.RootElement.GetProperty("errors").EnumerateArray().Any(e => e.GetProperty("field").GetString() == field);
    }

    /// <summary>What the answer names as known; null: it did not mind.</summary>
    private static async Task<List<string>?> KnownAsync(HttpResponseMessage answer)
    {
        if (answer.StatusCode != HttpStatusCode.BadRequest) return null;
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var unknown = problem.RootElement.GetProperty("errors").EnumerateArray().Where(e => e.GetProperty("field").GetString() == "zzz").Select(e => e.GetProperty("message").GetString()!).FirstOrDefault();
        if (unknown?.Contains("no parameters", StringComparison.Ordinal) == true) return [];
        return unknown is null ? null : [.. unknown[(unknown.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimEnd('.').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }
}
