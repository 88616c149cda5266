using System.Globalization;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Recovery;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Recovery;

/// <summary>Clusters, recovery plans and their runs in <c>/api/v1/recovery</c>.</summary>
internal static class RecoveryEndpoints
{
    public static void MapRecovery(this IEndpointRouteBuilder app)
    {
        var recovery = app.MapGroup("/api/v1/recovery").WithTags("recovery");

        recovery.MapGet("clusters", async (ClusterQueries queries, CancellationToken cancel) =>
            Api.Json(new { items = (await queries.ListAsync(cancel)).Select(RecoveryJson.Of), next = (string?)null }))
            .RequireAuthorization(Policies.Read).WithSummary("Lists the clusters as they were last seen: roles, lag, timelines, and what their own reports say");

        recovery.MapGet("clusters/{name}", async (string name, ClusterQueries queries, CancellationToken cancel) =>
            await queries.FindAsync(name, cancel) is { } row ? Api.Json(RecoveryJson.Of(row)) : Api.Problem(Refusal.NotFound("cluster", name)))
            .RequireAuthorization(Policies.Read).WithSummary("One cluster as it was last seen");

        recovery.MapGet("readiness", async (ReadinessQueries queries, CancellationToken cancel) =>
            Api.Json(new { items = (await queries.ListAsync(cancel)).Select(RecoveryJson.Of), next = (string?)null }))
            .RequireAuthorization(Policies.Read).WithSummary("Per service that matters: what is promised, what is proven, backups, and the gaps");

        recovery.MapGet("document", async (ReadinessQueries queries, CancellationToken cancel) => Results.Text(await queries.DocumentAsync(CultureInfo.CurrentUICulture, cancel), "text/markdown; charset=utf-8"))
            .RequireAuthorization(Policies.Read).WithSummary("The whole plan as Markdown, in the language asked for");

        recovery.MapGet("plans", async (RecoveryActions actions, CancellationToken cancel) =>
            Api.Json(new { items = (await actions.PlansAsync(cancel)).Select(RecoveryJson.Of), next = (string?)null }))
            .RequireAuthorization(Policies.Read).WithSummary("Lists the recovery plans, their steps, their last run and the last that ended well");

        recovery.MapGet("plans/{name}", async (string name, RecoveryActions actions, CancellationToken cancel) =>
            await actions.FindPlanAsync(name, cancel) is { } row ? Api.Json(RecoveryJson.Of(row)) : Api.Problem(Refusal.NotFound("recovery_plan", name)))
            .RequireAuthorization(Policies.Read).WithSummary("One recovery plan");

        recovery.MapDefinitions();

        recovery.MapPost("plans/{name}/runs", async (string name, HttpContext http, RecoveryActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<StartRunInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.StartAsync(name, input.Value, http.Actor(), cancel), RecoveryJson.Of, StatusCodes.Status201Created);
        }).RequireAuthorization(Policies.Respond).Reads<StartRunInput>().WithSummary("Starts a plan: {drill?, dryRun?, incident?}");

        recovery.MapGet("runs", async (string? plan, string? limit, string? after, RecoveryActions actions, CancellationToken cancel) =>
        {
            var page = NamedPage.Read(limit, after);
            if (page.Refusal is { } refusal) return Api.Problem(refusal);
            var before = long.MaxValue;
            if (!string.IsNullOrEmpty(after) && !long.TryParse(after, CultureInfo.InvariantCulture, out before)) return Api.Problem(Refusal.Invalid("after", Phrase.Of("input.expected_integer", after)));
            return Api.Page(await actions.RunsAsync(string.IsNullOrEmpty(plan) ? null : plan, before, page.Value.Limit + 1, cancel), page.Value.Limit, r => r.Id, RecoveryJson.Of);
        }).RequireAuthorization(Policies.Read).WithSummary("Lists the runs, newest first; ?plan=&limit=&after=");

        recovery.MapGet("runs/{id:long}", async (long id, RecoveryActions actions, CancellationToken cancel) =>
            await actions.FindAsync(id, cancel) is { } run ? Api.Json(RecoveryJson.Of(run)) : Api.Problem(Refusal.NotFound("recovery_run", id)))
            .RequireAuthorization(Policies.Read).WithSummary("One run: where it stands, and every step's outcome");

        MapWord(recovery, "confirm", (actions, id, word, actor, cancel) => actions.ConfirmAsync(id, word, actor, cancel), "Says that the manual step is done, agrees to the step, or has it tried again: {comment?, step?}; with step, only if it stands there still. Where two people must agree, only people who are signed in");
        MapWord(recovery, "skip", (actions, id, word, actor, cancel) => actions.SkipAsync(id, word, actor, cancel), "Passes over the step it waits at: {comment?, step?}");
        MapWord(recovery, "see", (actions, id, _, actor, cancel) => actions.SeeAsync(id, actor, cancel), "Takes note of a run that started by itself: its plan may do so again");
        MapWord(recovery, "abort", (actions, id, _, actor, cancel) => actions.AbortAsync(id, actor, cancel), "Ends a run, and cuts short what is being done: its program is ended, its call given up");
    }

    private static void MapWord(RouteGroupBuilder recovery, string word, Func<RecoveryActions, long, RunWordInput, Actor, CancellationToken, Task<Outcome<RecoveryRun>>> act, string summary) =>
        recovery.MapPost($"runs/{{id:long}}/{word}", async (long id, HttpContext http, RecoveryActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<RunWordInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await act(actions, id, input.Value, http.Actor(), cancel), RecoveryJson.Of);
        }).RequireAuthorization(Policies.Respond).Reads<RunWordInput>().WithSummary(summary);
}
