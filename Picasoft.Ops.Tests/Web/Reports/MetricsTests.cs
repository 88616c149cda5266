using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Web.Reports;

public sealed partial class MetricsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task What_is_open_waits_or_is_late_is_there_for_Prometheus()
    {
        await using var app = await RunningApp.StartAsync(postgres);
        using var program = app.Program(await app.AddTokenAsync(Scopes.Read | Scopes.Respond | Scopes.Admin));
        await MakeAsync("channels", new { name = "dead", type = "email", from = "ops@example.org", to = new[] { "tech@example.org" }, smtp = new { host = "127.0.0.1", port = RealProgram.FreePort(), tls = "none" } });
        await MakeAsync("incidents", new { title = "Chat is slow", severity = "high" });
        await MakeAsync("silences", new { matchers = new[] { "a=b" }, duration = "1h", comment = "x" });
        await MakeAsync("probes", new { name = "closed", type = "tcp", interval = "1s", failures = 1, severity = "critical", tcp = new { host = "127.0.0.1", port = RealProgram.FreePort() } });
        await MakeAsync("heartbeats", new { name = "nightly", period = "1d" });

        string[] expected =
        [
            "ops_incidents{state=\"open\",severity=\"high\"} 1", "ops_incidents{state=\"open\",severity=\"low\"} 0", "ops_silences_active 1",
            "ops_probes{status=\"down\"} 1", "ops_heartbeats{status=\"new\"} 1", "ops_deliveries_failed{channel=\"dead\"} 0",
        ];
        var text = "";
        await Eventually.TrueAsync(async () =>
        {
            text = await program.GetStringAsync("/metrics");
            return Regex.IsMatch(text, "(?m)^ops_deliveries_waiting\\{channel=\"dead\"\\} [1-9]") && Array.TrueForAll(expected, e => text.Contains(e + "\n", StringComparison.Ordinal));
        }, () => "missing: " + string.Join(", ", expected.Where(e => !text.Contains(e + "\n", StringComparison.Ordinal))));

        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(Line(), line));
        Assert.Contains("\nprocess_cpu_seconds_total ", text); // and those of the process
        var names = Name().Matches(text).Select(m => m.Value).ToList();
        Assert.Distinct(names); // each once, whoever says it

        async Task MakeAsync(string path, object body)
        {
            using var made = await program.PostAsJsonAsync($"/api/v1/{path}", body);
            Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        }
    }

    [GeneratedRegex("""^(# (HELP|TYPE) \S+ .+|[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*\})? (NaN|[+-]?Inf|[-+0-9.eE]+))$""", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex Line();

    [GeneratedRegex(@"(?<=^# TYPE )\S+", RegexOptions.Multiline, 1000)]
    private static partial Regex Name();
}
