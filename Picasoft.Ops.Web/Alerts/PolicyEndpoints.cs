using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Alerts;

/// <summary>Routes, escalations, inhibition, label rules and maintenance windows in <c>/api/v1</c>: the same for each kind, read as <c>ops.yaml</c> is.</summary>
internal static class PolicyEndpoints
{
    /// <summary>Where one is to stand among those that people made.</summary>
    internal sealed record MoveInput
    {
        [Setting(Required = true, Min = "1", Max = "100000")]
        public int? To { get; init; }
    }

    public static void MapPolicies(this IEndpointRouteBuilder app)
    {
        foreach (var shape in PolicyShape.All) Map(app.MapGroup($"/api/v1/{shape.Path}").WithTags("routing"), shape);
    }

    private static void Map(RouteGroupBuilder group, PolicyShape shape)
    {
        // Whoever may silence may also say when there is maintenance.
        var change = shape.Kind == PolicyKind.Maintenance ? Policies.Respond : Policies.Admin;
        var what = shape.Path.Replace('-', ' ');

        group.MapGet("", async (PolicyQueries queries, TimeProvider time, CancellationToken cancel) =>
            Api.Json(new { items = (await queries.ListAsync(shape.Kind, cancel)).Select(r => PolicyJson.Of(r, time.GetUtcNow())), next = (string?)null }))
            .RequireAuthorization(Policies.Read).WithSummary($"Lists the {what}, in the order in which they are tried");

        group.MapGet("{name}", async (string name, PolicyQueries queries, TimeProvider time, CancellationToken cancel) =>
            await queries.FindAsync(shape.Kind, name, cancel) is { } row ? Api.Json(PolicyJson.Of(row, time.GetUtcNow())) : Api.Problem(Refusal.NotFound("policy", name)))
            .RequireAuthorization(Policies.Read).WithSummary($"One of the {what}");

        group.MapPost("", (HttpContext http, bool? dryRun, PolicyActions actions, PolicyQueries queries, TimeProvider time, CancellationToken cancel) =>
            SaveAsync(http, shape, null, dryRun, actions, queries, time, cancel))
            .RequireAuthorization(change).Reads(shape.Input).WithSummary($"Adds one to the {what}, as in ops.yaml; ?dryRun=true only says what it would do to the alerts of now");

        group.MapPut("{name}", (string name, HttpContext http, bool? dryRun, PolicyActions actions, PolicyQueries queries, TimeProvider time, CancellationToken cancel) =>
            SaveAsync(http, shape, name, dryRun, actions, queries, time, cancel))
            .RequireAuthorization(change).Replaces(shape.Input).WithSummary($"Replaces one of the {what}; with the version it was made from, nobody's change is overwritten; ?dryRun=true");

        group.MapDelete("{name}", async (string name, HttpContext http, bool? dryRun, PolicyActions actions, PolicyQueries queries, CancellationToken cancel) =>
        {
            var gone = PolicyChange.Delete(shape.Kind, name);
            if (dryRun == true) return Api.Answer(await queries.PreviewAsync(gone, cancel), PolicyJson.Of);
            return (await actions.ChangeAsync(gone, http.Actor(), cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent();
        }).RequireAuthorization(change).WithSummary($"Deletes one of the {what}; ?dryRun=true");

        if (!shape.IsOrdered) return;
        group.MapPost("{name}/move", async (string name, HttpContext http, bool? dryRun, PolicyActions actions, PolicyQueries queries, TimeProvider time, CancellationToken cancel) =>
        {
            var to = await Api.ReadAsync<MoveInput>(http.Request, cancel);
            if (to.Refusal is { } refusal) return Api.Problem(refusal);
            return await AnswerAsync(new(shape.Kind, name, null, to.Value.To), StatusCodes.Status200OK, http, dryRun, actions, queries, time, cancel);
        }).RequireAuthorization(change).Reads<MoveInput>().WithSummary($"Moves one of the {what} to another place among those that people made; ?dryRun=true");
    }

    private static async Task<IResult> SaveAsync(HttpContext http, PolicyShape shape, string? name, bool? dryRun, PolicyActions actions, PolicyQueries queries, TimeProvider time, CancellationToken cancel)
    {
        var body = await NamedBody.ReadAsync(http, shape.IsNamed ? name : null, PolicyJson.AnsweredBy(shape), cancel);
        var input = body.Refusal is { } unread ? unread : shape.Read(body.Value.Input);
        if (input.Refusal is { } refusal) return Api.Problem(refusal);
        return await AnswerAsync(new(shape.Kind, name, input.Value, null, body.Value.Version), name is null ? StatusCodes.Status201Created : StatusCodes.Status200OK, http, dryRun, actions, queries, time, cancel);
    }

    private static async Task<IResult> AnswerAsync(PolicyChange change, int status, HttpContext http, bool? dryRun, PolicyActions actions, PolicyQueries queries, TimeProvider time, CancellationToken cancel)
    {
        var written = Shape.Of(PolicyShape.Of(change.Kind).Input);
        if (dryRun == true)
        {
            var effect = await queries.PreviewAsync(change, cancel);
            return effect.Refusal is { } no ? Api.Problem(no, written) : Api.Json(PolicyJson.Of(effect.Value));
        }
        var changed = await actions.ChangeAsync(change, http.Actor(), cancel);
        if (changed.Refusal is { } refusal) return Api.Problem(refusal, written);
        return await queries.FindAsync(change.Kind, changed.Value.Name, cancel) is { } row ? Api.Json(PolicyJson.Of(row, time.GetUtcNow()), status) : Api.Problem(Refusal.NotFound("policy", changed.Value.Name));
    }
}
