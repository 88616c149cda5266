using System.Globalization;
using System.Security.Claims;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Access;

/// <summary>Names of the authorization policies, one per scope; every route and endpoint states one.</summary>
public static class Policies
{
    public const string Read = "read";
    public const string Respond = "respond";
    public const string Ingest = "ingest";
    public const string Admin = "admin";

    /// <summary>Claim that carries <see cref="Scopes"/> as a number, for people and tokens alike.</summary>
    public const string ScopesClaim = "ops:scopes";

    /// <summary>Claim that carries <see cref="ActorKind"/>.</summary>
    public const string KindClaim = "ops:kind";

    /// <summary>What a role may do.</summary>
    public static Scopes ScopesOf(Role role) => role switch
    {
        Role.Viewer => Scopes.Read,
        Role.Responder => Scopes.Read | Scopes.Respond,
        _ => Scopes.All,
    };

    public static Scopes ScopesOf(ClaimsPrincipal user) =>
        int.TryParse(user.FindFirstValue(ScopesClaim), NumberStyles.None, CultureInfo.InvariantCulture, out var scopes) ? (Scopes)scopes : Scopes.None;

    /// <summary>Who does this, for timelines and the audit log.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in: the route forgot to state its access.</exception>
    public static Actor ActorOf(ClaimsPrincipal user, string? address = null) => new(
        Enum.Parse<ActorKind>(user.FindFirstValue(KindClaim) ?? throw new InvalidOperationException("No actor: the route states no access.")),
        long.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier)!, CultureInfo.InvariantCulture),
        user.FindFirstValue(ClaimTypes.Name)!,
        address);

    public static Actor Actor(this HttpContext http) => ActorOf(http.User, http.Connection.RemoteIpAddress?.ToString());
}
