using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Probes.Kinds;

/// <summary>What to ask.</summary>
public enum HttpVerb
{
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

/// <summary>What to ask of a web server, and what its answer should be.</summary>
public sealed record HttpSettings : IChecked
{
    public HttpVerb Method { get; init; }

    [Setting(Required = true, MaxLength = 2048, Example = "https://team.example.org/ping")]
    public string Url { get; init; } = "";

    /// <summary>Sent with the request; the values are never shown.</summary>
    [Setting(MaxLength = 8192)]
    public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>(StringComparer.Ordinal);

    [Setting(MaxLength = 65536, Multiline = true)]
    public string? Body { get; init; }

    public HttpExpectation Expect { get; init; } = new();

    public bool FollowRedirects { get; init; } = true;

    [Setting(Min = "1", Max = "20")]
    public int MaxRedirects { get; init; } = 5;

    /// <summary>False: any certificate will do.</summary>
    public bool VerifyTls { get; init; } = true;

    public IpVersion IpVersion { get; init; }

    /// <summary>
    /// A new connection for every check. Plain HTTP always makes one, which is cheap and sees what a new visitor sees;
    /// HTTPS keeps its connection for up to two minutes unless this is true, because a TLS handshake costs ten times the rest of the check.
    /// </summary>
    public bool FreshConnection { get; init; }

    /// <summary>Keep an idle connection open, and check at once when the target ends it. Null: when the interval is at most <see cref="WatchRunner.Tight"/>.</summary>
    public bool? Watch { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (HttpProbe.Parse(Url) is not { } url) yield return new("url", Phrase.Of("input.not_url", Url));
        else if (url.UserInfo.Length > 0) yield return new("url", Phrase.Of("probe.input.url_user"));
        foreach (var (name, value) in Headers)
        {
            if (!HttpProbe.IsHeaderName(name)) yield return new(InputReader.Join("headers", name), Phrase.Of("probe.input.header_name"));
            if (value.Reveal().AsSpan().ContainsAnyInRange('\0', '\x1F')) yield return new(InputReader.Join("headers", name), Phrase.Of("probe.input.header_value"));
        }
    }
}

/// <summary>What the answer should be; what is not said does not matter.</summary>
public sealed record HttpExpectation : IChecked
{
    /// <summary>Accepted status codes; none: 200 to 299.</summary>
    [Setting(Min = "100", Max = "599", MaxLength = 50)]
    public IReadOnlyList<int> Status { get; init; } = [];

    /// <summary>Text that the answer contains.</summary>
    [Setting(MaxLength = 1024)]
    public string? Text { get; init; }

    /// <summary>A regular expression that something in the answer matches; no look-around, no back-references.</summary>
    [Setting(MaxLength = 1024)]
    public string? Regex { get; init; }

    /// <summary>Values in a JSON answer by their path: <c>status: OK</c>, <c>nodes[0].role: leader</c>.</summary>
    [Setting(MaxLength = 1024)]
    public IReadOnlyDictionary<string, string> Json { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Longest the whole answer may take.</summary>
    [Setting(Min = "1ms", Max = "5m", Example = "2s")]
    public TimeSpan? Latency { get; init; }

    public IEnumerable<FieldError> Check()
    {
        if (Regex is { Length: > 0 } && BadRegex(Regex) is { } why) yield return new("regex", Phrase.Of("input.bad_regex", Regex, why));
        foreach (var path in Json.Keys.Where(p => JsonPath.Split(p) is null)) yield return new(InputReader.Join("json", path), Phrase.Of("probe.input.json_path"));
    }

    private static Phrase? BadRegex(string pattern)
    {
        try { Matcher.Linear(pattern); return null; }
        catch (ArgumentException e) { return PatternFault.Of(e, isAsWritten: true); }
    }
}

/// <summary>A web server answers, and answers what is expected.</summary>
public sealed class HttpProbe(TimeProvider time) : Probe<HttpSettings>, IDisposable
{
    /// <summary>As much of an answer is looked at, in bytes.</summary>
    public const int MaxBody = 1024 * 1024;

    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(2);
    private static readonly SearchValues<char> _headerName = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private readonly ConcurrentDictionary<(bool Verify, bool Fresh, IpVersion Ip), HttpMessageInvoker> _invokers = new();

    public override string Kind => "http";

    public override ProbeGroup Group => ProbeGroup.Web;

    protected override string Target(HttpSettings settings) => Parse(settings.Url) is { } url ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.SafeUnescaped) : "";

    protected override WatchedEndpoint? Watched(HttpSettings settings, TimeSpan interval) =>
        WatchRunner.Wanted(settings.Watch, interval) && Parse(settings.Url) is { } url ? new(url.IdnHost, url.Port, settings.IpVersion) : null;

    protected override async ValueTask<Observation> CheckAsync(HttpSettings settings, ProbeContext context, CancellationToken cancel)
    {
        if (Parse(settings.Url) is not { } url) return Observation.Down("probe.bad_url");
        var begun = time.GetTimestamp();
        try
        {
            using var response = await SendAsync(settings, url, cancel);
            var body = await ReadAsync(response, cancel);
            var observation = HttpVerdict.Of(settings.Expect, (int)response.StatusCode, body);
            return observation.IsUp && settings.Expect.Latency is { } allowed && time.GetElapsedTime(begun) is var took && took > allowed
                ? Observation.Down("probe.slow", took, allowed)
                : observation;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new(false, ProbeReasons.Of(e, url.IdnHost, url.Port));
        }
    }

    /// <summary>Asks, and follows redirects. Headers may hold passwords: they go to no other server than the one they were written for.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpSettings settings, Uri url, CancellationToken cancel)
    {
        var method = new HttpMethod(settings.Method.ToString().ToUpperInvariant());
        var (target, body) = (url, settings.Body);
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(method, target);
            if (!string.IsNullOrEmpty(body)) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            var ownServer = target.Scheme == url.Scheme && target.Authority == url.Authority;
            foreach (var (name, value) in settings.Headers)
                if (ownServer && !request.Headers.TryAddWithoutValidation(name, value.Reveal()))
                    request.Content?.Headers.TryAddWithoutValidation(name, value.Reveal());
            if (request.Headers.UserAgent.Count == 0) request.Headers.TryAddWithoutValidation("User-Agent", "Picasoft.Ops");

            var response = await InvokerFor(settings, target).SendAsync(request, cancel);
            if (!settings.FollowRedirects || (int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location) return response;
            response.Dispose();
            if (redirects == settings.MaxRedirects) throw new ProbeFailure(Phrase.Of("probe.too_many_redirects", settings.MaxRedirects));
            target = new Uri(target, location);
            if (target.Scheme != Uri.UriSchemeHttp && target.Scheme != Uri.UriSchemeHttps) throw new ProbeFailure(Phrase.Of("probe.bad_redirect", ProbeReasons.Shown(target.Scheme)));
            if ((int)response.StatusCode == 303 || ((int)response.StatusCode is 301 or 302 && method == HttpMethod.Post))
                (method, body) = (method == HttpMethod.Head ? method : HttpMethod.Get, null);
        }
    }

    internal static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var buffer = new byte[(int)Math.Clamp(response.Content.Headers.ContentLength + 1 ?? 4096, 256, MaxBody)];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length == MaxBody) break;
                Array.Resize(ref buffer, Math.Min(MaxBody, length * 2));
            }
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancel);
            if (read == 0) break;
            length += read;
        }
        return buffer.AsMemory(0, length);
    }

    private HttpMessageInvoker InvokerFor(HttpSettings settings, Uri url) =>
        _invokers.GetOrAdd((settings.VerifyTls, settings.FreshConnection || url.Scheme == Uri.UriSchemeHttp, settings.IpVersion), how => Make(how, time));

    internal static HttpMessageInvoker Make((bool Verify, bool Fresh, IpVersion Ip) how, TimeProvider time) => new(new SocketsHttpHandler
    {
        UseProxy = false, // we look at the target, not at what a proxy says about it
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = how.Fresh ? TimeSpan.Zero : _connectionLifetime,
        ConnectTimeout = TimeSpan.FromSeconds(30), // a connection that nobody waits for any more
        MaxResponseHeadersLength = 64,
        ConnectCallback = async (context, cancel) =>
            new NetworkStream(await TcpProbe.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, how.Ip, cancel), ownsSocket: true),
        SslOptions = CertificateJudge.Options(null, (sender, certificate, chain, errors) =>
            errors == SslPolicyErrors.None || !how.Verify || (certificate is X509Certificate2 shown ? throw new ProbeFailure(TlsReasons.Of(shown, chain, errors, (sender as SslStream)?.TargetHostName ?? "", time.GetUtcNow())) : false)),
    });

    internal static Uri? Parse(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Host.Length > 0 ? uri : null;

    internal static bool IsHeaderName(string name) => name.Length is > 0 and <= 100 && !name.AsSpan().ContainsAnyExcept(_headerName);

    public void Dispose()
    {
        foreach (var invoker in _invokers.Values) invoker.Dispose();
    }
}
