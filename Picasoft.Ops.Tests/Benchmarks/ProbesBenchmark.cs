using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>
/// Many HTTP probes every 10 s against a local nginx, one path each. The clock is the target's own access log: a check is late by the gap
/// since the path's previous hit, less the interval. The product runs as a process of its own; its CPU and memory include its PostgreSQL. Prometheus with its blackbox exporter runs the same when installed.
/// After a restart of ours every target must be asked within an interval. How many probes: <c>OPS_BENCH_PROBES=5000,10000</c>; each number takes five minutes.
/// Then some of them by HTTPS, once over connections that are kept, once with a handshake for every check: <c>OPS_BENCH_PROBES_TLS=1000</c>. 0 leaves either out.
/// </summary>
public sealed partial class ProbesBenchmark : IBenchmark
{
    private const int Interval = 10;
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan _measured = TimeSpan.FromSeconds(60);

    public string Name => "probes";

    public async Task RunAsync(BenchContext context)
    {
        if (Nginx.Find("nginx") is null)
        {
            Console.Error.WriteLine("probes: nginx is not installed (apt-get install nginx-light); nothing was measured.");
            return;
        }
        foreach (var count in Counts("OPS_BENCH_PROBES", 100, 1000, 5000, 10_000)) // the first is what an association has
        {
            var ours = await OursAsync(context, count);
            if (await PeerAsync(context, $"prometheus+blackbox {count}@{Interval}s", count) is { } peer) Compare(context, $"{count}@{Interval}s, ours to prometheus+blackbox", ours, peer);
        }
        foreach (var count in Counts("OPS_BENCH_PROBES_TLS", 1000)) await TlsAsync(context, count);
    }

    private static IEnumerable<int> Counts(string variable, params int[] usual) =>
        (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } said ? said.Split(',').Select(c => int.Parse(c, CultureInfo.InvariantCulture)) : usual).Where(c => c > 0);

    private static void Compare(BenchContext context, string what, Figures ours, Figures peer)
    {
        foreach (var (figure, mine, theirs) in new[] { ("late p99", ours.LateP99, peer.LateP99), ("CPU", ours.Cpu, peer.Cpu), ("memory", ours.MiB, peer.MiB) })
            context.Report($"{what}: {figure}", mine / theirs, "ratio");
    }

    private static async Task<Figures> OursAsync(BenchContext context, int count)
    {
        using var folder = new TempFolder();
        await using var nginx = await Nginx.StartAsync(folder);
        await FillAsync(folder["data"], count, $"http://127.0.0.1:{nginx.Port}");
        Figures figures;
        await using (var host = await OpsHost.StartAsync(folder["data"])) figures = await SteadyAsync(context, $"ours {count}@{Interval}s", count, host, nginx, folder["data"]);
        await RestartAsync(context, count, nginx, folder["data"]);
        return figures;
    }

    /// <summary>Before the product runs: it finds its probes in its store, as after any start.</summary>
    private static async Task FillAsync(string data, int count, string url, string more = "")
    {
        await using var postgres = await PrivatePostgres.StartAsync(data, TimeProvider.System, CancellationToken.None);
        await SchemaUpgrade.RunAsync(postgres.ConnectionString, CancellationToken.None);
        await using var node = ProbingNode.Create(postgres.ConnectionString);
        await node.AddAsync(Enumerable.Range(0, count).Select(i => new ProbeDefinition
        {
            Name = $"p{i}",
            Type = "http",
            Interval = TimeSpan.FromSeconds(Interval),
            Settings = string.Create(CultureInfo.InvariantCulture, $$$"""{"url": "{{{url}}}/{{{i}}}", "expect": {"text": "OK"}{{{more}}}}"""),
        }));
    }

    private static async Task<Figures> SteadyAsync(BenchContext context, string @case, int count, OpsHost host, Nginx nginx, string data)
    {
        var figures = await MeasureAsync(context, @case, count, nginx, () => [host.ProcessId, .. ProcessTree.Of(PostmasterOf(data))]);
        await using var store = NpgsqlDataSource.Create(await PrivatePostgres.ConnectionStringOfAsync(data, CancellationToken.None));
        context.Report($"{@case} failed checks", await AskAsync(store, "select count(*) from probe_results where not ok"), "checks");
        // Each request is a result, and each result a request; those of the last half second may be on their way.
        var (stored, asked) = (await AskAsync(store, "select count(*) from probe_results"), nginx.AllHits);
        context.Report($"{@case} stored results", stored, "rows", ("requests", asked));
        if (Math.Abs(stored - asked) > count) throw new InvalidOperationException($"{stored} results are stored and nginx was asked {asked} times; the figures would mean nothing.");
        return figures;
    }

    private static async Task<long> AskAsync(NpgsqlDataSource store, string sql)
    {
        await using var command = store.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task RestartAsync(BenchContext context, int count, Nginx nginx, string data)
    {
        nginx.Forget();
        await using var host = await OpsHost.StartAsync(data);
        var ready = (double)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000;
        await Task.Delay(TimeSpan.FromSeconds(Interval * 1.5));
        var first = nginx.Hits().Where(h => h.Path != "/").GroupBy(h => h.Path).Select(g => g.Min(h => h.At) - ready).ToList();
        context.Report($"ours {count}@{Interval}s after a restart: the last of them was probed, after it was ready", first.Max(), "s", ("probed", first.Count), ("of", count));
    }

    private static int PostmasterOf(string data) =>
        int.Parse(File.ReadLines(Directory.EnumerateFiles(data, "postmaster.pid", SearchOption.AllDirectories).Single()).First(), CultureInfo.InvariantCulture);

    /// <summary>Null where it is not installed.</summary>
    /// <param name="tls">Where it is asked by HTTPS; null: by HTTP.</param>
    private static async Task<Figures?> PeerAsync(BenchContext context, string @case, int count, NginxTls? tls = null)
    {
        if (Nginx.Find("prometheus") is not { } prometheus || Nginx.Find("prometheus-blackbox-exporter") is not { } blackbox)
        {
            Console.Error.WriteLine("probes: prometheus and prometheus-blackbox-exporter are not installed: the peer was not measured.");
            return null;
        }
        using var folder = new TempFolder();
        await using var nginx = await Nginx.StartAsync(folder, tls: tls);
        var (blackboxPort, prometheusPort) = (RealProgram.FreePort(), RealProgram.FreePort());
        await File.WriteAllTextAsync(folder["blackbox.yml"], "modules: {http: {prober: http, timeout: 5s, http: {fail_if_body_not_matches_regexp: [OK], preferred_ip_protocol: ip4, tls_config: {insecure_skip_verify: true}}}}\n");
        var url = tls is null ? $"http://127.0.0.1:{nginx.Port}" : $"https://127.0.0.1:{nginx.TlsPort}";
        var targets = string.Join("\n", Enumerable.Range(0, count).Select(i => $"      - {url}/{i}"));
        await File.WriteAllTextAsync(folder["prometheus.yml"], $"""
            global: {"{"}scrape_interval: {Interval}s, scrape_timeout: 5s{"}"}
            scrape_configs:
            - job_name: probes
              metrics_path: /probe
              params: {"{"}module: [http]{"}"}
              static_configs:
              - targets:
            {targets}
              relabel_configs:
              - {"{"}source_labels: [__address__], target_label: __param_target{"}"}
              - {"{"}source_labels: [__param_target], target_label: instance{"}"}
              - {"{"}target_label: __address__, replacement: "127.0.0.1:{blackboxPort}"{"}"}
            """);
        using var exporter = Quiet(blackbox, $"--config.file={folder["blackbox.yml"]}", $"--web.listen-address=127.0.0.1:{blackboxPort}");
        using var server = Quiet(prometheus, $"--config.file={folder["prometheus.yml"]}", $"--storage.tsdb.path={folder["tsdb"]}", $"--web.listen-address=127.0.0.1:{prometheusPort}");
        try
        {
            return await MeasureAsync(context, @case, count, nginx, () => [exporter.Id, server.Id]);
        }
        finally
        {
            exporter.Kill();
            server.Kill();
            await Task.WhenAll(exporter.WaitForExitAsync(), server.WaitForExitAsync());
        }
    }

    private static async Task<Figures> MeasureAsync(BenchContext context, string @case, int count, Nginx nginx, Func<IReadOnlyList<int>> processes)
    {
        await Task.Delay(_warmUp);
        nginx.Forget();
        var before = processes().ToDictionary(p => p, ProcessTree.CpuSeconds);
        await Task.Delay(_measured);
        var hits = nginx.Hits();
        if (hits.Count == 0 || nginx.HasEnded) throw new InvalidOperationException($"{@case}: nginx ended meanwhile, or nobody asked it anything; the figures would mean nothing.");
        var ids = processes();
        var cpu = ids.Sum(p => ProcessTree.CpuSeconds(p) - before.GetValueOrDefault(p));
        var gaps = hits.GroupBy(h => h.Path).SelectMany(g => g.Select(h => h.At).Order().ToList() is var at ? at.Skip(1).Zip(at, (b, a) => (b - a - Interval) * 1000) : []).Order().ToList();
        var seconds = hits.GroupBy(h => (long)h.At).OrderBy(g => g.Key).Skip(1).SkipLast(1).Select(g => g.Count()).ToList();
        context.Report($"{@case} on time", 100.0 * gaps.Count(g => g <= 1000) / Math.Max(1, count * (_measured.TotalSeconds / Interval - 1)), "%");
        foreach (var (name, share) in new[] { ("p50", 0.5), ("p99", 0.99), ("max", 1.0) })
            context.Report($"{@case} late {name}", gaps[(int)Math.Min(gaps.Count - 1, gaps.Count * share)], "ms");
        context.Report($"{@case} busiest second", seconds.Max() / ((double)count / Interval), "of the mean");
        context.Report($"{@case} CPU", cpu / hits.Count * 10_000, "s per 10,000 checks", ("checks", hits.Count));
        var memory = ids.Sum(ProcessTree.ResidentMiB);
        context.Report($"{@case} memory (PSS)", memory, "MiB");
        return new(gaps[(int)Math.Min(gaps.Count - 1, gaps.Count * 0.99)], cpu / hits.Count * 10_000, memory);
    }

    /// <param name="LateP99">Milliseconds.</param>
    /// <param name="Cpu">Seconds per 10,000 checks.</param>
    private sealed record Figures(double LateP99, double Cpu, double MiB);

    private static Process Quiet(string file, params string[] args)
    {
        var process = Process.Start(new ProcessStartInfo(file, args) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }
}

/// <summary>CPU and memory of processes, from /proc.</summary>
internal static class ProcessTree
{
    private const double TicksPerSecond = 100; // USER_HZ, fixed on Linux for all that read /proc

    public static IReadOnlyList<int> Of(int root) =>
        [root, .. Directory.EnumerateDirectories("/proc").Select(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var pid) ? pid : 0).Where(pid => pid > 0 && Stat(pid) is { } stat && stat[1] == root.ToString(CultureInfo.InvariantCulture))];

    public static double CpuSeconds(int pid) =>
        Stat(pid) is { } stat ? (double.Parse(stat[11], CultureInfo.InvariantCulture) + double.Parse(stat[12], CultureInfo.InvariantCulture)) / TicksPerSecond : 0;

    /// <summary>Memory of its own: what PostgreSQL's processes share is counted once each by RSS, so the proportional share is taken.</summary>
    public static double ResidentMiB(int pid)
    {
        try
        {
            var pss = File.ReadLines($"/proc/{pid}/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
            return double.Parse(pss.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException) { return 0; }
    }

    /// <summary>The fields after the name: state, parent, …</summary>
    private static string[]? Stat(int pid)
    {
        try { return File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' '); }
        catch (IOException) { return null; }
    }
}
