namespace Picasoft.Ops.Tests.Drills;

/// <summary>One thing that is broken.</summary>
/// <param name="Name">As it is printed.</param>
/// <param name="IsShort">Part of the short form.</param>
/// <param name="Break">Breaks it at once; what it returns mends it again.</param>
internal sealed record Scenario(string Name, bool IsShort, Func<Rig, Task<Broken>> Break)
{
    /// <summary>Somebody wanted it so: the aim is shorter, and nobody need be paged.</summary>
    public bool IsPlanned { get; init; }

    /// <summary>The worked example that it is about, and that must be taken along; null: none.</summary>
    public string? Example { get; init; }
}

/// <summary>Something that is broken now.</summary>
/// <param name="What">In words, for the report.</param>
/// <param name="Watched">The services of which the product should notice one and page; empty: it is over too soon for a human to be woken.</param>
/// <param name="MendAsync">Gives it back.</param>
internal sealed record Broken(string What, string[] Watched, Func<Task> MendAsync)
{
    /// <summary>Ids that a client on a machine that was cut off saw acknowledged.</summary>
    public Task<IReadOnlyList<long>>? Island { get; init; }

    /// <summary>Further proof that it went well; null: it did.</summary>
    public Func<Task<string?>>? CheckAsync { get; init; }
}

/// <summary>What a drill has in hand.</summary>
internal sealed record Rig(Lab Lab, Cluster Cluster, Product Product, Watch Watch, Action<string> Say, CancellationToken Cancel);
