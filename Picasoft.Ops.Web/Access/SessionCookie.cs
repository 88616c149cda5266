using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Web.Access;

/// <summary>The cookie of somebody who signed in. It is compared with the store twice a minute.</summary>
internal static class SessionCookie
{
    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = Schemes.CookieName;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Cookie.IsEssential = true;
        options.ExpireTimeSpan = TimeSpan.FromDays(14);
        options.SlidingExpiration = true;
        options.LoginPath = "/login";
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnRedirectToLogin = context =>
        {
            if (Schemes.IsForPrograms(context.Request.Path) || !HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                context.Response.Headers.WWWAuthenticate = TokenHandler.Challenge;
            }
            else context.Response.Redirect(context.RedirectUri);
            return Task.CompletedTask;
        };
        options.Events.OnRedirectToAccessDenied = context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        };
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        if (context.Properties.IssuedUtc is { } issued && now - issued < Principals.Recheck && now >= issued) return;
        var id = Principals.PersonId(context.Principal!);
        Person? person;
        try
        {
            person = id is null ? null : await services.GetRequiredService<PeopleQueries>().FindAsync(id.Value, context.HttpContext.RequestAborted);
        }
        catch (Exception e) when (StoreAway.Is(e) && Schemes.IsForAll(context.HttpContext))
        {
            context.RejectPrincipal(); // a stranger this once, who stays signed in: the page that says so, and its looks, are for everybody
            return;
        }
        if (!Principals.Holds(context.Principal!, person))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(Schemes.Cookie);
            return;
        }
        context.ReplacePrincipal(Principals.Of(person!)); // a new role or name counts from now on
        context.ShouldRenew = true;
    }
}
