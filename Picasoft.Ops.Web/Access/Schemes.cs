using Microsoft.AspNetCore.Authorization;

namespace Picasoft.Ops.Web.Access;

/// <summary>The ways to say who one is.</summary>
public static class Schemes
{
    /// <summary>Chooses: a request with an Authorization header is a program's, every other a person's.</summary>
    public const string Either = "either";

    public const string Cookie = "cookie";
    public const string Token = "token";

    /// <summary>Name of the session cookie.</summary>
    public const string CookieName = "ops-session";

    /// <summary>Paths that only programs ask for: they get problem details and 401, never a page or a redirect.</summary>
    public static bool IsForPrograms(PathString path) => _programs.Any(p => path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether what is asked for is open to all. Known once the endpoint is.</summary>
    public static bool IsForAll(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    private static readonly PathString[] _programs = ["/api", "/openapi", "/metrics", "/healthz", "/readyz", "/-", "/ping", "/loki", "/v1", "/hooks", "/oncall", "/badge", "/status/api", "/status/feed.atom"];
}
