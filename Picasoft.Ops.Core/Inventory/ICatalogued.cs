namespace Picasoft.Ops.Core.Inventory;

/// <summary>A thing of the catalogue: known by its name, and managed by people or by the configuration file.</summary>
public interface ICatalogued
{
    string Name { get; }

    /// <summary>True when <c>ops.yaml</c> manages it: read-only in the page.</summary>
    bool FromFile { get; set; }

    uint Version { get; }
}

/// <summary>The same thing as people write it.</summary>
public interface ICatalogueInput<TItem, TSelf> where TSelf : ICatalogueInput<TItem, TSelf>
{
    string Name { get; }

    void WriteTo(TItem item);

    static abstract TSelf Of(TItem item);
}
