using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>What a server answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">Its first mebibyte.</param>
/// <param name="Later">When it wants to be asked again (<c>Retry-After</c>, RFC 9110 §10.2.3); null: it does not say.</param>
internal sealed record WebAnswer(int Status, ReadOnlyMemory<byte> Body, RetryConditionHeaderValue? Later)
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
    /// <param name="follow">Redirects followed at most; without headers, which are for the first server alone.</param>
    public async Task<WebAnswer> GetAsync(Uri url, IReadOnlyDictionary<string, Secret>? headers, bool verify, CancellationToken cancel, string? socket = null, int follow = 0)
    {
        for (var (target, redirects) = (url, 0); ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            request.Headers.TryAddWithoutValidation("User-Agent", "Picasoft.Ops");
            if (redirects == 0) foreach (var (name, value) in headers ?? ReadOnlyDictionary<string, Secret>.Empty) request.Headers.TryAddWithoutValidation(name, value.Reveal());
            using var response = await _invokers.GetOrAdd((verify, socket), Make).SendAsync(request, cancel);
            if (redirects >= follow || (int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location) return new((int)response.StatusCode, await HttpProbe.ReadAsync(response, cancel), response.Headers.RetryAfter);
            target = new Uri(target, location);
            if (target.Scheme is not ("http" or "https")) throw new ProbeFailure(Phrase.Of("probe.bad_redirect", ProbeReasons.Shown(target.Scheme)));
        }
    }

    /// <summary>Sends any request; the caller reads and disposes the answer.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool verify, CancellationToken cancel) => _invokers.GetOrAdd((verify, null), Make).SendAsync(request, cancel);

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
