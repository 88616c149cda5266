using System.Globalization;
using System.Security.Claims;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Access;

/// <summary>People and tokens as claims, and whether old claims still hold.</summary>
public static class Principals
{
    private const string StampClaim = "ops:stamp";

    /// <summary>How old claims may get before they are compared with the store.</summary>
    public static readonly TimeSpan Recheck = TimeSpan.FromSeconds(30);

    public static ClaimsPrincipal Of(Person person) => Of(Schemes.Cookie, ActorKind.Person, person.Id, person.Name, Policies.ScopesOf(person.Role), new Claim(StampClaim, person.SecurityStamp ?? ""));

    public static ClaimsPrincipal Of(ApiToken token) => Of(Schemes.Token, ActorKind.Token, token.Id, token.Name, token.Scopes);

    public static long? PersonId(ClaimsPrincipal user) =>
        user.FindFirstValue(Policies.KindClaim) == nameof(ActorKind.Person) && long.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>True while this session may go on: the person is active and has not changed the password elsewhere.</summary>
    public static bool Holds(ClaimsPrincipal user, Person? person) =>
        person is { IsActive: true } && PersonId(user) == person.Id && user.FindFirstValue(StampClaim) == (person.SecurityStamp ?? "");

    private static ClaimsPrincipal Of(string scheme, ActorKind kind, long id, string name, Scopes scopes, params Claim[] more) => new(new ClaimsIdentity(
    [
        new(ClaimTypes.NameIdentifier, id.ToString(CultureInfo.InvariantCulture)),
        new(ClaimTypes.Name, name),
        new(Policies.KindClaim, kind.ToString()),
        new(Policies.ScopesClaim, ((int)scopes).ToString(CultureInfo.InvariantCulture)),
        .. more,
    ], scheme));
}
