using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Core.Notifications;

/// <summary>A request as it arrived.</summary>
internal sealed record Seen(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;
}

/// <summary>A server that stands in for one that no package has: it keeps what it was sent, and answers as its documentation says.</summary>
internal sealed class HttpDouble : IAsyncDisposable
{
    private readonly WebTarget _target;

    private HttpDouble(WebTarget target) => _target = target;

    public int Port => _target.Port;

    public ConcurrentQueue<Seen> Seen { get; } = new();

    public static async Task<HttpDouble> StartAsync(Func<Seen, (int Status, string Body)> answer)
    {
        var made = new HttpDouble(await WebTarget.StartAsync());
        made._target.Answer = async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var seen = new Seen(context.Request.Method, context.Request.Path + context.Request.QueryString, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), await reader.ReadToEndAsync());
            made.Seen.Enqueue(seen);
            var (status, body) = answer(seen);
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(body);
        };
        return made;
    }

    public Task StopAsync() => _target.StopAsync();

    public ValueTask DisposeAsync() => _target.DisposeAsync();
}
