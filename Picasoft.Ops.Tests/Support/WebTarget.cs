using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Picasoft.Ops.Tests.Support;

/// <summary>A real web server to be probed; the same port can be stopped and started again.</summary>
public sealed class WebTarget : IAsyncDisposable
{
    private WebApplication? _app;
    private int _hits;
    private long _lastHit;

    public int Port { get; private init; }

    public int Hits => _hits;

    /// <summary>When it was last asked (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    public long LastHit => Volatile.Read(ref _lastHit);

    public string Url(string path = "/") => $"{(Certificate is null ? "http" : "https")}://127.0.0.1:{Port}{path}";

    public X509Certificate2? Certificate { get; set; }

    public RequestDelegate Answer { get; set; } = context => context.Response.WriteAsync("OK");

    public static async Task<WebTarget> StartAsync(RequestDelegate? answer = null, X509Certificate2? certificate = null)
    {
        var target = new WebTarget { Certificate = certificate, Port = RealProgram.FreePort() }; // stopped, it must not become somebody else's
        if (answer is not null) target.Answer = answer;
        await target.StartAsync();
        return target;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (Certificate is not null) listen.UseHttps(Certificate);
        }));
        _app = builder.Build();
        _app.Run(context =>
        {
            Interlocked.Increment(ref _hits);
            Volatile.Write(ref _lastHit, Stopwatch.GetTimestamp());
            return Answer(context);
        });
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is null) return;
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
