using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Picasoft.Ops.Tests.Support;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>A route of the running application, whoever wrote it, and an address that leads to it.</summary>
internal sealed partial record Route(RouteEndpoint Endpoint, string Method)
{
    public string Path { get; } = "/" + Parameter().Replace(Endpoint.RoutePattern.RawText ?? "", m => m.Groups["kind"].Value == "guid" ? Guid.Empty.ToString() : m.Groups["name"].Value == "documentName" ? "v1" : "1").TrimStart('/');

    public bool IsAnonymous => Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    public bool IsPage => Method == "GET" && Component is not null;

    /// <summary>The page; null: it is none.</summary>
    public Type? Component => Endpoint.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type;

    public IReadOnlyList<string> Needs => [.. Endpoint.Metadata.OfType<IAuthorizeData>().Select(a => a.Policy ?? "signed in")];

    public static IEnumerable<Route> All(RunningApp app) => app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => !IsStaticAsset(e))
        .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"]).Select(m => new Route(e, m)));

    public HttpRequestMessage Request(string query = "", HttpContent? body = null) => new(new(Method), Path + query) { Content = body };

    public override string ToString() => $"{Method} {Path}";

    // Files of ours; a build that was not published also looks for new ones, which nobody needs to reach.
    private static bool IsStaticAsset(RouteEndpoint endpoint) =>
        endpoint.Metadata.Any(m => m.GetType().Name == "StaticAssetDescriptor") || endpoint.RoutePattern.RawText == "{**path:file}";

    [GeneratedRegex(@"\{\*{0,2}(?<name>\w+)(:(?<kind>\w+)[^}]*)?[^}]*\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();
}
