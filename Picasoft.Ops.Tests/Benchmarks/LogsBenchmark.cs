using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using Npgsql;
using Picasoft.Ops.Core.Logs.Matching;
using Picasoft.Ops.Core.Logs.Syslog;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>Generated logs with 50 and 300 rules: straight into the matcher, through TCP and UDP with all that follows, and beside grep, ripgrep and fail2ban in the same run.</summary>
public sealed class LogsBenchmark : IBenchmark
{
    private const int Lines = 2_000_000;
    private const int Fail2BanLines = 60_000;

    public string Name => "logs";

    public async Task RunAsync(BenchContext context)
    {
        using var folder = new TempFolder();
        var path = folder["lines.log"];
        var errors = 0;
        await using (var file = new StreamWriter(path))
            foreach (var line in new LogGenerator().Lines().Take(Lines))
            {
                if (line.Error is not null) errors++;
                await file.WriteLineAsync(line.Text);
            }
        var bytes = await File.ReadAllBytesAsync(path);
        context.Report("lines", Lines, "lines", ("megabytes", bytes.Length / 1_000_000), ("trueErrors", errors));

        foreach (var rules in new[] { 50, 300 }) Matcher(context, bytes, rules, errors);
        foreach (var rules in new[] { 50, 300 }) await BesideAsync(context, folder, path, rules);
        foreach (var rules in new[] { 50, 300 }) await ThroughAsync(context, bytes, rules, errors);
    }

    private static void Matcher(BenchContext context, byte[] bytes, int rules, int errors)
    {
        var matcher = new LogMatcher([.. LogGenerator.Rules(rules).Select((r, i) => new CompiledRule(i, r))]);
        var costs = new List<double>();
        var found = 0;
        for (var run = 0; run < 4; run++)
        {
            var (scratch, hits) = (new LogScratch(), new List<LogHit>());
            found = 0;
            var before = Cpu();
            foreach (var range in bytes.AsSpan().Split((byte)'\n'))
            {
                matcher.Match(SyslogLine.Parse(bytes.AsSpan()[range], default, default), scratch, hits);
                found += hits.Count;
            }
            if (run > 0) costs.Add((Cpu() - before).TotalSeconds * 1_000_000 / Lines); // the first run compiles
        }
        context.ReportMedian($"matcher, parsing included, {rules} rules", costs, "CPU-s per million lines");
        context.Report($"matcher, {rules} rules: found of the true errors", (double)found / errors, "share");
    }

    private static async Task BesideAsync(BenchContext context, TempFolder folder, string path, int rules)
    {
        await File.WriteAllLinesAsync(folder["rules"], LogGenerator.Rules(rules).Select(r => r.Match.Replace("(?i)", "", StringComparison.Ordinal).Replace(@"(?:", "(", StringComparison.Ordinal).Replace("(?<op>", "(", StringComparison.Ordinal).Replace("(?<reason>", "(", StringComparison.Ordinal).Replace(@"\d", "[0-9]", StringComparison.Ordinal).Replace(@"\S", "[^ ]", StringComparison.Ordinal).Replace(@"\w", "[a-z_]", StringComparison.Ordinal)));
        await OneAsync($"grep -E -f, C locale, {rules} rules", "/usr/bin/grep", ["-c", "-E", "-f", folder["rules"], path], Lines);
        await OneAsync($"rg -f, 1 thread, {rules} rules", "/usr/bin/rg", ["-c", "-j1", "-f", folder["rules"], path], Lines);
        if (rules != 50) return;
        await File.WriteAllTextAsync(folder["filter.conf"], "[Definition]\nfailregex = " + string.Join("\n            ", LogGenerator.Rules(rules).Select(r => "^.* <HOST> .*" + r.Match.Replace("(?i)", "", StringComparison.Ordinal).Replace("(?<", "(?P<", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal))) + "\n");
        await File.WriteAllLinesAsync(folder["few.log"], File.ReadLines(path).Take(Fail2BanLines));
        await OneAsync($"fail2ban-regex, {rules} rules", "/usr/bin/fail2ban-regex", [folder["few.log"], folder["filter.conf"]], Fail2BanLines);

        async Task OneAsync(string name, string program, string[] arguments, int lines)
        {
            if (!File.Exists(program)) { context.Report(name, 0, "not installed"); return; }
            // What children cost is told by the kernel, whatever else the machine does meanwhile.
            using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", "TIMEFORMAT='%U %S'; time \"$0\" \"$@\"", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["LC_ALL"] = "C" } })!;
            var said = process.StandardOutput.ReadToEndAsync();
            var times = (await process.StandardError.ReadToEndAsync()).Trim().Split('\n')[^1].Split(' ').Select(t => double.Parse(t, System.Globalization.CultureInfo.InvariantCulture)).Sum();
            await process.WaitForExitAsync();
            context.Report(name, times * 1_000_000 / lines, "CPU-s per million lines", ("found", (await said).Trim() is { Length: < 20 } count ? count : "see its own words"));
        }
    }

    /// <summary>The product as a process of its own, so that its memory and CPU are its own; what was heard is read from the store.</summary>
    private static async Task ThroughAsync(BenchContext context, byte[] bytes, int rules, int errors)
    {
        using var folder = new TempFolder();
        await using var postgres = new PostgresFixture();
        await postgres.InitializeAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        var (tcp, udp, token) = (RealProgram.FreePort(), RealProgram.FreePort(), new string('t', 40));
        await using var product = await OpsHost.StartAsync(folder["data"], database, environment: new Dictionary<string, string> { ["OPS_SECRET_KEY"] = new('k', 40), ["OPS_BOOTSTRAP_TOKEN"] = token, ["OPS_SYSLOG"] = $"tcp://127.0.0.1:{tcp},udp://127.0.0.1:{udp}" });
        product.Client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        foreach (var rule in LogGenerator.Rules(rules))
            (await product.Client.PostAsJsonAsync("/api/v1/log-rules", new { name = rule.Name, match = rule.Match })).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(async () =>
        {
            try { using var client = new TcpClient(); await client.ConnectAsync("127.0.0.1", tcp); return true; }
            catch (SocketException) { return false; }
        }, "syslog is heard");
        await Task.Delay(TimeSpan.FromSeconds(1)); // the last rule is read
        var (peak, measuring) = (0.0, true);
        var watcher = Task.Run(async () =>
        {
            while (Volatile.Read(ref measuring)) { peak = Math.Max(peak, ProcessTree.ResidentMiB(product.ProcessId)); await Task.Delay(200); }
        });
        await TcpAsync();
        await UdpAsync("");
        if (rules == 50)
        {
            using var load = new BusyMachine(processes: 6);
            await UdpAsync($" while {load.Processes} other processes want the {Environment.ProcessorCount} cores");
        }
        measuring = false;
        await watcher;
        context.Report($"the product's memory throughout, {rules} rules", peak * 1.048576, "MB");

        async Task TcpAsync()
        {
            var (before, watch) = (ProcessTree.CpuSeconds(product.ProcessId), Stopwatch.StartNew());
            using (var client = new TcpClient("127.0.0.1", tcp))
            {
                await using var stream = client.GetStream();
                await stream.WriteAsync(bytes);
            }
            await Eventually.TrueAsync(async () => await HeardAsync() >= Lines, "all lines are counted in the store", 300);
            watch.Stop();
            context.Report($"TCP to store, {rules} rules", Lines / watch.Elapsed.TotalSeconds, "lines per second");
            context.Report($"TCP to store, {rules} rules, the product", (ProcessTree.CpuSeconds(product.ProcessId) - before) * 1_000_000 / Lines, "CPU-s per million lines");
            context.Report($"TCP to store, {rules} rules: counted of the true errors", (double)await AskAsync("select sum(lines)::bigint from log_rule_hours") / errors, "share");
        }

        async Task UdpAsync(string beside)
        {
            const int perSecond = 100_000, seconds = 10;
            var (start, before) = (await HeardAsync(), ProcessTree.CpuSeconds(product.ProcessId));
            using var sender = new DatagramSender(udp, 240);
            var (sent, rest, watch) = (0, bytes.AsMemory(), Stopwatch.StartNew());
            while (sent < perSecond * seconds)
            {
                for (var due = Math.Min(perSecond * seconds, (int)(watch.Elapsed.TotalSeconds * perSecond)); sent < due; sent++)
                {
                    var end = rest.Span.IndexOf((byte)'\n');
                    sender.Add(rest.Span[..end]);
                    rest = rest[(end + 1)..];
                }
                sender.Flush();
                await Task.Delay(1);
            }
            var took = watch.Elapsed.TotalSeconds;
            var (last, same) = (0L, 0);
            await Eventually.TrueAsync(async () =>
            {
                await Task.Delay(100);
                var heard = await HeardAsync() - start;
                same = heard == last ? same + 1 : 0;
                last = heard;
                return heard >= sent || same > 20;
            }, "what was heard is stored", 120);
            context.Report($"UDP at {sent / took:F0}/s, {rules} rules{beside}: lost", sent - last, "datagrams", ("sent", sent));
            context.Report($"UDP, {rules} rules{beside}, the product", (ProcessTree.CpuSeconds(product.ProcessId) - before) * 1_000_000 / sent, "CPU-s per million lines");
        }

        Task<long> HeardAsync() => AskAsync("select coalesce(sum(lines), 0)::bigint from log_hours");

        async Task<long> AskAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private static TimeSpan Cpu() => Process.GetCurrentProcess().TotalProcessorTime;
}
