using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>A thing of the catalogue: the file's and people's alike.</summary>
public interface ICatalogued : IManaged
{
    new bool FromFile { get; set; }

    bool IManaged.FromFile => FromFile;
}

/// <summary>The same thing as people write it.</summary>
public interface ICatalogueInput<TItem, TSelf> where TSelf : ICatalogueInput<TItem, TSelf>
{
    string Name { get; }

    void WriteTo(TItem item);

    static abstract TSelf Of(TItem item);
}
