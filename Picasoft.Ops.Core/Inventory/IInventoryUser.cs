using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>A part above the inventory whose things name services (probes, later heartbeats and rules): what they name must not be deleted.</summary>
public interface IInventoryUser
{
    /// <summary>What uses the service, as <c>probe:mattermost-ping</c>.</summary>
    Task<IReadOnlyList<string>> UsersOfServiceAsync(OpsDbContext db, string service, CancellationToken cancel);
}
