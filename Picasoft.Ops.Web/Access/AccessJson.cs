using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Access;

/// <summary>Scopes as the words of the contract.</summary>
internal static class ScopeWords
{
    private static readonly Scopes[] _each = [Scopes.Read, Scopes.Respond, Scopes.Ingest, Scopes.Admin];

    public static IReadOnlyList<string> Of(Scopes scopes) => [.. _each.Where(s => scopes.HasFlag(s)).Select(s => Words.Of(s))];

    public static IReadOnlyList<Scopes> Each => _each;
}

/// <summary>What is written to invite somebody.</summary>
public sealed record PersonInput
{
    [Setting(Required = true, MaxLength = 256, Example = "camille@example.org")]
    public string Email { get; init; } = "";

    [Setting(MaxLength = 100)]
    public string? Name { get; init; }

    public Role Role { get; init; } = Role.Responder;
}

/// <summary>What is written to change somebody; what is not written stays.</summary>
public sealed record PersonChangeInput
{
    [Setting(MaxLength = 100)]
    public string? Name { get; init; }

    public Role? Role { get; init; }

    public bool? IsActive { get; init; }

    [Setting(MaxLength = 10)]
    public string? Language { get; init; }
}

/// <summary>A scope as one word.</summary>
public enum ScopeWord
{
    Read,
    Respond,
    Ingest,
    Admin,
}

/// <summary>What is written to make a token.</summary>
public sealed record TokenInput
{
    [Setting(Required = true, MaxLength = 100)]
    public string Name { get; init; } = "";

    [Setting(Required = true)]
    public IReadOnlyList<ScopeWord> Scopes { get; init; } = [];

    public DateTimeOffset? ExpiresAt { get; init; }

    public Scopes Flags() => Scopes.Aggregate(Core.People.Scopes.None, (all, one) => all | Enum.Parse<Scopes>(one.ToString()));
}

internal static class AccessJson
{
    public static object Of(Person p) => new { id = p.Id, name = p.Name, email = p.Email, role = p.Role, isActive = p.IsActive, language = p.Language, hasPassword = p.PasswordHash is not null, createdAt = p.CreatedAt };

    public static object AbsenceOf(Person p) => new { isSet = p.AbsenceUrl is not null, readAt = p.AbsenceReadAt, fault = p.AbsenceFault?.In() };

    public static object Of(ApiToken t) => new
    {
        id = t.Id,
        name = t.Name,
        prefix = t.Prefix,
        scopes = ScopeWords.Of(t.Scopes),
        createdAt = t.CreatedAt,
        createdBy = t.CreatedBy,
        expiresAt = t.ExpiresAt,
        revokedAt = t.RevokedAt,
        lastUsedAt = t.LastUsedAt,
    };

    public static object Of(AuditEntry a) => new
    {
        id = a.Id,
        at = a.At,
        actor = new { kind = a.ActorKind, id = a.ActorId, name = a.ActorName, address = a.Address },
        action = a.Action,
        target = a.Target,
        before = Node(a.Before),
        after = Node(a.After),
    };

    private static System.Text.Json.Nodes.JsonNode? Node(string? json) => json is null ? null : System.Text.Json.Nodes.JsonNode.Parse(json);
}
