using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>
/// Seconds from a port that refuses to the mail about it in a mail server: the real product as its own process, real web servers, a mail server in this process.
/// Each service dies at its own share of its probe's interval, evenly from the first to the last: so the figures say what is to be expected, not what chance gave.
/// At the defaults (30 s, two failures, second look after 2 s) and at the tightest settings (1 s, one failure), with the watched connection that these have by themselves and without.
/// </summary>
public sealed class OutageBenchmark : IBenchmark
{
    private const int Services = 24;

    /// <summary>With tight settings an outage is over before the next: what is measured is one, not a storm.</summary>
    private static readonly TimeSpan _apart = TimeSpan.FromSeconds(1);
    private static readonly string _token = new('t', 40);

    public string Name => "outage";

    public async Task RunAsync(BenchContext context)
    {
        await ReportAsync(context, "tightest: every 1 s, 1 failure", ", interval: 1s, failures: 1", TimeSpan.FromSeconds(1));
        await ReportAsync(context, "tightest, not watched", ", interval: 1s, failures: 1", TimeSpan.FromSeconds(1), ", watch: false");
        await ReportAsync(context, "default: every 30 s, 2 failures", "", TimeSpan.FromSeconds(30));
    }

    private static async Task ReportAsync(BenchContext context, string @case, string settings, TimeSpan interval, string watch = "")
    {
        var (outages, sends) = await RunAsync(settings, interval, watch);
        context.ReportMedian(@case, outages, "s");
        context.ReportMedian($"{@case}; of which from the decision to tell to the mail server's answer", sends, "s");
    }

    private static async Task<(IReadOnlyList<double> Outages, IReadOnlyList<double> Sends)> RunAsync(string settings, TimeSpan interval, string watch)
    {
        using var folder = new TempFolder();
        var arrived = new ConcurrentDictionary<int, long>();
        await using var smtp = new ScriptedSmtp { OnMessage = mail => Arrived(arrived, mail.Subject ?? "") };
        var targets = new List<WebTarget>();
        for (var i = 0; i < Services; i++) targets.Add(await WebTarget.StartAsync());
        try
        {
            await using var host = await OpsHost.StartAsync(folder["data"], environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = _token });
            await File.WriteAllTextAsync(folder["ops.yaml"], Yaml(settings, watch, smtp.Port, targets));
            var applied = await OpsHost.VerbAsync("apply", folder["ops.yaml"], "--data", folder["data"]);
            if (applied.Exit != 0) throw new InvalidOperationException(applied.Error);
            await Eventually.TrueAsync(() => Task.FromResult(targets.TrueForAll(t => t.Hits > 0)), "every service was checked", interval.TotalSeconds + 60);

            var shares = Enumerable.Range(0, Services).Select(i => (i + 0.5) / Services).ToArray();
            Random.Shared.Shuffle(shares);
            var gap = interval > _apart ? TimeSpan.Zero : _apart;
            var died = await Task.WhenAll(targets.Select((t, i) => DieAsync(t, interval, shares[i], i * gap)));
            await Eventually.TrueAsync(() => Task.FromResult(arrived.Count == Services), "every mail is there", interval.TotalSeconds + 60);
            return ([.. died.Select((at, i) => Stopwatch.GetElapsedTime(at, arrived[i]).TotalSeconds)], await SendsAsync(host));
        }
        finally
        {
            foreach (var target in targets) await target.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<double>> SendsAsync(OpsHost host)
    {
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", _token);
        IReadOnlyList<JsonNode?> sent = [];
        await Eventually.TrueAsync(async () => (sent = [.. JsonNode.Parse(await host.Client.GetStringAsync("/api/v1/deliveries?state=sent"))!["items"]!.AsArray()]).Count >= Services, "every delivery is recorded");
        return [.. sent.Select(d => ((DateTimeOffset)d!["sentAt"]! - (DateTimeOffset)d["createdAt"]!).TotalSeconds)];
    }

    /// <param name="share">Of the interval since its last check.</param>
    /// <param name="after">Not before this has passed.</param>
    /// <returns>When the port began to refuse.</returns>
    private static async Task<long> DieAsync(WebTarget target, TimeSpan interval, double share, TimeSpan after)
    {
        await Task.Delay(after);
        var since = Stopwatch.GetElapsedTime(target.LastHit);
        var wait = interval * share - TimeSpan.FromTicks(since.Ticks % interval.Ticks);
        await Task.Delay(wait < TimeSpan.Zero ? wait + interval : wait);
        await target.StopAsync();
        return Stopwatch.GetTimestamp();
    }

    private static void Arrived(ConcurrentDictionary<int, long> arrived, string subject)
    {
        for (var i = 0; i < Services; i++)
            if (subject.Contains($"Service-{i:00}", StringComparison.Ordinal)) arrived.TryAdd(i, Stopwatch.GetTimestamp());
    }

    private static string Yaml(string settings, string watch, int port, List<WebTarget> targets)
    {
        var yaml = new StringBuilder("version: 1\nservices:\n");
        for (var i = 0; i < Services; i++) yaml.Append(CultureInfo.InvariantCulture, $"  - {{name: s{i:00}, title: Service-{i:00}}}\n");
        yaml.Append("probes:\n");
        for (var i = 0; i < Services; i++) yaml.Append(CultureInfo.InvariantCulture, $"  - {{name: p{i:00}, service: s{i:00}, type: http{settings}, http: {{url: \"{targets[i].Url()}\"{watch}}}}}\n");
        return yaml.Append(CultureInfo.InvariantCulture, $"channels:\n  - {{name: mail, type: email, fold_storms: false, from: ops@example.org, to: [tech@example.org], smtp: {{host: 127.0.0.1, port: {port}, tls: none}}}}\n").ToString();
    }
}
