namespace Picasoft.Ops.Core.Storage;

/// <summary>A row that is known by its name, and managed by people or by the configuration file.</summary>
public interface IManaged
{
    string Name { get; }

    /// <summary>True when <c>ops.yaml</c> manages it: read-only in the page.</summary>
    bool FromFile { get; }

    /// <summary>What it was when somebody looked: a change made from another is refused.</summary>
    uint Version { get; }
}
