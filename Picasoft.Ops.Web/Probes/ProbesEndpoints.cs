using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Core.Probes.Places;
using Picasoft.Ops.Core.Probes.Trends;
using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Probes;

/// <summary>Probes in <c>/api/v1</c>.</summary>
internal static class ProbesEndpoints
{
    public static void MapProbes(this IEndpointRouteBuilder app)
    {
        var probes = app.MapGroup("/api/v1/probes").WithTags("probes");

        probes.MapGet("", async (ProbeQueries queries, ProbeKinds kinds, string? service, string? limit, string? after, CancellationToken cancel) =>
        {
            var page = NamedPage.Read(limit, after);
            return page.Refusal is { } refusal ? Api.Problem(refusal) : page.Value.Answer(await queries.ListAsync(string.IsNullOrEmpty(service) ? null : service, cancel), p => p.Probe.Name, p => ProbesJson.Of(p, kinds));
        }).RequireAuthorization(Policies.Read).WithSummary("Lists the probes and where they stand; ?service=&limit=&after=");

        probes.MapPost("", async (HttpContext http, ProbeActions actions, ProbeQueries queries, ProbeKinds kinds, CancellationToken cancel) =>
        {
            var body = await NamedBody.ReadAsync(http, null, ProbesJson.Answered, cancel);
            var input = body.Refusal is { } unread ? unread : kinds.ReadInput(body.Value.Input);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : await AnswerAsync(await actions.CreateAsync(input.Value, http.Actor(), cancel), queries, kinds, StatusCodes.Status201Created, cancel);
        }).RequireAuthorization(Policies.Admin).Reads<ProbeInput>().WithSummary("Creates a probe; the settings of its kind stand under the kind's name, as in ops.yaml");

        probes.MapGet("{name}", async (string name, ProbeQueries queries, ProbeKinds kinds, CancellationToken cancel) =>
            await queries.FindAsync(name, cancel) is { } row ? Api.Json(ProbesJson.Of(row, kinds)) : NotFound(name))
            .RequireAuthorization(Policies.Read).WithSummary("One probe and where it stands");

        probes.MapPut("{name}", async (string name, HttpContext http, ProbeActions actions, ProbeQueries queries, ProbeKinds kinds, CancellationToken cancel) =>
        {
            var body = await NamedBody.ReadAsync(http, name, ProbesJson.Answered, cancel);
            if (await queries.FindAsync(name, cancel) is not { } row) return NotFound(name);
            var input = body.Refusal is { } unread ? unread : kinds.ReadInput(body.Value.Input, keep: ProbesJson.Settings(row, kinds));
            return input.Refusal is { } refusal ? Api.Problem(refusal) : await AnswerAsync(await actions.UpdateAsync(name, input.Value, http.Actor(), body.Value.Version, cancel), queries, kinds, StatusCodes.Status200OK, cancel);
        }).RequireAuthorization(Policies.Admin).Replaces<ProbeInput>().WithSummary("Replaces a probe; a masked secret keeps the stored one");

        probes.MapDelete("{name}", async (string name, HttpContext http, ProbeActions actions, CancellationToken cancel) =>
            (await actions.DeleteAsync(name, http.Actor(), cancel)).Refusal is { } refusal ? Api.Problem(refusal) : Results.NoContent())
            .RequireAuthorization(Policies.Admin).WithSummary("Deletes a probe; its alert ends");

        probes.MapPost("{name}/run", async (string name, ProbeQueries queries, ProbeRunner runner, CancellationToken cancel) =>
        {
            if (await queries.FindAsync(name, cancel) is not { } row) return NotFound(name);
            return await runner.RunNowAsync(row.Probe.Id, cancel) is { } seen ? Api.Json(new { ok = seen.IsUp, reason = seen.Reason?.In() }) : NotFound(name);
        }).RequireAuthorization(Policies.Respond).WithSummary("Checks once, now; the result is stored like any other");

        probes.MapGet("{name}/locations", async (string name, ProbeQueries queries, NodeQueries nodes, CancellationToken cancel) =>
            await queries.FindAsync(name, cancel) is { } row ? Api.Json(new { items = (await nodes.LocationsAsync(row.Probe.Id, cancel)).Select(ProbesJson.Of), next = (string?)null }) : NotFound(name))
            .RequireAuthorization(Policies.Read).WithSummary("What each location says of a probe");

        MapCharts(probes);
        app.MapGet("/api/v1/prevention", async (PreventionQueries queries, CancellationToken cancel) =>
        {
            var seen = await queries.LookAsync(cancel);
            return Api.Json(new { warnings = seen.Warnings.Select(a => new { a.Id, a.Labels, a.StartsAt, summary = a.Summary?.In() ?? a.Annotations["summary"], chart = TrendPicture.Parse(a.Annotations[TrendPicture.Annotation]) }), seen.Expiries, undated = seen.Undated.Select(u => new { u.Probe, u.Service, u.Kind, reason = u.State?.LastReason?.In() }) });
        }).RequireAuthorization(Policies.Read).WithTags("probes").WithSummary("What will break soon: warnings with what they saw, and what ends on a date");

        app.MapGet("/api/v1/prevention/settings", async (PreventionActions actions, CancellationToken cancel) => Api.Json((await actions.FindAsync(cancel)).Input()))
            .RequireAuthorization(Policies.Read).WithTags("probes").WithSummary("How long ahead what fills is warned of");
        app.MapPut("/api/v1/prevention/settings", async (HttpContext http, PreventionActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<PreventionInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.UpdateAsync(input.Value, http.Actor(), cancel), s => s.Input());
        }).RequireAuthorization(Policies.Admin).WithTags("probes").Reads<PreventionInput>().WithSummary("Replaces it: {forecast?}");

        app.MapGet("/api/v1/nodes", async (NodeQueries nodes, TimeProvider time, CancellationToken cancel) =>
            Api.Json(new { items = (await nodes.ListAsync(cancel)).Select(n => ProbesJson.Of(n, time.GetUtcNow())), next = (string?)null }))
            .RequireAuthorization(Policies.Read).WithTags("probes").WithSummary("The nodes that share this store: where they stand, and whether they live and have their network");

        app.MapDelete("/api/v1/nodes/{name}", async (string name, HttpContext http, NodeQueries nodes, CancellationToken cancel) =>
            await nodes.ForgetAsync(name, http.Actor(), cancel) ? Results.NoContent() : Api.Problem(Refusal.NotFound("node", name)))
            .RequireAuthorization(Policies.Admin).WithTags("probes").WithSummary("Says that a node is gone for good: its alert ends");

        probes.MapGet("{name}/results", async (string name, string? from, string? to, string? limit, ProbeQueries queries, MeasurementQueries measurements, TimeProvider time, CancellationToken cancel) =>
        {
            var span = TimeSpanQuery.Read(from, to, TimeSpan.FromDays(1), time.GetUtcNow());
            var page = NamedPage.Read(limit, null);
            if (span.Refusal is not null || page.Refusal is not null) return Api.Problem(Refusal.Invalid([.. span.Refusal?.Errors ?? [], .. page.Refusal?.Errors ?? []]));
            if (await queries.FindAsync(name, cancel) is not { } row) return NotFound(name);
            var results = await queries.ResultsAsync(row.Probe.Id, span.Value.From, span.Value.To, page.Value.Limit + 1, cancel);
            var more = results.Count > page.Value.Limit;
            var shown = results.Take(page.Value.Limit).ToList();
            var measured = await measurements.OfResultsAsync(row.Probe.Id, shown.ConvertAll(r => r.At), cancel);
            return Api.Json(new { items = shown.Select(r => ProbesJson.Of(r, measured[r.At])), next = more ? results[page.Value.Limit - 1].At : (DateTimeOffset?)null });
        }).RequireAuthorization(Policies.Read).WithSummary("Results of a probe, newest first; ?from=&to=&limit= (the last day if not said); next is the to of the next page");

        probes.MapGet("{name}/measurements", async (string name, string? from, string? to, ProbeQueries queries, MeasurementQueries measurements, TimeProvider time, CancellationToken cancel) =>
        {
            var span = TimeSpanQuery.Read(from, to, TimeSpan.FromDays(1), time.GetUtcNow());
            if (span.Refusal is { } refusal) return Api.Problem(refusal);
            if (await queries.FindAsync(name, cancel) is not { } row) return NotFound(name);
            var grain = MeasurementQueries.GrainOf(span.Value.To - span.Value.From);
            var series = await measurements.OfProbeAsync(row.Probe.Id, span.Value.From, span.Value.To, grain, MeasurementQueries.MaxPoints, cancel);
            return Api.Json(new { grain, items = series.Select(ProbesJson.Of) });
        }).RequireAuthorization(Policies.Read).WithSummary("What a probe measured; ?from=&to= (the last day if not said): every value of up to two days, hours up to sixty days, days beyond");
    }

    private static void MapCharts(RouteGroupBuilder probes) =>
        probes.MapGet("{name}/chart", async (string name, string? from, string? to, ProbeQueries queries, ChartQueries charts, TimeProvider time, CancellationToken cancel) =>
        {
            var span = TimeSpanQuery.Read(from, to, TimeSpan.FromDays(1), time.GetUtcNow());
            if (span.Refusal is { } refusal) return Api.Problem(refusal);
            if (await queries.FindAsync(name, cancel) is not { } row) return NotFound(name);
            var chart = await charts.OfProbeAsync(row.Probe, span.Value.From, span.Value.To, cancel);
            return Api.Json(new { chart.From, chart.To, chart.Step, items = chart.Points, chart.Incidents });
        }).RequireAuthorization(Policies.Read).WithSummary("Response-time percentiles (milliseconds), checks and incidents of a probe; ?from=&to= (the last day if not said): pieces of up to two days, hours up to sixty days, days beyond");

    private static IResult NotFound(string name) => Api.Problem(Refusal.NotFound("probe", name));

    private static async Task<IResult> AnswerAsync(Outcome<ProbeDefinition> outcome, ProbeQueries queries, ProbeKinds kinds, int status, CancellationToken cancel) =>
        outcome.Refusal is { } refusal ? Api.Problem(refusal)
        : await queries.FindAsync(outcome.Value.Name, cancel) is { } row ? Api.Json(ProbesJson.Of(row, kinds), status) : NotFound(outcome.Value.Name);
}
