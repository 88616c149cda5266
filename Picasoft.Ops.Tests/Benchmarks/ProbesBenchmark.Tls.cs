using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>The same checks by HTTPS; nginx's log says which of them began with a handshake, and which handshakes took up an earlier session.</summary>
public sealed partial class ProbesBenchmark
{
    /// <summary>Of each request: whether its handshake took up a session, and which of its connection it is.</summary>
    private static readonly NginxTls _tls = new("127.0.0.1", "$ssl_session_reused $connection_requests");

    private static async Task TlsAsync(BenchContext context, int count)
    {
        var kept = await OursByTlsAsync(context, count, fresh: false);
        var anew = await OursByTlsAsync(context, count, fresh: true);
        context.Report($"TLS {count}@{Interval}s, ours, a handshake for every check to connections kept: CPU", anew.Cpu / kept.Cpu, "ratio");
        if (await PeerAsync(context, $"prometheus+blackbox, TLS {count}@{Interval}s", count, _tls) is not { } peer) return;
        Compare(context, $"TLS {count}@{Interval}s, ours with connections kept to prometheus+blackbox", kept, peer);
        Compare(context, $"TLS {count}@{Interval}s, ours with a handshake for every check to prometheus+blackbox", anew, peer);
    }

    private static async Task<Figures> OursByTlsAsync(BenchContext context, int count, bool fresh)
    {
        using var folder = new TempFolder();
        var @case = $"ours, TLS, {(fresh ? "a handshake for every check" : "connections kept")}, {count}@{Interval}s";
        await using var nginx = await Nginx.StartAsync(folder, tls: _tls);
        await FillAsync(folder["data"], count, $"https://127.0.0.1:{nginx.TlsPort}", $$""", "verify_tls": false, "fresh_connection": {{(fresh ? "true" : "false")}}""");
        await using var host = await OpsHost.StartAsync(folder["data"]);
        var figures = await SteadyAsync(context, @case, count, host, nginx, folder["data"]);
        var first = File.ReadLines(folder["tls.log"]).Select(l => l.Split(' ')).Where(l => l is [_, "1"]).Select(l => l[0]).ToList();
        context.Report($"{@case} handshakes", first.Count, "in all", ("requests", nginx.AllHits), ("resumed", first.Count(r => r == "r")));
        return figures;
    }
}
