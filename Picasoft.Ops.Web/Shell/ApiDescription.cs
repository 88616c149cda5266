using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Picasoft.Ops.Core.Configuration;
using Picasoft.Ops.Core.Notifications;
using Picasoft.Ops.Core.Probes;

namespace Picasoft.Ops.Web.Shell;

/// <summary>What an endpoint reads that its signature does not say: bodies go through one reader, and filters through <see cref="QueryReader"/>. A test compares it with what the endpoint says it knows.</summary>
public static class Describing
{
    /// <param name="HasVersion">Besides, the <c>version</c> it was made from (<see cref="NamedBody"/>).</param>
    public sealed record Body(Type Type, bool HasVersion);

    public sealed record Parameters(IReadOnlyList<string> Names);

    /// <summary>Its body is a record of this shape.</summary>
    public static TBuilder Reads<TBuilder>(this TBuilder builder, Type shape) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Body(shape, false));

    /// <inheritdoc cref="Reads{TBuilder}(TBuilder, Type)"/>
    public static RouteHandlerBuilder Reads<TShape>(this RouteHandlerBuilder builder) => builder.Reads(typeof(TShape));

    /// <summary>The same, of something with a version: what a GET answered may be sent back, and nobody's change since then is overwritten.</summary>
    public static TBuilder Replaces<TBuilder>(this TBuilder builder, Type shape) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Body(shape, true));

    /// <inheritdoc cref="Replaces{TBuilder}(TBuilder, Type)"/>
    public static RouteHandlerBuilder Replaces<TShape>(this RouteHandlerBuilder builder) => builder.Replaces(typeof(TShape));

    /// <summary>Its address takes these parameters.</summary>
    public static RouteHandlerBuilder Asks(this RouteHandlerBuilder builder, params string[] names) => builder.WithMetadata(new Parameters(names));
}

/// <summary>Fills in <c>/openapi/v1.json</c> what ASP.NET cannot see: bodies as their reader reads them, filters, rights, problems.</summary>
internal sealed class ApiDescription(ProbeKinds probes, ChannelKinds channels) : IOpenApiOperationTransformer, IOpenApiDocumentTransformer
{
    private const string Token = "token", Problem = "Problem";

    private const string ProblemSchema = """
        {"type": "object", "description": "RFC 9457; errors names every wrong field at once", "properties": {
            "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
            "errors": {"type": "array", "items": {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}}}}}
        """;

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new() { Title = "Picasoft.Ops", Version = "v1", Description = "Lists answer {items, next}: pass next as ?after= for more. Times are RFC 3339 in UTC, lengths of time 30s or 2h." };
        document.Components ??= new();
        document.AddComponent(Token, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A token made with ./ops token create, or its text as the password of Basic authentication. Beside an operation stands the scope that it needs." });
        document.AddComponent(Problem, Schema(ProblemSchema, document));
        return Task.CompletedTask;
    }

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var document = context.Document!;
        foreach (var name in metadata.OfType<Describing.Parameters>().SelectMany(p => p.Names))
            (operation.Parameters ??= []).Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        if (metadata.OfType<Describing.Body>().LastOrDefault() is { } body)
            operation.RequestBody = new OpenApiRequestBody { Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = new() { Schema = Schema(Drawn(body), document) } } };
        var rights = metadata.OfType<Microsoft.AspNetCore.Authorization.IAuthorizeData>().ToList();
        if (rights.Count == 0) return Task.CompletedTask;
        var scopes = rights.Select(a => a.Policy).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Token, document)] = scopes }];
        if (context.Description.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true)
            (operation.Responses ??= [])["default"] = new OpenApiResponse { Description = "A problem", Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(Problem, document) } } };
        return Task.CompletedTask;
    }

    private string Drawn(Describing.Body body)
    {
        var shape = body.Type;
        var schema = shape == typeof(ProbeInput) ? ShapeSchema.Json.Of(shape, "type", probes.All.Select(k => (k.Kind, k.SettingsType)), isNested: true)
            : shape == typeof(ChannelInput) ? ShapeSchema.Json.Of(shape, "type", channels.All.Select(k => (k.Kind, k.SettingsType)), isNested: false)
            : ShapeSchema.Json.Of(shape);
        if (body.HasVersion)
            foreach (var one in schema["oneOf"] is JsonArray kinds && schema["properties"] is null ? kinds.OfType<JsonObject>() : [schema]) Replacing(one);
        return schema.ToJsonString();
    }

    private static void Replacing(JsonObject schema)
    {
        schema["properties"]!["version"] = new JsonObject { ["type"] = "integer", ["minimum"] = 0, ["description"] = "As a GET answered it: refused with 409 when somebody changed it since." };
        // The name in the address counts when the body gives none.
        if (schema["required"] is JsonArray required && required.FirstOrDefault(r => r!.GetValue<string>() == "name") is { } name) required.Remove(name);
    }

    private static OpenApiSchema Schema(string json, OpenApiDocument document) => OpenApiModelFactory.Parse<OpenApiSchema>(json, OpenApiSpecVersion.OpenApi3_1, document, out _, "json")!;
}
