namespace Picasoft.Ops.Core.Primitives;

/// <summary>
/// Something that must never be seen: a password, a token, a header. Prints as dots everywhere;
/// <see cref="Reveal"/> is the only way to it, so that every use can be found by searching for that word.
/// </summary>
public sealed class Secret(string value) : IEquatable<Secret>
{
    /// <summary>What a reader sees in its place; sent back unchanged, it means "keep what you have".</summary>
    public const string Mask = "•••";

    public string Reveal() => value;

    public bool IsEmpty => value.Length == 0;

    public override string ToString() => IsEmpty ? "" : Mask;

    public bool Equals(Secret? other) => other is not null && string.Equals(value, other.Reveal(), StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(value);
}
