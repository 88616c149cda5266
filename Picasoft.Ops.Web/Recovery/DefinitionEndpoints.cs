using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Recovery;

/// <summary>Changes to recovery plans and clusters in <c>/api/v1/recovery</c>: written as in <c>ops.yaml</c>.</summary>
internal static class DefinitionEndpoints
{
    public static void MapDefinitions(this RouteGroupBuilder recovery)
    {
        Map<RecoveryPlanInput>(recovery, "plans", "a recovery plan", RecoveryJson.PlanAnswered,
            (actions, name, input, version, by, cancel) => actions.SavePlanAsync(name, input, version, by, cancel), (actions, name, by, cancel) => actions.DeletePlanAsync(name, by, cancel),
            async (services, name, cancel) => await services.GetRequiredService<RecoveryActions>().FindPlanAsync(name, cancel) is { } row ? RecoveryJson.Of(row) : null);
        recovery.MapPost("plans/{name}/agree", async (string name, HttpContext http, DefinitionActions actions, RecoveryActions plans, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<AgreeInput>(http.Request, cancel);
            if (input.Refusal is { } wrong) return Api.Problem(wrong);
            if ((await actions.AgreeAsync(name, (uint)input.Value.Version!.Value, http.Actor(), cancel)).Refusal is { } refusal) return Api.Problem(refusal);
            return await plans.FindPlanAsync(name, cancel) is { } row ? Api.Json(RecoveryJson.Of(row)) : Api.Problem(Refusal.NotFound("recovery_plan", name));
        }).RequireAuthorization(Policies.Admin).Reads<AgreeInput>().WithSummary("Agrees to what another administrator made laxer, as a person who is signed in: {version}, the one they were shown. Until then two people must agree to every step that acts");
        Map<ClusterInput>(recovery, "clusters", "a cluster", RecoveryJson.ClusterAnswered,
            (actions, name, input, version, by, cancel) => actions.SaveClusterAsync(name, input, version, by, cancel), (actions, name, by, cancel) => actions.DeleteClusterAsync(name, by, cancel),
            async (services, name, cancel) => await services.GetRequiredService<ClusterQueries>().FindAsync(name, cancel) is { } row ? RecoveryJson.Of(row) : null);
    }

    private static void Map<TInput>(
        RouteGroupBuilder recovery, string path, string what, IReadOnlyCollection<string> answered,
        Func<DefinitionActions, string?, TInput, uint?, Actor, CancellationToken, Task<Outcome<Policy>>> save,
        Func<DefinitionActions, string, Actor, CancellationToken, Task<Outcome<Policy>>> delete,
        Func<IServiceProvider, string, CancellationToken, Task<object?>> shown) where TInput : class, new()
    {
        recovery.MapPost(path, (HttpContext http, DefinitionActions actions, CancellationToken cancel) => SaveAsync(http, null, actions, cancel))
            .RequireAuthorization(Policies.Admin).Reads<TInput>().WithSummary($"Creates {what}, written as in ops.yaml");

        recovery.MapPut(path + "/{name}", (string name, HttpContext http, DefinitionActions actions, CancellationToken cancel) => SaveAsync(http, name, actions, cancel))
            .RequireAuthorization(Policies.Admin).Replaces<TInput>().WithSummary($"Replaces {what}; with the version it was made from, nobody's change is overwritten");

        recovery.MapDelete(path + "/{name}", async (string name, HttpContext http, DefinitionActions actions, CancellationToken cancel) =>
            (await delete(actions, name, http.Actor(), cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent())
            .RequireAuthorization(Policies.Admin).WithSummary($"Deletes {what} that nothing names");

        async Task<IResult> SaveAsync(HttpContext http, string? name, DefinitionActions actions, CancellationToken cancel)
        {
            var body = await NamedBody.ReadAsync(http, name, answered, cancel);
            var input = body.Refusal is { } unread ? unread : InputReader.Read<TInput>(body.Value.Input);
            if (input.Refusal is { } wrong) return Api.Problem(wrong);
            var saved = await save(actions, name, input.Value, body.Value.Version, http.Actor(), cancel);
            if (saved.Refusal is { } refusal) return Api.Problem(refusal, Shape.Of<TInput>());
            return Api.Json(await shown(http.RequestServices, saved.Value.Name, cancel), name is null ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        }
    }
}
