using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Picasoft.Ops.Core.People;

namespace Picasoft.Ops.Web.Access;

/// <summary>Who may do what: sessions, tokens, policies, limits.</summary>
public static class AccessModule
{
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddAuthentication(Schemes.Either)
            .AddPolicyScheme(Schemes.Either, null, o => o.ForwardDefaultSelector = http => http.Request.Headers.ContainsKey("Authorization") ? Schemes.Token : Schemes.Cookie)
            .AddScheme<AuthenticationSchemeOptions, TokenHandler>(Schemes.Token, null)
            .AddCookie(Schemes.Cookie, SessionCookie.Configure);
        services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Read, p => Needs(p, Scopes.Read))
            .AddPolicy(Policies.Respond, p => Needs(p, Scopes.Respond))
            .AddPolicy(Policies.Ingest, p => Needs(p, Scopes.Ingest))
            .AddPolicy(Policies.Admin, p => Needs(p, Scopes.Admin))
            // What states no access has none. (No endpoint at all: 404 for whoever is signed in, the sign-in page for others.)
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser()
                .RequireAssertion(c => c.Resource is HttpContext http && http.GetEndpoint() is null).Build());
        services.AddSingleton<WrongTokenLimit>();
        services.AddRateLimiter(AttemptLimit.Configure);
        services.AddLogging(logs => logs.AddFilter(typeof(TokenHandler).FullName, LogLevel.Warning)); // a program without a token is no news
        services.AddScoped<AuthenticationStateProvider, CircuitSession>();
        return services;
    }

    public static void MapAccess(this IEndpointRouteBuilder app)
    {
        app.MapSession();
        app.MapPeople();
        app.MapTokens();
        app.MapAudit();
    }

    private static void Needs(AuthorizationPolicyBuilder policy, Scopes scope) =>
        policy.RequireAuthenticatedUser().RequireAssertion(c => Policies.ScopesOf(c.User).HasFlag(scope));
}
