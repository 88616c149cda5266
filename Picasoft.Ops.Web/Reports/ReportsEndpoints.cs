using Picasoft.Ops.Core.Reports;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Reports;

/// <summary>Reports in <c>/api/v1</c>.</summary>
internal static class ReportsEndpoints
{
    public static void MapReports(this IEndpointRouteBuilder app)
    {
        app.MapOwnMetrics();
        app.MapGet("/api/v1/reports/availability", async (string? from, string? to, ServiceQueries queries, TimeProvider time, CancellationToken cancel) =>
        {
            var span = TimeSpanQuery.Read(from, to, TimeSpan.FromDays(30), time.GetUtcNow());
            if (span.Refusal is { } refusal) return Api.Problem(refusal);
            return Api.Json(new { span.Value.From, span.Value.To, items = (await queries.AvailabilityAsync(span.Value.From, span.Value.To, cancel)).Select(Json), next = (string?)null });
        }).RequireAuthorization(Policies.Read).WithTags("reports").WithSummary("Availability of every service beside what was promised, and its incidents; ?from=&to= (the last 30 days if not said)");
    }

    private static object Json(AvailabilityRow row) => new
    {
        row.Service,
        row.Title,
        row.Availability,
        row.Checks,
        row.Failed,
        promised = row.Promised,
        row.Kept,
        errorBudgetLeft = row.BudgetLeft,
        row.Incidents,
        medianToAcknowledge = row.ToAcknowledge?.TotalSeconds,
        medianToResolve = row.ToResolve?.TotalSeconds,
    };
}
