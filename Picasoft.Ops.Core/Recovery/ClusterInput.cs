using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Recovery;

/// <summary>What keeps several machines in step; each has a class in <c>Engines</c>.</summary>
public enum EngineKind
{
    /// <summary>PostgreSQL under Patroni; addresses of its REST API.</summary>
    Patroni,
    /// <summary>HAProxy; addresses of its statistics page.</summary>
    Haproxy,
    /// <summary>Something of which exactly one may answer: an address that says 200 where it is active.</summary>
    Active,
    /// <summary>OpenLDAP servers that copy each other; addresses such as <c>ldap://10.0.0.1:389/dc=example,dc=org</c>, whose contextCSN anybody may read.</summary>
    Ldap,
    /// <summary>The one address that keepalived moves; addresses of each machine's HAProxy (docker/ha: port 7001), and in <c>address</c> the one that moves.</summary>
    Address,
}

/// <summary>Several machines that stand in for each other, as people write it: <c>{name: database, service: postgres, engine: patroni, members: {alice: "http://10.0.0.1:8008"}}</c>.</summary>
public sealed record ClusterInput : IChecked
{
    [Setting(Required = true, Name = true, Example = "database")]
    public string Name { get; init; } = "";

    /// <summary>What is in trouble when this is.</summary>
    [Setting(Name = true, Example = "postgres")]
    public string? Service { get; init; }

    [Setting(Required = true)]
    public EngineKind? Engine { get; init; }

    /// <summary>Each machine, and where it answers.</summary>
    [Setting(Required = true, MaxLength = 500)]
    public IReadOnlyDictionary<string, string> Members { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Of engine <c>address</c>: where whoever holds it answers.</summary>
    [Setting(MaxLength = 500, Example = "http://10.0.0.10:7001")]
    public string? Address { get; init; }

    public IEnumerable<FieldError> Check()
    {
        foreach (var (name, url) in Members)
            if (Engine == EngineKind.Ldap ? !IsLdap(url) : !IsWeb(url)) yield return new($"members.{name}", Phrase.Of(Engine == EngineKind.Ldap ? "recovery.bad_ldap" : "recovery.bad_url", url));
        if (Engine == EngineKind.Address && string.IsNullOrWhiteSpace(Address)) yield return new("address", Phrase.Of("input.required"));
        if (Engine != EngineKind.Address && !string.IsNullOrWhiteSpace(Address)) yield return new("address", Phrase.Of("recovery.no_address"));
        if (!string.IsNullOrWhiteSpace(Address) && !IsWeb(Address)) yield return new("address", Phrase.Of("recovery.bad_url", Address));
    }

    private static bool IsWeb(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https");

    private static bool IsLdap(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == "ldap" && address.Host.Length > 0 && address.AbsolutePath.Length > 1;
}
