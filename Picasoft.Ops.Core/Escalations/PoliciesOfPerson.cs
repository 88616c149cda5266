using Picasoft.Ops.Core.Alerts;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Escalations;

/// <summary>The escalations that tell somebody by name.</summary>
internal sealed class PoliciesOfPerson : IPersonUser
{
    public Task<IReadOnlyList<string>> UsesAsync(OpsDbContext db, string name, CancellationToken cancel) => db.EscalationsNamingAsync($"person:{name}", cancel);
}
