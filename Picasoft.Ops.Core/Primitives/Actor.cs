namespace Picasoft.Ops.Core.Primitives;

/// <summary>What kind of actor changed something.</summary>
public enum ActorKind
{
    /// <summary>The product itself.</summary>
    System,
    /// <summary>Somebody signed in.</summary>
    Person,
    /// <summary>A program with an API token.</summary>
    Token,
    /// <summary>The configuration file.</summary>
    File,
}

/// <summary>Who does something; written into the timeline and the audit log, so the name is the one of that moment.</summary>
/// <param name="Kind">Person, program or the product.</param>
/// <param name="Id">The person's or token's id; 0 for the product and the file.</param>
/// <param name="Name">The name shown.</param>
/// <param name="Address">The remote IP address, if there is one.</param>
public sealed record Actor(ActorKind Kind, long Id, string Name, string? Address = null)
{
    /// <summary>The product itself.</summary>
    public static Actor System { get; } = new(ActorKind.System, 0, "Picasoft.Ops");
}
