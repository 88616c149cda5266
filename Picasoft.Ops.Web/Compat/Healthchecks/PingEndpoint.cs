using System.Globalization;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Web.Compat.Healthchecks;

/// <summary>
/// Healthchecks' pinging API: <c>/ping/UUID</c> and <c>/ping/KEY/slug</c> with <c>/start /fail /log /{exit status}</c>, any verb, with a body, <c>rid</c> and <c>create=1</c>.
/// Open to whoever knows the UUID; the key is a token with the scope <c>ingest</c>. The answer is sent after the commit.
/// </summary>
internal static class PingEndpoint
{
    public static void MapHealthchecks(this IEndpointRouteBuilder app) => app.Map("/ping/{**address}", PingAsync).AllowAnonymous().WithTags("heartbeats").ExcludeFromDescription();

    private static async Task PingAsync(HttpContext http, string? address, PingIntake intake, TokenQueries tokens, PingLimit limit, WrongTokenLimit strangers, CancellationToken cancel)
    {
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.CacheControl = "no-store";
        var (to, wrong) = PingAddress.Parse(address ?? "");
        if (to is null)
        {
            await SayAsync(http, wrong == PingAddress.BadUrl ? 400 : 404, wrong!, cancel);
            return;
        }
        Guid? rid = null;
        if (http.Request.Query["rid"].ToString() is { Length: > 0 } run)
        {
            if (!Guid.TryParse(run, out var id))
            {
                await SayAsync(http, 400, "invalid uuid format", cancel);
                return;
            }
            rid = id;
        }
        if (limit.Note(to.Token is { } known ? Heartbeat.HashOf(known) : to.Slug!) is { } wait)
        {
            await WaitAsync(http, wait, cancel);
            return;
        }
        var sent = new PingSent(to.Kind, to.Exit, rid, MethodOf(http), http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null, http.Connection.RemoteIpAddress?.ToString(), await BodyAsync(http.Request, cancel));
        var fate = to.Token is { } token ? await intake.TakeAsync(token, sent, cancel) : await BySlugAsync(http, to, sent, intake, tokens, cancel);
        switch (fate)
        {
            case PingFate.Unknown when strangers.Note(http.Connection.RemoteIpAddress) is { } pause: await WaitAsync(http, pause, cancel); break;
            case PingFate.Unknown: await SayAsync(http, 404, PingAddress.NotFound, cancel); break;
            case PingFate.Full: await SayAsync(http, 403, "too many heartbeats", cancel); break;
            default:
                http.Response.Headers["Ping-Body-Limit"] = PingIntake.MaxBody.ToString(CultureInfo.InvariantCulture);
                await SayAsync(http, fate == PingFate.Created ? 201 : 200, fate == PingFate.Created ? "Created" : "OK", cancel);
                break;
        }
    }

    private static async Task<PingFate> BySlugAsync(HttpContext http, PingAddress to, PingSent sent, PingIntake intake, TokenQueries tokens, CancellationToken cancel)
    {
        if (await tokens.FindAsync(to.Key!, cancel) is not { } token || !token.Scopes.HasFlag(Scopes.Ingest)) return PingFate.Unknown;
        var actor = new Actor(ActorKind.Token, token.Id, token.Name, http.Connection.RemoteIpAddress?.ToString());
        return await intake.TakeAsync(to.Slug!, http.Request.Query["create"] == "1" && InputReader.IsName(to.Slug!), actor, sent, cancel);
    }

    internal static async Task<byte[]> BodyAsync(HttpRequest request, CancellationToken cancel)
    {
        if (request.ContentLength == 0) return [];
        // The room grows with what comes, not with what a header promises.
        using var body = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while (body.Length < PingIntake.MaxBody && (read = await request.Body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, PingIntake.MaxBody - body.Length)), cancel)) > 0) body.Write(buffer, 0, read);
        return body.ToArray();
    }

    internal static async Task WaitAsync(HttpContext http, TimeSpan wait, CancellationToken cancel)
    {
        http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await SayAsync(http, StatusCodes.Status429TooManyRequests, "rate limit exceeded", cancel);
    }

    internal static async Task SayAsync(HttpContext http, int status, string text, CancellationToken cancel)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.WriteAsync(text, cancel);
    }

    private static string MethodOf(HttpContext http) => http.Request.Method.Length > 16 ? http.Request.Method[..16] : http.Request.Method;
}
