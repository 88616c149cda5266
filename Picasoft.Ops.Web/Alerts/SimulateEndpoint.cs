using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Alerts;

/// <summary><c>POST /api/v1/simulate</c>: what would become of an alert, rule by rule.</summary>
public static class SimulateEndpoint
{
    public static void MapSimulate(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/v1/simulate", SimulateAsync).RequireAuthorization(Policies.Read).WithTags("alerts").Reads<SimulateInput>().WithSummary("Says what would become of an alert with these labels, and who would be told; changes nothing");

    private static async Task<IResult> SimulateAsync(HttpRequest request, SimulationQueries queries, CancellationToken cancel)
    {
        var input = await Api.ReadAsync<SimulateInput>(request, cancel);
        if (input.Refusal is { } refusal) return Api.Problem(refusal);
        var found = await queries.SimulateAsync(LabelSet.Of(input.Value.Labels), input.Value.At, cancel);
        return Api.Json(new
        {
            found.Labels,
            found.Pages,
            Steps = found.Steps.Select(s => new { s.Stage, s.Applies, Text = s.Words.In() }),
            Told = found.Told.Select(m => new { m.At, m.Step, m.Round, Targets = m.Targets.Select(t => new { Channel = t.ChannelName, t.Recipient, Until = t.WaitsUntil }) }),
        });
    }
}
