using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Channels;

/// <summary>What the channels that speak HTTP share: one client, and what an answer means to the reader and to the next try.</summary>
internal static class HttpSending
{
    /// <summary>Of an answer so much is read and no more.</summary>
    private const int MaxAnswer = 64 * 1024;

    // Who keeps coming with a wrong key is locked out.
    private static readonly TimeSpan _afterWrongKey = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(20);

    // No redirects: a message with a key in its header goes where it was addressed.
    internal static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        AllowAutoRedirect = false,
        UseCookies = false,
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Sends, and judges the answer by its status. <paramref name="accepted"/>: what a 2xx answer gives to remember, or why it is none after all.</summary>
    /// <param name="secrets">Never to be seen in what is told of a failure.</param>
    public static async Task<SendOutcome> SendAsync(HttpRequestMessage request, CancellationToken cancel, Func<string, SendOutcome>? accepted = null, params Secret?[] secrets)
    {
        var host = request.RequestUri!.Authority;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_timeout);
        try
        {
            using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var text = await TextAsync(response, limit.Token);
            var said = Shown(text, secrets);
            var status = (int)response.StatusCode;
            return response.StatusCode switch
            {
                >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => accepted?.Invoke(text) ?? new(true, Phrase.Of("http.accepted", host, status)),
                HttpStatusCode.TooManyRequests => new(false, Phrase.Of("http.too_many", host), NotBefore: RetryAfter(response.Headers.RetryAfter)),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(false, Phrase.Of("http.wrong_key", host, status, said), NotBefore: _afterWrongKey),
                HttpStatusCode.RequestTimeout or (HttpStatusCode)425 or >= HttpStatusCode.InternalServerError => new(false, Phrase.Of("http.failed", host, status, said), NotBefore: RetryAfter(response.Headers.RetryAfter)),
                _ => new(false, Phrase.Of("http.refused", host, status, said), Permanent: true),
            };
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { throw; }
        catch (OperationCanceledException) { return new(false, Phrase.Of("http.timeout", host, _timeout)); }
        catch (HttpRequestException e)
        {
            return new(false, e switch
            {
                { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => Phrase.Of("http.connection_refused", host),
                { HttpRequestError: HttpRequestError.NameResolutionError } => Phrase.Of("http.unknown_host", host),
                { HttpRequestError: HttpRequestError.SecureConnectionError } => Phrase.Of("http.tls_failed", host, Shown(e.InnerException?.Message ?? e.Message, secrets)),
                _ => Phrase.Of("http.unreachable", host, Shown(e.Message, secrets)),
            });
        }
        catch (IOException e) { return new(false, Phrase.Of("http.unreachable", host, Shown(e.Message, secrets))); }
    }

    public static HttpRequestMessage Json(HttpMethod method, string url, object body, Secret? bearer = null)
    {
        var request = new HttpRequestMessage(method, url) { Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") };
        if (bearer is { IsEmpty: false }) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer.Reveal());
        return request;
    }

    /// <summary>A text of a JSON answer; null when it is not there, or no JSON.</summary>
    public static string? TextIn(string json, params string[] path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var at = document.RootElement;
            foreach (var name in path)
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return null;
            return at.ValueKind switch { JsonValueKind.String => at.GetString(), JsonValueKind.Number => at.GetRawText(), _ => null };
        }
        catch (JsonException) { return null; }
    }

    /// <summary>Whether a text is an address that a channel may call.</summary>
    public static bool IsUrl(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && !text!.Any(char.IsControl);

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header?.Delta is { } delta && delta < TimeSpan.FromHours(1) ? delta : null;

    private static async Task<string> TextAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var buffer = new byte[MaxAnswer];
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    /// <summary>One bearable line without our secrets: some servers say the key back.</summary>
    private static string Shown(string text, Secret?[] secrets)
    {
        foreach (var secret in secrets)
            if (secret is { IsEmpty: false }) text = text.Replace(secret.Reveal(), Secret.Mask, StringComparison.Ordinal);
        return EmailChannel.OneLine(text, 300);
    }
}
