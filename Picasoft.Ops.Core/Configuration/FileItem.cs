using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>One thing that the file describes.</summary>
/// <param name="Kind">Its word: <c>service</c>.</param>
/// <param name="Name">Unique among its kind.</param>
/// <param name="Input">What was read: the record of its section.</param>
/// <param name="Written">As it will be stored, with its secrets; only ever compared.</param>
/// <param name="Path">Where it stands: <c>services[2]</c>.</param>
/// <param name="Place">The same as line and column.</param>
public sealed record FileItem(string Kind, string Name, object Input, InputMap Written, string Path, InputPlace? Place);

/// <summary>One thing names another.</summary>
/// <param name="Kind">What the other is.</param>
/// <param name="Name">How it is called.</param>
public sealed record Use(string Kind, string Name);

/// <summary>One thing that the store holds.</summary>
/// <param name="Written">As it is, with its secrets; only ever compared. Null when they cannot be opened: then the file puts it right.</param>
/// <param name="FromFile">The file manages it; else people do, and the file leaves it alone.</param>
/// <param name="Entity">The row.</param>
public sealed record StoredItem(string Kind, string Name, InputMap? Written, bool FromFile, IReadOnlyList<Use> Uses, object Entity);

/// <summary>One section of <c>ops.yaml</c>: how its things are read, found in the store, changed there and written out. A new section is one file and one line in <see cref="ConfigurationModule"/>.</summary>
public interface IFileSection
{
    /// <summary>Its key in the file: <c>services</c>.</summary>
    string Section { get; }

    /// <summary>The word for one of its things: <c>service</c>.</summary>
    string Kind { get; }

    /// <summary>There is one of it, written as names and values instead of a list.</summary>
    bool IsSingle => false;

    /// <summary>The fields that name other things, and of which kind.</summary>
    IReadOnlyList<(string Field, string Kind)> Names => [];

    /// <summary>The field in which one of its things holds more of the same: routes within a route. Null: none does.</summary>
    string? Within => null;

    /// <summary>Names of its things that exist without being written.</summary>
    IReadOnlyList<string> Implied => [];

    /// <summary>What people made under the same name is taken over instead of being an error.</summary>
    bool Adopts => false;

    /// <summary>Reads one thing; null when it cannot be, for the reasons added to <paramref name="errors"/>. Pure.</summary>
    FileItem? Read(InputNode node, string path, List<FieldError> errors);

    /// <summary>Rules between several things of the section, such as cycles, also over those that could not be read; paths from the root.</summary>
    IEnumerable<FieldError> Check(IReadOnlyList<InputNode> written) => [];

    /// <summary>All that the store holds, by name.</summary>
    Task<IReadOnlyList<StoredItem>> LoadAsync(OpsDbContext db, CancellationToken cancel);

    /// <summary>Creates or replaces within the caller's transaction, with its audit entry.</summary>
    Task<Refusal?> SaveAsync(OpsDbContext db, FileItem item, StoredItem? existing, ApplyContext context, CancellationToken cancel);

    /// <summary>Deletes within the caller's transaction, with its audit entry.</summary>
    Task RemoveAsync(OpsDbContext db, StoredItem item, ApplyContext context, CancellationToken cancel);

    /// <summary>As people would write it; <paramref name="secret"/> says what to write for a secret at a path.</summary>
    InputMap Export(StoredItem item, Func<string, Secret, string> secret);

    /// <summary>JSON Schema of one thing.</summary>
    System.Text.Json.Nodes.JsonObject Schema();
}

/// <summary>Who applies a file, and when.</summary>
public sealed record ApplyContext(Actor Actor, DateTimeOffset Now);
