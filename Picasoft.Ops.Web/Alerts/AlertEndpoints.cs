using System.Globalization;
using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.Escalations;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Alerts;

/// <summary>Alerts in <c>/api/v1</c>. They are handed in through the interfaces of other products; here they are read.</summary>
public static class AlertEndpoints
{
    private enum AlertState
    {
        Active,
        Ended,
    }

    public static void MapAlerts(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/alerts", ListAsync).RequireAuthorization(Policies.Read).WithTags("alerts").Asks("state", "service", "incident", "limit", "after").WithSummary("Lists alerts, newest first; filters: state (active, ended), service, incident");

    private static async Task<IResult> ListAsync(HttpRequest request, AlertQueries queries, SilenceQueries silences, SimulationQueries simulations, CancellationToken cancel)
    {
        var query = new QueryReader(request);
        var (states, service, incident) = (query.Choices<AlertState>("state"), query.Text("service"), query.Number("incident", 1, long.MaxValue));
        var (limit, after) = (query.Limit, query.After);
        if (query.Refusal is { } refusal) return Api.Problem(refusal);
        bool? active = states.Distinct().Count() == 1 ? states[0] == AlertState.Active : null;
        var found = await queries.ListAsync(active, service, incident, after, limit + 1, cancel);
        var silencing = await silences.SilencingAsync(cancel);
        var rules = (await simulations.PoliciesAsync(cancel)).Labels;
        return Api.Page(found, limit, a => a.Id, a => Json(a, silencing, rules));
    }

    private static object Json(Alert a, Silencing silencing, LabelRules rules) => new
    {
        a.Id,
        a.Fingerprint,
        State = a.IsActive ? AlertState.Active : AlertState.Ended,
        a.Labels,
        a.Annotations,
        Summary = a.Summary?.In(CultureInfo.CurrentUICulture),
        StartsAt = a.StartsAt.UtcDateTime,
        EndsAt = a.EndsAt?.UtcDateTime,
        ResolvedAt = a.ResolvedAt?.UtcDateTime,
        UpdatedAt = a.UpdatedAt.UtcDateTime,
        a.Source,
        a.GeneratorUrl,
        Incident = a.IncidentId,
        SilencedBy = a.IsActive ? silencing.Muting(rules.Apply(a.Labels)).Select(s => s.Id) : [],
    };
}
