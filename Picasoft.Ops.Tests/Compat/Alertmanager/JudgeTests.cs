using System.Net.Http.Json;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Compat.Alertmanager;

/// <summary>The real Alertmanager (Debian's 0.25) judges ours: thousands of requests at random go to both, and every answer is compared.</summary>
public sealed class JudgeTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Token = "a-token-for-tests-with-all-scopes-0123456789";

    // Each is a row of docs/alertmanager.md, which says why.
    private static readonly Difference[] _known =
    [
        new("It crashes", e => e.Theirs == 0 && e.Ours is 400 or 422),
        new("Names of labels may be any text", e => e.Theirs == 400 && (e.TheirText.Contains("invalid name \\\"", StringComparison.Ordinal) || e.TheirText.Contains("invalid label name", StringComparison.Ordinal) || e.TheirText.Contains("bad matcher format", StringComparison.Ordinal)) && e.Ours == 200),
        new("An unknown silence is 404", e => e.Method == "DELETE" && e.Theirs == 500 && e.Ours == 404),
    ];

    private readonly TempFolder _folder = new();
    private RealProgram _theirs = null!;
    private OpsHost _ours = null!;
    private Judge _judge = null!;

    public async ValueTask InitializeAsync()
    {
        _theirs = await RealProgram.AlertmanagerAsync(_folder);
        _ours = await OpsHost.StartAsync(_folder["data"], await postgres.CreateDatabaseAsync(), environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = Token });
        _judge = new(_theirs.Address, _ours.Address, Token);
        // What has no service is grouped otherwise here, a row of the page; with the same words said it is not.
        using var route = new HttpRequestMessage(HttpMethod.Post, "/api/v1/routes") { Content = JsonContent.Create(new { groupBy = new[] { "service" } }) };
        route.Headers.Authorization = new("Bearer", Token);
        using var made = await _ours.Client.SendAsync(route);
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _judge.Dispose();
        await _ours.DisposeAsync();
        await _theirs.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void Every_known_difference_is_explained()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/alertmanager.md"));
        Assert.All(_known.Select(d => d.Row).Concat(["A new firing after an end", "An update of a silence that is refused"]), row => Assert.Contains("| " + row, page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_answer_is_Alertmanagers(int seed)
    {
        var requests = new Requests(seed);
        var wrong = new List<string>();
        for (var i = 0; i < 800 && wrong.Count < 5; i++)
        {
            var exchange = await AskAsync(requests);
            if (_judge.Compare(exchange, _known) is { } difference) wrong.Add($"request {i}: {difference}");
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} differences\n{string.Join("\n\n", wrong)}\n{_ours.Output}");

        // Alertmanager puts alerts into groups a little later.
        foreach (var query in Enumerable.Range(0, 25).Select(_ => requests.Query()).Prepend("").Distinct(StringComparer.Ordinal))
        {
            string? apart = null;
            await Eventually.TrueAsync(async () => (apart = _judge.Compare(await _judge.AskAsync("GET", "/api/v2/alerts/groups" + query), _known)) is null, () => $"the groups agree: {apart}");
        }
    }

    private async Task<Exchange> AskAsync(Requests requests)
    {
        var silence = _judge.Silences.Count == 0 ? (int?)null : requests.Next(_judge.Silences.Count);
        var exchange = await AskAsync(requests, silence);
        if (silence is { } number && exchange.Path == "/api/v2/silences" && exchange.TheirText.Contains("silence invalid", StringComparison.Ordinal) && exchange.BodyText.Contains("{0}", StringComparison.Ordinal)) await _judge.EndOursAsync(number);
        return exchange;
    }

    private Task<Exchange> AskAsync(Requests requests, int? silence)
    {
        return requests.Next(20) switch
        {
            < 6 => _judge.AskAsync("POST", "/api/v2/alerts", requests.Alerts()),
            < 9 => _judge.AskAsync("POST", "/api/v2/alerts", requests.Broken(), type: requests.Next(20) == 0 ? "text/plain" : "application/json"),
            < 13 => _judge.AskAsync("GET", "/api/v2/alerts" + requests.Query()),
            < 15 => _judge.AskAsync("POST", "/api/v2/silences", requests.Silence(silence is not null && requests.Next(2) == 0), silence),
            15 when silence is not null => _judge.AskAsync("DELETE", requests.Next(8) == 0 ? "/api/v2/silence/00000000-0000-0000-0000-000000000002" : "/api/v2/silence/{0}", null, silence),
            16 when silence is not null => _judge.AskAsync("GET", requests.Next(8) == 0 ? "/api/v2/silence/none" : "/api/v2/silence/{0}", null, silence),
            17 => _judge.AskAsync("GET", "/api/v2/receivers"),
            _ => _judge.AskAsync("GET", "/api/v2/silences" + requests.SilenceQuery()),
        };
    }
}
