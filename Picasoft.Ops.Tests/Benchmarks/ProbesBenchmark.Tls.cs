using Picasoft.Ops.Tests.Core.Probes;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>The same checks by HTTPS; nginx's log says which of them began with a handshake, and which handshakes took up an earlier session.</summary>
public sealed partial class ProbesBenchmark
{
    private static async Task TlsAsync(BenchContext context, int count)
    {
        var kept = await OursByTlsAsync(context, count, fresh: false);
        var anew = await OursByTlsAsync(context, count, fresh: true);
        context.Report($"TLS {count}@{Interval}s, ours, a handshake for every check to connections kept: CPU", anew.Cpu / kept.Cpu, "ratio");
        if (await PeerAsync(context, $"prometheus+blackbox, TLS {count}@{Interval}s", count, TlsTarget.Make()) is not { } peer) return;
        Compare(context, $"TLS {count}@{Interval}s, ours with connections kept to prometheus+blackbox", kept, peer);
        Compare(context, $"TLS {count}@{Interval}s, ours with a handshake for every check to prometheus+blackbox", anew, peer);
    }

    private static async Task<Figures> OursByTlsAsync(BenchContext context, int count, bool fresh)
    {
        using var folder = new TempFolder();
        var (tls, @case) = (TlsTarget.Make(), $"ours, TLS, {(fresh ? "a handshake for every check" : "connections kept")}, {count}@{Interval}s");
        await using var nginx = await Nginx.StartAsync(folder, tls.Lines(folder));
        await FillAsync(folder["data"], count, tls.Url, $$""", "verify_tls": false, "fresh_connection": {{(fresh ? "true" : "false")}}""");
        await using var host = await OpsHost.StartAsync(folder["data"]);
        var figures = await SteadyAsync(context, @case, count, host, nginx, folder["data"]);
        // Of each request: whether it took up a session, and whether it is the first of its connection.
        var first = File.ReadLines(folder["tls.log"]).Select(l => l.Split(' ')).Where(l => l is [_, "1"]).Select(l => l[0]).ToList();
        context.Report($"{@case} handshakes", first.Count, "in all", ("requests", nginx.AllHits), ("resumed", first.Count(r => r == "r")));
        return figures;
    }

    /// <summary>A second door of nginx, with TLS.</summary>
    private sealed record TlsTarget(int Port)
    {
        public string Url => $"https://127.0.0.1:{Port}";

        public static TlsTarget Make() => new(RealProgram.FreePort());

        public string Lines(TempFolder folder)
        {
            using var certificate = Certificates.For("127.0.0.1");
            File.WriteAllText(folder["tls.crt"], certificate.ExportCertificatePem());
            File.WriteAllText(folder["tls.key"], Certificates.KeyOf(certificate));
            return $$"""
                log_format tls '$ssl_session_reused $connection_requests';
                server {
                  listen 127.0.0.1:{{Port}} ssl backlog=4096; ssl_certificate {{folder["tls.crt"]}}; ssl_certificate_key {{folder["tls.key"]}}; ssl_session_cache shared:all:16m;
                  access_log {{folder["hits.log"]}} hits; access_log {{folder["tls.log"]}} tls; location / { return 200 OK; }
                }
                """;
        }
    }
}
