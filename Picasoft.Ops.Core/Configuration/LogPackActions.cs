using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.Logs;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Configuration;

/// <summary>Puts the rules of a pack among the log rules, and takes them out. From then on they are rules like others: each can be changed or turned off.</summary>
public sealed class LogPackActions(IDbContextFactory<OpsDbContext> contexts, LogRuleActions rules)
{
    /// <summary>Adds those that are not there yet; how many. All or none.</summary>
    public async Task<Outcome<int>> UseAsync(string name, string? service, string language, Actor actor, CancellationToken cancel)
    {
        if (LogPacks.Find(name) is not { } pack) return Refusal.NotFound("log_pack", name);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var names = pack.Rules.Select(r => r.Name).ToList();
        var there = await db.LogRules.Where(r => names.Contains(r.Name)).Select(r => r.Name).ToListAsync(cancel);
        var added = 0;
        foreach (var rule in pack.Rules.Where(r => !there.Contains(r.Name, StringComparer.Ordinal)))
        {
            var input = rule.In(language, string.IsNullOrEmpty(service) ? null : service);
            if (input.Refusal is { } wrong) return wrong;
            if ((await rules.SaveAsync(db, input.Value, null, actor, cancel)).Refusal is { } refusal) return refusal;
            added++;
        }
        await transaction.CommitAsync(cancel);
        return added;
    }

    /// <summary>Removes its rules, but those that <c>ops.yaml</c> manages; how many.</summary>
    public async Task<Outcome<int>> RemoveAsync(string name, Actor actor, CancellationToken cancel)
    {
        if (LogPacks.Find(name) is not { } pack) return Refusal.NotFound("log_pack", name);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var names = pack.Rules.Select(r => r.Name).ToList();
        var there = await db.LogRules.Where(r => names.Contains(r.Name) && !r.FromFile).OrderBy(r => r.Id).ToListAsync(cancel);
        foreach (var rule in there) await rules.RemoveAsync(db, rule, actor, cancel);
        await transaction.CommitAsync(cancel);
        return there.Count;
    }
}
