using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;

namespace Picasoft.Ops.Web.Access;

/// <summary>What sets cookies: signing out, the language. Forms of our pages post here, with their antiforgery token.</summary>
internal static class SessionEndpoints
{
    public static void MapSession(this IEndpointRouteBuilder app)
    {
        app.MapPost("/logout", async (HttpContext http, [FromForm] string? returnUrl) =>
        {
            await http.SignOutAsync(Schemes.Cookie);
            return Results.LocalRedirect(LocalUrl.Or(returnUrl, "/login"));
        }).RequireAuthorization(Policies.Read).ExcludeFromDescription();

        app.MapPost("/language", (HttpContext http, [FromForm] string? language, [FromForm] string? returnUrl) =>
        {
            SetLanguage(http, language);
            return Results.LocalRedirect(LocalUrl.Or(returnUrl, "/"));
        }).RequireAuthorization(Policies.Read).ExcludeFromDescription();

        app.MapGet("/api/v1/me", (HttpContext http) =>
        {
            var actor = http.Actor();
            return Shell.Api.Json(new { kind = actor.Kind, id = actor.Id, name = actor.Name, scopes = ScopeWords.Of(Policies.ScopesOf(http.User)) });
        }).RequireAuthorization().WithSummary("Who the caller is, and what they may do");
    }

    /// <summary>Remembers the language of the pages; anything but <c>fr</c> and <c>en</c> changes nothing.</summary>
    internal static void SetLanguage(HttpContext http, string? language)
    {
        if (language is not ("fr" or "en")) return;
        http.Response.Cookies.Append(CookieRequestCultureProvider.DefaultCookieName, CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language)),
            new() { MaxAge = TimeSpan.FromDays(365), HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, IsEssential = true });
    }
}

/// <summary>Where a form may lead back to: only our own pages.</summary>
internal static class LocalUrl
{
    public static string Or(string? url, string otherwise) =>
        IsLocal(url) ? url! : otherwise;

    private static bool IsLocal(string? url) =>
        url is { Length: > 0 and <= 2000 } && url[0] == '/' && !(url.Length > 1 && url[1] is '/' or '\\') && !url.Any(char.IsControl);
}
