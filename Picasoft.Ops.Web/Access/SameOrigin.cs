using Microsoft.AspNetCore.Http.Extensions;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Access;

/// <summary>
/// A change that rides on a cookie must come from our own pages. The browser says where it comes from (Sec-Fetch-Site, else Origin);
/// SameSite=Lax already keeps most away, but not a neighbour on the same domain.
/// </summary>
internal static class SameOrigin
{
    public static IApplicationBuilder UseSameOrigin(this IApplicationBuilder app, OpsSettings settings) => app.Use((http, next) =>
    {
        if (IsSafe(http.Request.Method) || !RidesOnCookie(http.Request) || IsOurs(http.Request, settings.PublicUrl)) return next(http);
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    });

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool RidesOnCookie(HttpRequest request) => !request.Headers.ContainsKey("Authorization") && request.Cookies.ContainsKey(Schemes.CookieName);

    private static bool IsOurs(HttpRequest request, string? publicUrl)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site) return site == "same-origin";
        var origin = request.Headers.Origin.ToString();
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var from)) return false;
        return Same(from, UriHelper.BuildAbsolute(request.Scheme, request.Host)) || (publicUrl is not null && Same(from, publicUrl));
    }

    private static bool Same(Uri from, string ours) =>
        Uri.TryCreate(ours, UriKind.Absolute, out var us) && Uri.Compare(from, us, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
