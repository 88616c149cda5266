namespace Picasoft.Ops.Core.Primitives;

/// <summary>Where something stands in a file; both count from 1.</summary>
public readonly record struct InputPlace(int Line, int Column);

/// <summary>What somebody wrote, before it means anything: the common form of YAML, JSON and forms, so that all three are read by one reader and told the same errors.</summary>
public abstract record InputNode(InputPlace? Place)
{
    /// <summary>It was written as JSON, where fields are named in camelCase; in YAML they are in snake_case. Errors name them as their writer does.</summary>
    public bool IsJson { get; init; }
}

/// <summary>A single value as text. <paramref name="IsQuoted"/>: written as a string, so <c>"30"</c> is not a number; a form cannot tell and says false.</summary>
public sealed record InputScalar(string? Text, bool IsQuoted, InputPlace? Place) : InputNode(Place);

/// <summary>A list of values.</summary>
public sealed record InputList(IReadOnlyList<InputNode> Items, InputPlace? Place) : InputNode(Place);

/// <summary>Names and values, in the order they were written; a name given twice is there twice.</summary>
public sealed record InputMap(IReadOnlyList<InputEntry> Entries, InputPlace? Place) : InputNode(Place)
{
    /// <summary>The value under a name (case and underscores do not matter), or null.</summary>
    public InputNode? this[string name] =>
        Entries.LastOrDefault(e => string.Equals(Words.Plain(e.Name), Words.Plain(name), StringComparison.OrdinalIgnoreCase))?.Value;
}

/// <summary>A name and its value.</summary>
public sealed record InputEntry(string Name, InputNode Value, InputPlace? Place);
