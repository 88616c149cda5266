using System.Globalization;
using System.Text;
using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Web.Compat.Healthchecks;

/// <summary>The push addresses of Uptime Kuma and Gatus: what pings those pings a heartbeat here, unchanged.</summary>
internal static class PushEndpoints
{
    private const double MaxPing = 1e11; // Uptime Kuma's own bound, in milliseconds

    public static void MapPushes(this IEndpointRouteBuilder app)
    {
        app.Map("/api/push/{token}", KumaAsync).AllowAnonymous().WithTags("heartbeats").ExcludeFromDescription();
        app.MapPost("/api/v1/endpoints/{key}/external", GatusAsync).RequireAuthorization(Policies.Ingest).WithTags("heartbeats")
            .WithSummary("Gatus' external endpoint: ?success=true|false&error=&duration=10s pings the heartbeat called like the key, or like what follows its first _");
    }

    private static async Task KumaAsync(HttpContext http, string token, PingIntake intake, PingLimit limit, WrongTokenLimit strangers, CancellationToken cancel)
    {
        var query = http.Request.Query;
        TimeSpan? took = null;
        if (query["ping"].ToString() is { Length: > 0 } text)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ms) || ms is not (>= 0 and <= MaxPing)) { await KumaSaysAsync(http, "Invalid ping value."); return; }
            took = TimeSpan.FromMilliseconds(ms);
        }
        if (limit.Note(Heartbeat.HashOf(token)) is { } wait) { await PingEndpoint.WaitAsync(http, wait, cancel); return; }
        var status = query["status"].ToString();
        var sent = new PingSent(status is "" or "up" ? PingKind.Success : PingKind.Fail, null, null, "kuma", http.Request.Headers.UserAgent.ToString(), http.Connection.RemoteIpAddress?.ToString(), Cut(query["msg"].ToString()), took);
        var fate = await intake.TakeAsync(token, sent, cancel);
        if (fate == PingFate.Unknown && strangers.Note(http.Connection.RemoteIpAddress) is { } pause) await PingEndpoint.WaitAsync(http, pause, cancel);
        else if (fate == PingFate.Unknown) await KumaSaysAsync(http, "Monitor not found or not active.");
        else await http.Response.WriteAsJsonAsync(new { ok = true }, cancel);
    }

    private static Task KumaSaysAsync(HttpContext http, string why)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return http.Response.WriteAsJsonAsync(new { ok = false, msg = why });
    }

    private static async Task<IResult> GatusAsync(HttpContext http, string key, string? success, string? error, string? duration, PingIntake intake, PingLimit limit, CancellationToken cancel)
    {
        if (success is not ("true" or "false")) return Results.Text("invalid success value", statusCode: 400);
        TimeSpan? took = null;
        if (!string.IsNullOrEmpty(duration))
        {
            if (!DurationText.TryParse(duration, out var length)) return Results.Text("invalid duration", statusCode: 400);
            took = length;
        }
        if (limit.Note(key) is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Results.StatusCode(StatusCodes.Status429TooManyRequests);
        }
        var sent = new PingSent(success == "true" ? PingKind.Success : PingKind.Fail, null, null, "gatus", http.Request.Headers.UserAgent.ToString(), http.Connection.RemoteIpAddress?.ToString(), Cut(error ?? ""), took);
        foreach (var name in new[] { key, key[(key.IndexOf('_', StringComparison.Ordinal) + 1)..] }.Distinct(StringComparer.Ordinal))
            if (await intake.TakeAsync(name, create: false, http.Actor(), sent, cancel) == PingFate.Stored) return Results.Ok();
        return Results.Text("not found", statusCode: 404);
    }

    private static byte[] Cut(string text) => Encoding.UTF8.GetBytes(text) is { Length: > PingIntake.MaxBody } long_ ? long_[..PingIntake.MaxBody] : Encoding.UTF8.GetBytes(text);
}
