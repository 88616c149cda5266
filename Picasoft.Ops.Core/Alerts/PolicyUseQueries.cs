using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Alerts;

/// <summary>What escalations name must not go under them: a message would reach nobody, and a file that names it could not be applied again.</summary>
public static class PolicyUseQueries
{
    extension(OpsDbContext db)
    {
        /// <summary>The escalations that name a target, as <c>escalation:default</c>; those of the file say so.</summary>
        /// <param name="target">As they write it: <c>channel:tech-chat</c>, <c>schedule:tech</c>.</param>
        public async Task<IReadOnlyList<string>> EscalationsNamingAsync(string target, CancellationToken cancel) =>
            [.. (await db.Policies.AsNoTracking().Where(p => p.Kind == PolicyKind.Escalation).OrderBy(p => p.Name).ToListAsync(cancel))
                .Where(p => p.Definition.Contains($"\"{target}\"", StringComparison.Ordinal)).Select(p => $"escalation:{p.Name}" + (p.FromFile ? " (ops.yaml)" : ""))];
    }
}
