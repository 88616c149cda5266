using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.People;

/// <summary>What knows people by their name. A name that stands there stays: after a change the message at night would reach nobody.</summary>
public interface IPersonUser
{
    /// <summary>Where this name stands, as <c>schedule:tech</c>; what the file manages says so. Asked under the lock of the change, within its transaction.</summary>
    Task<IReadOnlyList<string>> UsesAsync(OpsDbContext db, string name, CancellationToken cancel);
}
