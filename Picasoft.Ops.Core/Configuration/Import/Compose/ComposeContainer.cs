namespace Picasoft.Ops.Core.Configuration.Import.Compose;

/// <summary>A port of a container that can be reached from outside.</summary>
/// <param name="Address">Where it listens; null: everywhere.</param>
internal sealed record PublishedPort(string? Address, int Port);

/// <summary>One service of a compose file, or one container that an engine runs.</summary>
internal sealed record ComposeContainer
{
    /// <summary>As the file calls it.</summary>
    public required string Key { get; init; }

    public string? Project { get; init; }

    /// <summary>The container's own name; null: nobody can tell.</summary>
    public string? Container { get; init; }

    public string Image { get; init; } = "";

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Keys of those it was said to need.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];

    /// <summary>Other words that its neighbours may say: container name, network aliases.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Networks by which its neighbours reach it; empty: nobody knows.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>What it is started with.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>It looks after its own health; the Engine knows how it is.</summary>
    public ComposeHealth? Health { get; init; }

    /// <summary>Whether one can speak to the other.</summary>
    public bool Reaches(ComposeContainer other) => Networks.Count == 0 || other.Networks.Count == 0 ? Project == other.Project : Networks.Intersect(other.Networks, StringComparer.Ordinal).Any();

    /// <summary>The program, without registry, owner and version: <c>postgres</c>.</summary>
    public string Program
    {
        get
        {
            var last = Image[(Image.LastIndexOf('/') + 1)..];
            return last.Split('@', ':')[0].ToLowerInvariant();
        }
    }
}
