using Picasoft.Ops.Core.Heartbeats;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Heartbeats;

/// <summary>Heartbeats in <c>/api/v1</c>. Whoever may change one may also see its ping URL.</summary>
internal static class HeartbeatsEndpoints
{
    public static void MapHeartbeats(this IEndpointRouteBuilder app)
    {
        var heartbeats = app.MapGroup("/api/v1/heartbeats").WithTags("heartbeats");

        heartbeats.MapGet("", async (HttpContext http, HeartbeatQueries queries, PingUrl urls, string? service, string? limit, string? after, CancellationToken cancel) =>
        {
            var page = NamedPage.Read(limit, after);
            return page.Refusal is { } refusal ? Api.Problem(refusal) : page.Value.Answer(await queries.ListAsync(string.IsNullOrEmpty(service) ? null : service, cancel), r => r.Heartbeat.Name, r => HeartbeatsJson.Of(r, Shown(http, urls, r)));
        }).RequireAuthorization(Policies.Read).WithSummary("Lists the heartbeats and where they stand; ?service=&limit=&after=");

        heartbeats.MapPost("", async (HttpContext http, HeartbeatActions actions, HeartbeatQueries queries, PingUrl urls, CancellationToken cancel) =>
        {
            var body = await NamedBody.ReadAsync(http, null, HeartbeatsJson.Answered, cancel);
            var input = body.Refusal is { } unread ? unread : InputReader.Read<HeartbeatInput>(body.Value.Input);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : await AnswerAsync(http, await actions.CreateAsync(input.Value, http.Actor(), cancel), queries, urls, StatusCodes.Status201Created, cancel);
        }).RequireAuthorization(Policies.Admin).Reads<HeartbeatInput>().WithSummary("Creates a heartbeat; the answer holds its ping URL");

        heartbeats.MapGet("{name}", async (string name, HttpContext http, HeartbeatQueries queries, PingUrl urls, CancellationToken cancel) =>
            await queries.FindAsync(name, cancel) is { } row ? Api.Json(HeartbeatsJson.Of(row, Shown(http, urls, row))) : NotFound(name))
            .RequireAuthorization(Policies.Read).WithSummary("One heartbeat and where it stands");

        heartbeats.MapPut("{name}", async (string name, HttpContext http, HeartbeatActions actions, HeartbeatQueries queries, PingUrl urls, CancellationToken cancel) =>
        {
            var body = await NamedBody.ReadAsync(http, name, HeartbeatsJson.Answered, cancel);
            if (await queries.FindAsync(name, cancel) is not { } row) return NotFound(name);
            var input = body.Refusal is { } unread ? unread : InputReader.Read(body.Value.Input, keep: HeartbeatInput.Of(row.Heartbeat, urls.GivenToken(row.Heartbeat)));
            return input.Refusal is { } refusal ? Api.Problem(refusal) : await AnswerAsync(http, await actions.UpdateAsync(name, input.Value, http.Actor(), body.Value.Version, cancel), queries, urls, StatusCodes.Status200OK, cancel);
        }).RequireAuthorization(Policies.Admin).Replaces<HeartbeatInput>().WithSummary("Replaces a heartbeat; a masked token keeps the stored one");

        heartbeats.MapDelete("{name}", async (string name, HttpContext http, HeartbeatActions actions, CancellationToken cancel) =>
            (await actions.DeleteAsync(name, http.Actor(), cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent())
            .RequireAuthorization(Policies.Admin).WithSummary("Deletes a heartbeat and its pings; its alert ends");

        MapChange(heartbeats, "pause", (actions, name, actor, cancel) => actions.EnableAsync(name, false, actor, cancel), "Pauses a heartbeat; the next ping resumes it, unless manualResume says otherwise");
        MapChange(heartbeats, "resume", (actions, name, actor, cancel) => actions.EnableAsync(name, true, actor, cancel), "Resumes a heartbeat; a first sign of life is expected from now");
        MapChange(heartbeats, "regenerate", (actions, name, actor, cancel) => actions.RegenerateAsync(name, actor, cancel), "Gives a heartbeat a new ping URL; the old one is no longer known");

        MapChange(heartbeats, "accept-size", (actions, name, actor, cancel) => actions.AcceptSizeAsync(name, actor, cancel), "The last backup is right although it is smaller than those before");

        app.MapGet("/api/v1/backups", async (HeartbeatQueries queries, TimeProvider time, string? service, CancellationToken cancel) =>
            Api.Json(new { items = (await queries.BackupsAsync(string.IsNullOrEmpty(service) ? null : service, time.GetUtcNow(), cancel)).Select(HeartbeatsJson.Of), next = (string?)null }))
            .RequireAuthorization(Policies.Read).WithTags("heartbeats").WithSummary("What is proven of the backups: age, size, RPO, the last proven restore; ?service=");

        heartbeats.MapGet("{name}/pings", async (string name, string? limit, string? after, HeartbeatQueries queries, CancellationToken cancel) =>
        {
            var page = NamedPage.Read(limit, after);
            if (page.Refusal is { } refusal) return Api.Problem(refusal);
            var before = long.MaxValue;
            if (!string.IsNullOrEmpty(after) && !long.TryParse(after, System.Globalization.CultureInfo.InvariantCulture, out before)) return Api.Problem(Refusal.Invalid("after", Phrase.Of("input.expected_integer", after)));
            if (await queries.FindAsync(name, cancel) is not { } row) return NotFound(name);
            return Api.Page(await queries.PingsAsync(row.Heartbeat.Id, before, page.Value.Limit + 1, cancel), page.Value.Limit, p => p.Id, HeartbeatsJson.Of);
        }).RequireAuthorization(Policies.Read).WithSummary("Pings of a heartbeat with their bodies, newest first; ?limit=&after=");
    }

    private static void MapChange(RouteGroupBuilder heartbeats, string word, Func<HeartbeatActions, string, Actor, CancellationToken, Task<Outcome<Heartbeat>>> change, string summary) =>
        heartbeats.MapPost($"{{name}}/{word}", async (string name, HttpContext http, HeartbeatActions actions, HeartbeatQueries queries, PingUrl urls, CancellationToken cancel) =>
            await AnswerAsync(http, await change(actions, name, http.Actor(), cancel), queries, urls, StatusCodes.Status200OK, cancel))
            .RequireAuthorization(Policies.Admin).WithSummary(summary);

    private static string? Shown(HttpContext http, PingUrl urls, HeartbeatRow row) =>
        Policies.ScopesOf(http.User).HasFlag(Scopes.Admin) ? urls.Of(row.Heartbeat, $"{http.Request.Scheme}://{http.Request.Host}") : null;

    private static IResult NotFound(string name) => Api.Problem(Refusal.NotFound("heartbeat", name));

    private static async Task<IResult> AnswerAsync(HttpContext http, Outcome<Heartbeat> outcome, HeartbeatQueries queries, PingUrl urls, int status, CancellationToken cancel) =>
        outcome.Refusal is { } refusal ? Api.Problem(refusal, Shape.Of<HeartbeatInput>())
        : await queries.FindAsync(outcome.Value.Name, cancel) is { } row ? Api.Json(HeartbeatsJson.Of(row, Shown(http, urls, row)), status) : NotFound(outcome.Value.Name);
}
