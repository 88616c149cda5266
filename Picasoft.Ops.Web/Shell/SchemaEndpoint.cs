using Picasoft.Ops.Core.Configuration;

namespace Picasoft.Ops.Web.Shell;

/// <summary><c>/ops.schema.json</c>: what editors check <c>ops.yaml</c> by. Says nothing about this installation, so it needs no token.</summary>
internal static class SchemaEndpoint
{
    public static void MapOpsSchema(this IEndpointRouteBuilder app)
    {
        var text = new Lazy<string>(() => OpsFileSchema.Write(app.ServiceProvider.GetServices<IFileSection>()));
        app.MapGet("/ops.schema.json", () => Results.Text(text.Value, "application/schema+json")).AllowAnonymous().ExcludeFromDescription();
    }
}
