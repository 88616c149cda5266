using System.Diagnostics;
using System.Globalization;
using Picasoft.Ops.Tests.Core.Probes;

namespace Picasoft.Ops.Tests.Support;

/// <summary>A local nginx that answers OK and a word of its own to everything, and logs when it was asked.</summary>
public sealed class Nginx : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _log;
    private long _from;

    private Nginx(Process process, string log, int port, int tlsPort) => (_process, _log, Port, TlsPort) = (process, log, port, tlsPort);

    public int Port { get; }

    /// <summary>Where it answers by TLS; 0 if nobody wanted that.</summary>
    public int TlsPort { get; }

    public bool HasEnded => _process.HasExited;

    public static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':').Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);

    /// <summary>
    /// On a free port. Between finding one and taking it somebody else may have taken it, and then somebody else's nginx would be asked and would answer:
    /// whose answer it is shows by the word, and another port is tried.
    /// </summary>
    /// <param name="more">Further lines of its configuration.</param>
    /// <param name="tls">It has a second door, with TLS.</param>
    public static async Task<Nginx> StartAsync(TempFolder folder, string more = "", NginxTls? tls = null)
    {
        for (var attempt = 1; ; attempt++)
            if (await TryStartAsync(folder, RealProgram.FreePort(), more, tls) is { } nginx) return nginx;
            else if (attempt == 5) throw new InvalidOperationException("nginx did not start: " + await File.ReadAllTextAsync(folder["error.log"]));
    }

    /// <summary>Null when it could not have that port.</summary>
    private static async Task<Nginx?> TryStartAsync(TempFolder folder, int port, string more, NginxTls? tls)
    {
        var word = Guid.NewGuid().ToString("N");
        var tlsPort = tls is null ? 0 : RealProgram.FreePort();
        await File.WriteAllTextAsync(folder["nginx.conf"], $$"""
            daemon off; worker_processes 1; pid {{folder["nginx.pid"]}}; error_log stderr;
            events { worker_connections 16384; }
            http {
              log_format hits '$msec $uri'; access_log {{folder["hits.log"]}} hits;
              {{more}}
              client_body_temp_path {{folder["body"]}}; proxy_temp_path {{folder["proxy"]}}; fastcgi_temp_path {{folder["fastcgi"]}}; uwsgi_temp_path {{folder["uwsgi"]}}; scgi_temp_path {{folder["scgi"]}};
              server { listen 127.0.0.1:{{port}} backlog=4096; location / { return 200 "OK {{word}}"; } }
              {{tls?.Lines(folder, tlsPort)}}
            }
            """);
        var process = Process.Start(new ProcessStartInfo(Find("nginx")!, ["-c", folder["nginx.conf"], "-p", folder.Path, "-e", folder["error.log"]]))!;
        using var client = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            try { return process.HasExited || await client.GetStringAsync($"http://127.0.0.1:{port}/") == $"OK {word}"; }
            catch (HttpRequestException) { return false; }
        }, "nginx answers, or has given up");
        if (!process.HasExited) return new(process, folder["hits.log"], port, tlsPort);
        process.Dispose();
        return null;
    }

    /// <summary>Stops it as an administrator, or the kernel, would.</summary>
    /// <param name="signal"><c>QUIT</c>: when all is answered; <c>TERM</c>: now; <c>KILL</c>.</param>
    public async Task StopAsync(string signal)
    {
        if (signal == "KILL") _process.Kill(entireProcessTree: true);
        else using (var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    /// <summary>What came until now does not count.</summary>
    public void Forget() => _from = new FileInfo(_log).Length;

    /// <summary>How often it was asked for more than its root, ever.</summary>
    public int AllHits => File.ReadLines(_log).Count(l => !l.EndsWith(" /", StringComparison.Ordinal));

    public IReadOnlyList<(string Path, double At)> Hits()
    {
        using var stream = File.OpenRead(_log);
        stream.Position = _from;
        using var reader = new StreamReader(stream);
        var hits = new List<(string, double)>();
        while (reader.ReadLine() is { } line)
            if (line.Split(' ') is [var at, var path] && double.TryParse(at, CultureInfo.InvariantCulture, out var when)) hits.Add((path, when));
        return hits;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await StopAsync("KILL");
        _process.Dispose();
    }
}

/// <summary>A door of nginx with TLS, which keeps sessions for those who want to take one up.</summary>
/// <param name="Name">Whom its certificate names.</param>
/// <param name="Log">What it writes of each request into <c>tls.log</c>, as nginx's variables.</param>
public sealed record NginxTls(string Name, string Log)
{
    internal string Lines(TempFolder folder, int port)
    {
        using var certificate = Certificates.For(Name);
        File.WriteAllText(folder["tls.crt"], certificate.ExportCertificatePem());
        File.WriteAllText(folder["tls.key"], Certificates.KeyOf(certificate));
        return $$"""
            log_format tls '{{Log}}';
            server {
              listen 127.0.0.1:{{port}} ssl backlog=4096; ssl_certificate {{folder["tls.crt"]}}; ssl_certificate_key {{folder["tls.key"]}}; ssl_session_cache shared:all:16m;
              access_log {{folder["hits.log"]}} hits; access_log {{folder["tls.log"]}} tls; location / { return 200 OK; }
            }
            """;
    }
}
