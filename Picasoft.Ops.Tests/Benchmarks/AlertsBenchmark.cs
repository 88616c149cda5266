using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>
/// Alerts handed in through Alertmanager's API, ours (durable: a 200 is a commit) and Debian's Alertmanager (in memory) in turn, under the same generator in this process
/// on the same cores. 10,000 label sets, sent again and again; then what it costs to list them.
/// </summary>
public sealed class AlertsBenchmark : IBenchmark
{
    private const int Sets = 10_000;
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _measured = TimeSpan.FromSeconds(5);
    private static readonly string _token = new('t', 40);

    public string Name => "alerts";

    public async Task RunAsync(BenchContext context)
    {
        using var folder = new TempFolder();
        await using (var host = await OpsHost.StartAsync(folder["data"], environment: new Dictionary<string, string> { ["OPS_BOOTSTRAP_TOKEN"] = _token, ["OPS_BOOTSTRAP_ADMIN"] = $"{Cast.CamilleMail}:{Cast.Password}" }))
        {
            IReadOnlyList<int> Processes() => [host.ProcessId, .. ProcessTree.Of(Postmaster(folder["data"]))];
            await MeasureAsync(context, "ours", host.Address, Processes, () => PlannedAsync(folder["data"]));
            await StormAsync(context, host.Address, folder["data"]);
        }
        if (Nginx.Find("prometheus-alertmanager") is null)
        {
            Console.Error.WriteLine("alerts: prometheus-alertmanager is not installed: the peer was not measured.");
            return;
        }
        await using var peer = await RealProgram.AlertmanagerAsync(folder);
        await MeasureAsync(context, "alertmanager", peer.Address, () => [peer.ProcessId], () => Task.CompletedTask);
    }

    private static async Task MeasureAsync(BenchContext context, string who, Uri address, Func<IReadOnlyList<int>> processes, Func<Task> planned)
    {
        context.Report($"{who} memory, empty", processes().Sum(ProcessTree.ResidentMiB), "MiB");
        await SendAllAsync(address, Bodies(100, 0, Sets), 4); // what is measured is alerts that are sent again, as Prometheus does
        await planned();
        foreach (var (batch, connections) in new[] { (1, 2), (1, 64), (100, 2), (100, 8), (1000, 2) }) await PostAsync(context, who, address, batch, connections, processes);
        await ListAsync(context, who, address, "10k active");
        context.Report($"{who} memory, 10k active", processes().Sum(ProcessTree.ResidentMiB), "MiB");
        await SilencesAsync(address, 1000);
        await ListAsync(context, who, address, "10k active, 1,000 silences");
        await SendAllAsync(address, Bodies(100, Sets, 100_000), 4);
        context.Report($"{who} memory, 100k active", processes().Sum(ProcessTree.ResidentMiB), "MiB");
        await planned();
        await Task.Delay(TimeSpan.FromSeconds(75)); // what a flood took and nobody needs any more is given back within about a minute
        context.Report($"{who} memory, 100k active, calm again", processes().Sum(ProcessTree.ResidentMiB), "MiB");
    }

    private static async Task PostAsync(BenchContext context, string who, Uri address, int batch, int connections, Func<IReadOnlyList<int>> processes)
    {
        var bodies = Bodies(batch, 0, Sets);
        await LoadAsync(address, bodies, connections, _warmUp);
        var before = processes().Sum(ProcessTree.CpuSeconds);
        var watch = Stopwatch.StartNew();
        var took = await LoadAsync(address, bodies, connections, _measured);
        var seconds = watch.Elapsed.TotalSeconds;
        var cpu = processes().Sum(ProcessTree.CpuSeconds) - before;
        took.Sort();
        double alerts = (double)took.Count * batch;
        var name = $"{who} batch {batch}, {connections} connections";
        context.Report(name, alerts / seconds, "alerts/s");
        context.Report($"{name} p99", took[(int)(took.Count * 0.99)], "ms", ("p50", Math.Round(took[took.Count / 2], 3)));
        context.Report($"{name} CPU", cpu / alerts * 100_000, "s per 100,000");
    }

    private static async Task ListAsync(BenchContext context, string who, Uri address, string @case)
    {
        foreach (var (what, path) in new[] { ("list", "/api/v2/alerts"), ("groups", "/api/v2/alerts/groups"), ("filtered to one", "/api/v2/alerts?filter=instance%3D%22host-77.example.org%3A9100%22") })
        {
            var times = new List<double>();
            using var client = new HttpClient();
            client.DefaultRequestHeaders.Authorization = new("Bearer", _token);
            for (var i = 0; i < 12; i++)
            {
                var watch = Stopwatch.StartNew();
                using var answer = await client.GetAsync(new Uri(address, path), HttpCompletionOption.ResponseHeadersRead);
                answer.EnsureSuccessStatusCode();
                await (await answer.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null);
                if (i >= 2) times.Add(watch.Elapsed.TotalMilliseconds);
            }
            context.ReportMedian($"{who} {what}, {@case}", times, "ms");
        }
    }

    private static async Task SilencesAsync(Uri address, int count)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", _token);
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < count; i++)
        {
            // One in ten matches an alert.
            using var body = new StringContent(string.Create(CultureInfo.InvariantCulture, $$"""{"matchers": [{"name": "instance", "value": "{{(i % 10 == 0 ? "host" : "none")}}-{{i}}.example.org:9100", "isRegex": false}], "startsAt": "{{now:O}}", "endsAt": "{{now.AddHours(1):O}}", "createdBy": "bench", "comment": "bench"}"""), Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri(address, "/api/v2/silences"), body);
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <summary>50,000 new alerts of 50 services at once: how long until each is in its incident, and what a reader waits meanwhile.</summary>
    private static async Task StormAsync(BenchContext context, Uri address, string data)
    {
        await PlannedAsync(data);
        using var reader = new HttpClient(new SocketsHttpHandler { CookieContainer = new() }) { BaseAddress = address };
        using var signedIn = await RunningApp.SignInAsync(reader, Cast.CamilleMail, Cast.Password);
        using var calm = new CancellationTokenSource();
        var reading = ReadAsync(reader, calm.Token);
        var watch = Stopwatch.StartNew();
        await SendAllAsync(address, Bodies(100, 200_000, 250_000), 4);
        context.Report("ours storm of 50,000 new alerts, stored", watch.Elapsed.TotalSeconds, "s");
        await PlannedAsync(data);
        context.Report("ours storm of 50,000 new alerts, in their incidents", watch.Elapsed.TotalSeconds, "s");
        await calm.CancelAsync();
        var took = await reading;
        context.ReportMedian("ours inbox page (first HTML) during the storm", took, "ms");
        context.Report("ours open incidents after the storm", JsonNode.Parse(await reader.GetStringAsync("/api/v1/incidents?state=open&limit=500"))!["items"]!.AsArray().Count, "incidents");
    }

    private static async Task<List<double>> ReadAsync(HttpClient reader, CancellationToken calm)
    {
        var took = new List<double>();
        while (!calm.IsCancellationRequested)
        {
            var watch = Stopwatch.StartNew();
            var page = await reader.GetStringAsync("/", CancellationToken.None);
            if (!page.Contains("data-search", StringComparison.Ordinal)) throw new InvalidOperationException("That is not the inbox.");
            took.Add(watch.Elapsed.TotalMilliseconds);
            await Task.Delay(100, CancellationToken.None);
        }
        return took;
    }

    /// <summary>Until the incidents have looked at every alert.</summary>
    private static async Task PlannedAsync(string data)
    {
        await using var source = NpgsqlDataSource.Create(await PrivatePostgres.ConnectionStringOfAsync(data, default));
        await using var pending = source.CreateCommand("select count(*) from alerts where pending");
        await Eventually.TrueAsync(async () => (long)(await pending.ExecuteScalarAsync())! == 0, "every alert is in its incident", 600);
    }

    private static async Task SendAllAsync(Uri address, List<byte[]> bodies, int connections)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var line = new Line(address);
            while (Interlocked.Increment(ref next) is var i && i < bodies.Count) await line.PostAsync(bodies[i]);
        })));
    }

    /// <returns>Milliseconds of each request.</returns>
    private static async Task<List<double>> LoadAsync(Uri address, List<byte[]> bodies, int connections, TimeSpan span)
    {
        var next = -1;
        var until = Stopwatch.GetTimestamp() + (long)(span.TotalSeconds * Stopwatch.Frequency);
        var all = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var line = new Line(address);
            var took = new List<double>();
            while (Stopwatch.GetTimestamp() is var start && start < until)
            {
                await line.PostAsync(bodies[(int)((uint)Interlocked.Increment(ref next) % (uint)bodies.Count)]);
                took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            return took;
        })));
        return [.. all.SelectMany(t => t)];
    }

    /// <summary>Whole requests, ready to be sent; some 440 bytes for an alert.</summary>
    private static List<byte[]> Bodies(int batch, int from, int to)
    {
        var bodies = new List<byte[]>();
        for (var first = from; first < to; first += batch)
        {
            var json = "[" + string.Join(',', Enumerable.Range(first, Math.Min(batch, to - first)).Select(Alert)) + "]";
            bodies.Add(Encoding.UTF8.GetBytes($"POST /api/v2/alerts HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {_token}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}"));
        }
        return bodies;
    }

    private static string Alert(int i) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"labels":{"alertname":"InstanceDown","instance":"host-{{{i}}}.example.org:9100","job":"node","service":"service-{{{i % 50}}}","severity":"critical","team":"tech","zone":"toulouse"},"annotations":{"summary":"host-{{{i}}} does not answer","description":"The exporter on host-{{{i}}} has not answered for five minutes; look at the machine and at its network."},"startsAt":"2026-11-22T10:00:00Z","endsAt":"2030-01-01T00:{{{i % 60:00}}}:00Z","generatorURL":"http://prometheus.example.org/graph?g0.expr=up+%3D%3D+0"}
        """);

    private static int Postmaster(string data) =>
        int.Parse(File.ReadLines(Directory.EnumerateFiles(data, "postmaster.pid", SearchOption.AllDirectories).Single()).First(), CultureInfo.InvariantCulture);

    /// <summary>A kept-alive connection that costs next to nothing, for the generator shares the cores.</summary>
    private sealed class Line : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly byte[] _answer = new byte[8192];

        public Line(Uri address) => _socket.Connect(IPAddress.Loopback, address.Port);

        public async Task PostAsync(byte[] request)
        {
            for (var sent = 0; sent < request.Length;) sent += await _socket.SendAsync(request.AsMemory(sent));
            for (var length = 0; ;)
            {
                var read = await _socket.ReceiveAsync(_answer.AsMemory(length));
                length += read;
                var head = _answer.AsSpan(0, length);
                if (read > 0 && head.IndexOf("\r\n\r\n"u8) < 0) continue;
                if (!head.StartsWith("HTTP/1.1 200"u8)) throw new InvalidOperationException(Encoding.UTF8.GetString(head));
                return;
            }
        }

        public void Dispose() => _socket.Dispose();
    }
}
