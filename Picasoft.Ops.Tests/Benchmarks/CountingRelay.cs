using System.Net;
using System.Net.Sockets;

namespace Picasoft.Ops.Tests.Benchmarks;

/// <summary>Passes connections on to a server and counts what comes back.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _server;
    private long _bytes;

    private CountingRelay(Uri server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    /// <summary>Bytes from the server so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public static CountingRelay Start(Uri server) => new(server);

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { } // the relay was closed
    }

    private async Task PassAsync(TcpClient browser)
    {
        using var here = browser;
        using var there = new TcpClient();
        try
        {
            await there.ConnectAsync(_server.Host, _server.Port);
            await Task.WhenAny(here.GetStream().CopyToAsync(there.GetStream()), BackAsync(there.GetStream(), here.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException) { } // one side went away
    }

    private async Task BackAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[65536];
        int read;
        while ((read = await from.ReadAsync(buffer)) > 0)
        {
            Interlocked.Add(ref _bytes, read);
            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
