using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Picasoft.Ops.Core.People;

namespace Picasoft.Ops.Web.Access;

/// <summary>An open page loses its access too: it can stay open for days without a request.</summary>
internal sealed class CircuitSession(ILoggerFactory logs, IServiceScopeFactory scopes) : RevalidatingServerAuthenticationStateProvider(logs)
{
    protected override TimeSpan RevalidationInterval => Principals.Recheck;

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        var user = authenticationState.User;
        if (Principals.PersonId(user) is not { } id) return false;
        await using var scope = scopes.CreateAsyncScope();
        var person = await scope.ServiceProvider.GetRequiredService<PeopleQueries>().FindAsync(id, cancellationToken);
        // With another role the page is loaded anew: the cookie, which is checked then, brings the new rights.
        return Principals.Holds(user, person) && Policies.ScopesOf(user) == Policies.ScopesOf(person!.Role);
    }
}
