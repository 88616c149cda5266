using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>From an alert that is handed in through Alertmanager's API to its incident in our API, and to its mail at the mail server: one alert of a new service at a time.</summary>
public sealed class PagingBenchmark : IBenchmark
{
    private const int WarmUps = 20, Rounds = 300;
    private static readonly TimeSpan _rehearsal = TimeSpan.FromSeconds(5);
    private static readonly string _token = new('t', 40);

    public string Name => "paging";

    public async Task RunAsync(BenchContext context)
    {
        using var folder = new TempFolder();
        var arrived = new ConcurrentDictionary<string, long>();
        await using var smtp = new ScriptedSmtp { OnMessage = mail => arrived.TryAdd(ServiceOf(mail.Subject ?? ""), Stopwatch.GetTimestamp()) };
        var environment = new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = _token };
        await File.WriteAllTextAsync(folder["ops.yaml"], string.Create(CultureInfo.InvariantCulture,
            $"version: 1\nchannels:\n  - {{name: mail, type: email, fold_storms: false, from: ops@example.org, to: [tech@example.org], smtp: {{host: 127.0.0.1, port: {smtp.Port}, tls: none}}}}\n"));
        await using (await OpsHost.StartAsync(folder["data"], environment: environment))
        {
            var applied = await OpsHost.VerbAsync("apply", folder["ops.yaml"], "--data", folder["data"]);
            if (applied.Exit != 0) throw new InvalidOperationException(applied.Error);
        }
        // As on every day but the first: it starts with a channel to rehearse.
        await using var host = await OpsHost.StartAsync(folder["data"], environment: environment);
        await Task.Delay(_rehearsal);
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", _token);

        List<double> visible = [], mailed = [];
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            var service = string.Create(CultureInfo.InvariantCulture, $"paged-{round:000}");
            var sent = Stopwatch.GetTimestamp();
            using var body = new StringContent($$$"""[{"labels": {"alertname": "Down", "service": "{{{service}}}", "severity": "critical"}, "annotations": {"summary": "{{{service}}} is down"}}]""", Encoding.UTF8, "application/json");
            using var answer = await host.Client.PostAsync("/api/v2/alerts", body);
            answer.EnsureSuccessStatusCode();
            await Eventually.TrueAsync(async () => JsonNode.Parse(await host.Client.GetStringAsync($"/api/v1/incidents?service={service}"))!["items"]!.AsArray().Count == 1, $"the incident of {service}");
            var seen = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
            await Eventually.TrueAsync(() => Task.FromResult(arrived.ContainsKey(service)), $"the mail about {service}");
            var told = Stopwatch.GetElapsedTime(sent, arrived[service]).TotalMilliseconds;
            if (round == 0) context.Report("the first alert after a start: POST to message at the mail server", told, "ms");
            if (round < WarmUps) continue;
            visible.Add(seen);
            mailed.Add(told);
        }
        Report(context, "POST to incident visible (asked every 20 ms)", visible);
        Report(context, "POST to message at the mail server, group_wait 0s", mailed);
    }

    private static void Report(BenchContext context, string @case, List<double> times)
    {
        context.ReportMedian(@case, times, "ms");
        context.Report($"{@case}, p99", times.Order().ElementAt((int)(times.Count * 0.99)), "ms");
    }

    private static string ServiceOf(string subject) => subject.IndexOf("paged-", StringComparison.Ordinal) is >= 0 and var at && at + 9 <= subject.Length ? subject.Substring(at, 9) : subject;
}
