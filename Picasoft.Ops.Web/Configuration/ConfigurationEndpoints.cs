using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Probes;
using Picasoft.Ops.Web.Access;
using Picasoft.Ops.Web.Shell;

namespace Picasoft.Ops.Web.Configuration;

/// <summary>The store against the file, in <c>/api/v1</c>.</summary>
internal static class ConfigurationEndpoints
{
    public static void MapConfiguration(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/configuration/drift", async (DriftQueries queries, CancellationToken cancel) => Of(await queries.LookAsync(cancel)))
            .RequireAuthorization(Policies.Admin).WithTags("configuration").WithSummary("How the store differs from ops.yaml, and who manages what");
        app.MapGet("/api/v1/configuration/export", async (ConfigurationActions actions, CancellationToken cancel) => Results.Text(await actions.ExportAsync(cancel), "application/yaml"))
            .RequireAuthorization(Policies.Admin).WithTags("configuration").WithSummary("The store as ops.yaml; variables in the place of secrets");
        app.MapGet("/api/v1/retention", async (RetentionActions actions, CancellationToken cancel) => Api.Json((await actions.FindAsync(cancel)).Input()))
            .RequireAuthorization(Policies.Read).WithTags("configuration").WithSummary("How long results are kept, and what they were by hour and by day");
        app.MapPut("/api/v1/retention", async (HttpContext http, RetentionActions actions, CancellationToken cancel) =>
        {
            var input = await Api.ReadAsync<RetentionInput>(http.Request, cancel);
            return input.Refusal is { } refusal ? Api.Problem(refusal) : Api.Answer(await actions.UpdateAsync(input.Value, http.Actor(), cancel), s => s.Input());
        }).RequireAuthorization(Policies.Admin).WithTags("configuration").Reads<RetentionInput>().WithSummary("Replaces it: {results?, hours?, days?}");
        app.MapImport();
    }

    private static IResult Of(Drift drift) => Api.Json(new
    {
        drift.File,
        changes = drift.Changes.Select(c => new { c.Sign, c.Kind, c.Name, c.Fields }),
        errors = drift.Errors.Select(e => new { e.Field, message = e.Message.In(), e.Place?.Line, e.Place?.Column }),
        items = drift.Items.Select(i => new { i.Kind, i.Name, i.FromFile, i.Place?.Line, i.By, i.At }),
    });
}
