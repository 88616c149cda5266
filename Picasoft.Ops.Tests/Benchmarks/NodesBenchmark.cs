using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>
/// Two nodes of the real product on one database; one is killed (-9) while it sends a message, checks half of the probes and is a member of the scheduler's cluster.
/// Seconds until the other has taken over each of these, and until it has taken over everything.
/// </summary>
public sealed class NodesBenchmark : IBenchmark
{
    private const int Rounds = 3;
    private const int Probes = 200;

    public string Name => "nodes";

    public async Task RunAsync(BenchContext context)
    {
        List<double> message = [], probes = [], scheduler = [], all = [];
        for (var round = 0; round < Rounds; round++)
        {
            var (m, p, s) = await RoundAsync();
            message.Add(m);
            probes.Add(p);
            scheduler.Add(s);
            all.Add(Math.Max(m, Math.Max(p, s)));
        }
        context.ReportMedian("the message that the dead node was sending", message, "s");
        context.ReportMedian($"the last of {Probes} probes is checked again (each every 5 s)", probes, "s");
        context.ReportMedian("the scheduler's cluster has counted the dead node out", scheduler, "s");
        context.ReportMedian("everything", all, "s");
    }

    private static async Task<(double Message, double Probes, double Scheduler)> RoundAsync()
    {
        using var folder = new TempFolder();
        await using var postgres = new PostgresFixture();
        await postgres.InitializeAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await using var target = await WebTarget.StartAsync();
        var arrived = new ConcurrentQueue<long>();
        var hangs = true;
        await using var smtp = new ScriptedSmtp { Answer = (verb, _) => verb == "MAIL" && Volatile.Read(ref hangs) ? "" : null, OnMessage = _ => arrived.Enqueue(Stopwatch.GetTimestamp()) };
        var environment = new Dictionary<string, string> { ["OPS_SECRET_KEY"] = new('k', 40), ["OPS_BOOTSTRAP_TOKEN"] = new('t', 40) };

        await using var dying = await OpsHost.StartAsync(folder["alice"], database, environment: new Dictionary<string, string>(environment) { ["OPS_NODE"] = "alice" });
        await File.WriteAllTextAsync(folder["ops.yaml"], Yaml(smtp.Port, target.Url()));
        var applied = await OpsHost.VerbAsync(new Dictionary<string, string>(environment) { ["ConnectionStrings__Ops"] = database }, "apply", folder["ops.yaml"], "--data", folder["apply"]);
        if (applied.Exit != 0) throw new InvalidOperationException(applied.Output + applied.Error);
        await AlertAsync(dying);
        await Eventually.TrueAsync(async () => await AskAsync(source, "select count(*) from deliveries where state = 'Sending'") == 1 && smtp.Connections > 0, "the first node is sending");
        await using var living = await OpsHost.StartAsync(folder["bob"], database, environment: new Dictionary<string, string>(environment) { ["OPS_NODE"] = "bob" });
        await Eventually.TrueAsync(async () => await AskAsync(source, "select count(*) from qrtz_scheduler_state") == 2, "both are in the scheduler's cluster");
        Volatile.Write(ref hangs, false);

        await dying.KillAsync();
        var (at, clock) = (Stopwatch.GetTimestamp(), TimeProvider.System.GetUtcNow());
        var scheduler = SecondsAsync(at, async () => await AskAsync(source, "select count(*) from qrtz_scheduler_state") == 1, "the scheduler counted it out");
        var probes = SecondsAsync(at, async () => await AskAsync(source, $"select count(distinct probe_id) from probe_results where at > '{clock.UtcDateTime:O}'") == Probes, "every probe is checked again");
        var message = SecondsAsync(at, () => Task.FromResult(!arrived.IsEmpty), "the message arrived");
        await Task.WhenAll(scheduler, probes, message);
        if (arrived.Count != 1) throw new InvalidOperationException($"One message was to be sent, and {arrived.Count} came.");
        return (await message, await probes, await scheduler);
    }

    private static async Task<double> SecondsAsync(long since, Func<Task<bool>> isTrue, string what)
    {
        await Eventually.TrueAsync(isTrue, what, 120);
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private static async Task AlertAsync(OpsHost host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/alerts") { Content = new StringContent("""[{"labels": {"alertname": "Nodes", "severity": "critical", "service": "nodes"}}]""", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", new string('t', 40));
        using var answer = await host.Client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<long> AskAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static string Yaml(int port, string target)
    {
        var yaml = new StringBuilder("version: 1\nservices:\n  - {name: nodes}\nprobes:\n");
        for (var i = 0; i < Probes; i++) yaml.Append(CultureInfo.InvariantCulture, $"  - {{name: p{i:000}, type: http, interval: 5s, http: {{url: \"{target}\"}}}}\n");
        return yaml.Append(CultureInfo.InvariantCulture, $"channels:\n  - {{name: mail, type: email, fold_storms: false, from: ops@example.org, to: [tech@example.org], smtp: {{host: 127.0.0.1, port: {port}, tls: none, timeout: 40s}}}}\n").ToString();
    }
}
