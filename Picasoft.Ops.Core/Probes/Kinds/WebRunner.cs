using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Net.Sockets;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>What a server answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">Its first mebibyte.</param>
internal sealed record WebAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    public string Text => Encoding.UTF8.GetString(Body.Span);
}

/// <summary>Asks the HTTP interface of a program (Prometheus, Patroni, Docker…), for the kinds that judge its answer themselves.</summary>
internal sealed class WebRunner(TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(bool Verify, string? Socket), HttpMessageInvoker> _invokers = new();

    /// <param name="headers">Sent with it; their values are secrets.</param>
    /// <param name="verify">False: any certificate will do.</param>
    /// <param name="socket">Path of a Unix socket to ask instead of the host in the address.</param>
    public async Task<WebAnswer> GetAsync(Uri url, IReadOnlyDictionary<string, Secret>? headers, bool verify, CancellationToken cancel, string? socket = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("User-Agent", "Picasoft.Ops");
        foreach (var (name, value) in headers ?? ReadOnlyDictionary<string, Secret>.Empty) request.Headers.TryAddWithoutValidation(name, value.Reveal());
        using var response = await _invokers.GetOrAdd((verify, socket), Make).SendAsync(request, cancel);
        return new((int)response.StatusCode, await HttpProbe.ReadAsync(response, cancel));
    }

    private HttpMessageInvoker Make((bool Verify, string? Socket) how)
    {
        if (how.Socket is not { } path) return HttpProbe.Make((how.Verify, Fresh: false, IpVersion.Any), time);
        return new(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (_, cancel) =>
            {
                var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try { await unix.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel); }
                catch { unix.Dispose(); throw; }
                return new NetworkStream(unix, ownsSocket: true);
            },
        });
    }

    public void Dispose()
    {
        foreach (var invoker in _invokers.Values) invoker.Dispose();
    }
}
