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

    public IEnumerable<FieldError> Check()
    {
        foreach (var (name, url) in Members)
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) yield return new($"members.{name}", Phrase.Of("recovery.bad_url", url));
    }
}
