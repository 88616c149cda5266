using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Silences;

/// <summary>Silences in <c>/api/v1</c>.</summary>
public static class SilenceEndpoints
{
    public static void MapSilences(this IEndpointRouteBuilder app)
    {
        var read = app.MapGroup("/api/v1/silences").RequireAuthorization(Policies.Read).WithTags("silences");
        read.MapGet("", ListAsync).Asks("state", "limit", "after").WithSummary("Lists silences, newest first; filter: state (pending, active, expired)");
        read.MapGet("review", async (SilenceQueries queries, TimeProvider time, CancellationToken cancel) =>
            Api.Json(new { items = (await queries.ReviewAsync(cancel)).Select(r => new { Silence = Json(r.Silence, time), r.Alerts, r.EndsSoon }), next = (string?)null })).WithSummary("Lists active silences that hold back nothing or end within a day");
        read.MapGet("{id:long}", async (long id, SilenceQueries queries, TimeProvider time, CancellationToken cancel) =>
            Api.Answer(await queries.FindAsync(id, cancel), s => Json(s, time))).WithSummary("Reads one silence");
        read.MapPost("preview", PreviewAsync).Reads<PreviewInput>().WithSummary("Says what these matchers would silence now; changes nothing");

        var respond = app.MapGroup("/api/v1/silences").RequireAuthorization(Policies.Respond).WithTags("silences");
        respond.MapPost("", async (HttpContext http, SilenceActions actions, TimeProvider time, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<SilenceInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.CreateAsync(input.Value, http.Actor(), cancel), s => Json(s, time), StatusCodes.Status201Created);
        }).Reads<SilenceInput>().WithSummary("Creates a silence");
        respond.MapPut("{id:long}", async (long id, HttpContext http, SilenceActions actions, TimeProvider time, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<SilenceInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.EditAsync(id, input.Value, http.Actor(), cancel), s => Json(s, time));
        }).Reads<SilenceInput>().WithSummary("Changes a silence; other matchers on an active one end it and answer a new one");
        respond.MapDelete("{id:long}", async (long id, HttpContext http, SilenceActions actions, TimeProvider time, CancellationToken cancel) =>
            Api.Answer(await actions.EndAsync(id, http.Actor(), cancel), s => Json(s, time))).WithSummary("Ends a silence now");
    }

    private static async Task<IResult> ListAsync(HttpRequest request, SilenceQueries queries, TimeProvider time, CancellationToken cancel)
    {
        var query = new QueryReader(request);
        var states = query.Choices<SilenceState>("state");
        var (limit, after) = (query.Limit, query.After);
        if (query.Refusal is { } refusal) return Api.Problem(refusal);
        var found = await queries.ListAsync(states, after, limit + 1, cancel);
        return Api.Page(found, limit, s => s.Id, s => Json(s, time));
    }

    private static async Task<IResult> PreviewAsync(HttpContext http, SilenceQueries queries, CancellationToken cancel)
    {
        var input = await Api.ReadAsync<PreviewInput>(http.Request, cancel);
        if (input.Refusal is { } refusal) return Api.Problem(refusal);
        var matchers = MatcherParser.ParseAll(input.Value.Matchers);
        if (matchers.Refusal is { } unreadable) return Api.Problem(unreadable);
        var preview = await queries.PreviewAsync(matchers.Value, cancel);
        return Api.Json(new
        {
            preview.AlertCount,
            Alerts = preview.Alerts.Select(a => new { a.Id, a.Fingerprint, a.Labels, Incident = a.IncidentId }),
            Incidents = preview.Incidents.Select(i => new { i.Number, i.Fully }),
        });
    }

    private static object Json(Silence s, TimeProvider time) => new
    {
        s.Id,
        s.Uuid,
        State = s.StateAt(time.GetUtcNow()),
        s.Matchers,
        StartsAt = s.StartsAt.UtcDateTime,
        EndsAt = s.EndsAt.UtcDateTime,
        s.CreatedBy,
        s.Comment,
        CreatedAt = s.CreatedAt.UtcDateTime,
        UpdatedAt = s.UpdatedAt.UtcDateTime,
    };

    private sealed class PreviewInput
    {
        [Setting(Required = true, MaxLength = MatcherParser.MaxLength)]
        public IReadOnlyList<string> Matchers { get; init; } = [];
    }
}
