using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace Picasoft.Ops.Web.Demo;

/// <summary>How a demo site behaves.</summary>
public enum DemoHealth
{
    Well,
    /// <summary>Answers 503.</summary>
    Failing,
    /// <summary>Answers after three seconds.</summary>
    Slow,
    /// <summary>Nothing listens: connections are refused.</summary>
    Dead,
}

/// <summary>A real web server on a loopback port that can be made to fail. The port stays the same when it comes back.</summary>
internal sealed class DemoSite(string name) : IAsyncDisposable
{
    private WebApplication? _server;
    private DemoHealth _health = DemoHealth.Dead;

    public string Name => name;

    public int Port { get; private set; }

    public Uri Url => new($"http://127.0.0.1:{Port}/health");

    public async Task BecomeAsync(DemoHealth health, CancellationToken cancel)
    {
        _health = health;
        if (health == DemoHealth.Dead) await StopAsync();
        else if (_server is null) await StartAsync(cancel);
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    private async Task StartAsync(CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, Port));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        try
        {
            await _server.StartAsync(cancel);
            Port = new Uri(_server.Urls.First()).Port;
        }
        catch (IOException) when (Port != 0) // a connection of somebody else has its port just now: the next second tries again
        {
            await _server.DisposeAsync();
            _server = null;
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (_health == DemoHealth.Slow) await Task.Delay(TimeSpan.FromSeconds(3), http.RequestAborted);
        http.Response.StatusCode = _health == DemoHealth.Failing ? 503 : 200;
        http.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = null;
        await http.Response.WriteAsJsonAsync(new { status = _health == DemoHealth.Failing ? "DEGRADED" : "OK", service = name });
    }

    private async Task StopAsync()
    {
        if (_server is null) return;
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _server.StopAsync(soon.Token);
        await _server.DisposeAsync();
        _server = null;
    }
}
