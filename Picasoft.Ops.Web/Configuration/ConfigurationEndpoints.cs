using Picasoft.Ops.Core.Configuration;
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
