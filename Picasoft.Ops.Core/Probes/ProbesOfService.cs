using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Inventory;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>Keeps a service from being deleted under its probes.</summary>
internal sealed class ProbesOfService : IInventoryUser
{
    public async Task<IReadOnlyList<string>> UsersOfServiceAsync(OpsDbContext db, string service, CancellationToken cancel) =>
        await db.Probes.Where(p => p.Service == service).OrderBy(p => p.Name).Select(p => "probe:" + p.Name).ToListAsync(cancel);
}
