using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Logs;

/// <summary>Kept lines, counts and settings in <c>/api/v1</c>.</summary>
internal static class LogsEndpoints
{
    public static void MapLogs(this IEndpointRouteBuilder app)
    {
        var logs = app.MapGroup("/api/v1").WithTags("logs");

        logs.MapGet("log-lines", async (HttpContext http, LogQueries queries, CancellationToken cancel) =>
        {
            var query = new QueryReader(http.Request);
            var (rule, service, before, limit) = (query.Text("rule"), query.Text("service"), query.Time("before"), query.Limit);
            if (query.Refusal is { } refusal) return Api.Problem(refusal);
            var found = await queries.RecentAsync(rule, service, before, limit + 1, cancel);
            return Api.Json(new { items = found.Take(limit).Select(Json), next = found.Count > limit ? found[limit - 1].At : (DateTimeOffset?)null });
        }).RequireAuthorization(Policies.Read).Asks("rule", "service", "before", "limit").WithSummary("Lines that rules wanted, masked, newest first; ?rule=&service=&before=&limit=; next is the before of the next page");

        logs.MapGet("log-sources", async (HttpContext http, LogQueries queries, CancellationToken cancel) =>
        {
            var query = new QueryReader(http.Request);
            var hours = (int)(query.Number("hours", 1, 24 * 7) ?? 24);
            if (query.Refusal is { } refusal) return Api.Problem(refusal);
            return Api.Json(new { items = (await queries.SourcesAsync(hours, cancel)).Select(s => new { s.Host, s.App, s.Lines, s.Errors, s.Warnings, s.LastHour, s.Hours }), next = (string?)null });
        }).RequireAuthorization(Policies.Read).Asks("hours").WithSummary("Who sent lines in the last ?hours= (24), and how many");

        logs.MapGet("log-settings", async (LogSettingsActions actions, CancellationToken cancel) => Api.Json((await actions.FindAsync(cancel)).Input()))
            .RequireAuthorization(Policies.Read).WithSummary("What is kept of logs, and which files are read");

        logs.MapPut("log-settings", async (HttpContext http, LogSettingsActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<LogSettingsInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.UpdateAsync(input.Value, http.Actor(), cancel), s => s.Input());
        }).RequireAuthorization(Policies.Admin).Reads<LogSettingsInput>().WithSummary("Replaces them");
    }

    private static object Json(LogEvidence line) => new { line.At, line.Rule, line.Service, line.Host, line.App, line.Severity, line.Origin, line.Text, line.Before, line.After };
}
